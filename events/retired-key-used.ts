import * as z from 'zod/mini';
import { type DetailOf, defineEvent } from './define-event';
import { instant, kmsKeyArn, text } from './fields';

/**
 * Somebody tried to use a KMS key that its retirement had disabled, and failed.
 *
 * Published by: functions/record-key-events. Read by: functions/retire-key.
 * Delivery: at least once, unordered. Deduplicate on factId.
 */
export const retiredKeyUsed = defineEvent('retired-key-used', 1, {
  kmsKeyArn,
  customerId: z.optional(text),
  /** What was tried, and how it failed, in AWS's words. */
  observed: text,
  /** When, by CloudTrail, which tells seconds only. */
  usedAt: instant,
});
export type RetiredKeyUsed = DetailOf<typeof retiredKeyUsed>;
