import * as z from 'zod/mini';
import { type DetailOf, defineEvent } from './define-event';
import { text, wholeNumber } from './fields';

/**
 * Somebody set what is agreed with a customer about the availability of their data.
 *
 * Published by: functions/api. Read by: customers, people.
 * Delivery: at least once, unordered. Deduplicate on factId.
 */
export const serviceLevelSet = defineEvent('service-level-set', 1, {
  customerId: text,
  /** In percent of the window. */
  targetPercent: z.number(),
  /** Over which time it is measured: `30d`, or `month` for the calendar month in UTC. */
  window: text,
  /** Clauses by which time is not burnt. */
  exclude: z.array(text),
  /** Within how many minutes of a loss the customer is to be told. */
  noticeMinutes: z.optional(wholeNumber),
  /** The contract's own word for how much the customer weighs. */
  tier: z.optional(text),
  /** How often their keys are probed at the least, in seconds. */
  probeEverySeconds: z.optional(wholeNumber),
  /** The principal that AWS names to the function URL. */
  setBy: text,
});
export type ServiceLevelSet = DetailOf<typeof serviceLevelSet>;
