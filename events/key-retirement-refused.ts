import * as z from 'zod/mini';
import { type DetailOf, defineEvent } from './define-event';
import { kmsKeyArn, text, wholeNumber } from './fields';

/**
 * A KMS key stays in use because something still needs it.
 *
 * Published by: functions/retire-key. Read by: people.
 * Delivery: at least once, unordered. Deduplicate on kmsKeyArn and at.
 */
export const keyRetirementRefused = defineEvent('key-retirement-refused', 1, {
  kmsKeyArn,
  customerId: z.optional(text),
  references: z.array(text),
  dataKeys: wholeNumber,
  dataStores: wholeNumber,
});
export type KeyRetirementRefused = DetailOf<typeof keyRetirementRefused>;
