import * as z from 'zod/mini';
import { type DetailOf, defineEvent } from './define-event';
import { text, wholeNumber } from './fields';

/**
 * A drill ended: a KMS key of ours that protects nothing was really taken away and given back, and what was measured is told. No
 * customer's key was touched.
 *
 * Published by: functions/run-drill. Read by: functions/page-oncall, the stream of the customer who asked for it.
 * Delivery: at least once, unordered. Deduplicate on drillId.
 */
export const drillEnded = defineEvent('drill-ended', 1, {
  drillId: text,
  /** The customer who asked for it; absent of drills of our own. */
  customerId: z.optional(text),
  /** What was done to the key. */
  cause: text,
  /** Failed where a target was missed. */
  outcome: z.enum(['passed', 'failed']),
  /** Which targets were missed, in words of one list: begin, detect, cause, contain, page, recover. */
  missed: z.array(text),
  /** From the act to our confirmed verdict, in milliseconds; absent where there was none. */
  detectMs: z.optional(wholeNumber),
  /** From the act until applications could read that the key is lost, in milliseconds; absent where they could not. */
  containMs: z.optional(wholeNumber),
  /** From the act until the page was taken, in milliseconds; absent where it was not. */
  pageMs: z.optional(wholeNumber),
  /** From the way back until we had verified that the key serves again, in milliseconds; absent where we had not. */
  recoverMs: z.optional(wholeNumber),
  /** Who asked for it: a principal, or the schedule. */
  requestedBy: text,
});
export type DrillEnded = DetailOf<typeof drillEnded>;
