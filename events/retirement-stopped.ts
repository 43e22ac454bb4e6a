import * as z from 'zod/mini';
import { type DetailOf, defineEvent } from './define-event';
import { kmsKeyArn, text } from './fields';

/**
 * The retirement of a KMS key stopped, because somebody used the key or changed it in KMS, and a person has to look.
 *
 * Published by: functions/retire-key. Read by: functions/page-oncall.
 * Delivery: at least once, unordered. Deduplicate on factId.
 */
export const retirementStopped = defineEvent('retirement-stopped', 1, {
  kmsKeyArn,
  customerId: z.optional(text),
  reason: text,
});
export type RetirementStopped = DetailOf<typeof retirementStopped>;
