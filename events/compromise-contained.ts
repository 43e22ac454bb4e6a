import * as z from 'zod/mini';
import { type DetailOf, defineEvent } from './define-event';
import { instant, kmsKeyArn, text, wholeNumber } from './fields';

/**
 * Nothing new is protected by what is compromised: another KMS key has taken the place of a KMS key and holds all its
 * data keys; compromised data keys are used to read only.
 *
 * Published by: functions/contain-compromise for a KMS key, functions/api for data keys. Read by: customers, people.
 * Delivery: at least once, unordered. Deduplicate on compromiseId.
 */
export const compromiseContained = defineEvent('compromise-contained', 1, {
  /** The compromise: every fact about it carries the same one. */
  compromiseId: text,
  kmsKeyArn: z.optional(kmsKeyArn),
  customerId: z.optional(text),
  /** Data stores with data that it protected. */
  dataStores: wholeNumber,
  /** Data keys that it protected, or that are compromised themselves. */
  dataKeys: wholeNumber,
  /** A scan that begins after this instant misses nothing: no process still holds a compromised data key for new data. */
  cleanFrom: z.optional(instant),
});
export type CompromiseContained = DetailOf<typeof compromiseContained>;
