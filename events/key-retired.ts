import * as z from 'zod/mini';
import { type DetailOf, defineEvent } from './define-event';
import { kmsKeyArn, text } from './fields';

/**
 * A KMS key was disabled after verification that nothing needs it.
 *
 * Published by: functions/retire-key. Read by: customers, people.
 * Delivery: at least once, unordered. Deduplicate on kmsKeyArn.
 */
export const keyRetired = defineEvent('key-retired', 1, {
  kmsKeyArn,
  customerId: z.optional(text),
  replacedBy: z.optional(kmsKeyArn),
});
export type KeyRetired = DetailOf<typeof keyRetired>;
