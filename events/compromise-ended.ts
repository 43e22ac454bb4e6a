import * as z from 'zod/mini';
import { type DetailOf, defineEvent } from './define-event';
import { kmsKeyArn, text, wholeNumber } from './fields';

/**
 * Nothing is protected by what was compromised any more, as far as it was to be protected anew.
 *
 * Published by: functions/contain-compromise, functions/api. Read by: customers, people.
 * Delivery: at least once, unordered. Deduplicate on compromiseId.
 */
export const compromiseEnded = defineEvent('compromise-ended', 1, {
  /** The compromise: every fact about it carries the same one. */
  compromiseId: text,
  kmsKeyArn: z.optional(kmsKeyArn),
  customerId: z.optional(text),
  /** Data stores with data that it protected. */
  dataStores: wholeNumber,
  /** Data keys that it protected, or that are compromised themselves. */
  dataKeys: wholeNumber,
});
export type CompromiseEnded = DetailOf<typeof compromiseEnded>;
