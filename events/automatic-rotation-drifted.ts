import * as z from 'zod/mini';
import { type DetailOf, defineEvent } from './define-event';
import { kmsKeyArn, text, wholeNumber } from './fields';

/**
 * Somebody changed in KMS how often a key rotates by itself, after its policy had set it.
 *
 * Published by: functions/rotate-key, once for each setting that it finds. Read by: functions/record-key-events, functions/page-oncall, people.
 * Delivery: at least once, unordered. Deduplicate on factId.
 */
export const automaticRotationDrifted = defineEvent('automatic-rotation-drifted', 1, {
  kmsKeyArn,
  customerId: z.optional(text),
  /** What KMS says: `off`, or `every N days`. */
  found: text,
  /** How often the policy has it rotate. */
  wantedDays: wholeNumber,
  /** Whether it is set back; otherwise it is only reported. */
  repaired: z.boolean(),
});
export type AutomaticRotationDrifted = DetailOf<typeof automaticRotationDrifted>;
