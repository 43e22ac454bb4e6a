import * as z from 'zod/mini';
import { type DetailOf, defineEvent } from './define-event';
import { kmsKeyArn, text } from './fields';

export const retirementStage = z.enum([
  'watching',
  'quiet',
  'disable-due',
  'disabled',
  'deletable',
  'deletion-scheduled',
  'deleted',
]);

/**
 * The retirement of a KMS key went on to another stage, or back.
 *
 * Back to `watching` means that the key is in use again, and `reason` says why.
 *
 * Published by: functions/retire-key, functions/delete-key, functions/api. Read by: customers, people.
 * Delivery: at least once, unordered. Deduplicate on factId.
 */
export const retirementAdvanced = defineEvent('retirement-advanced', 1, {
  kmsKeyArn,
  customerId: z.optional(text),
  from: retirementStage,
  to: retirementStage,
  reason: z.optional(text),
  /** Who moved it; absent where it moved by its terms. */
  by: z.optional(text),
  /** The certificate that was the last one then. */
  certificateHash: z.optional(text),
});
export type RetirementAdvanced = DetailOf<typeof retirementAdvanced>;
