import * as z from 'zod/mini';
import { type DetailOf, defineEvent } from './define-event';
import { instant, kmsKeyArn, text } from './fields';

/**
 * The KMS key of a customer's data store, or data keys of that data store, were declared compromised. How much it was is
 * counted from here on: the compromise's status tells.
 *
 * Published by: functions/contain-compromise for a KMS key, functions/api for data keys. Read by: customers, people.
 * Delivery: at least once, unordered. Deduplicate on compromiseId, customerId and dataStoreId.
 */
export const dataStoreExposed = defineEvent('data-store-exposed', 1, {
  /** The compromise: every fact about it carries the same one. */
  compromiseId: text,
  customerId: text,
  /** The data store whose data it protected. */
  dataStoreId: text,
  /** What is compromised: the KMS key, or data keys that are wrapped under it. */
  what: z.enum(['kms-key', 'data-keys']),
  kmsKeyArn,
  reason: text,
  /** From when on somebody else may have used it; absent: always. */
  since: z.optional(instant),
});
export type DataStoreExposed = DetailOf<typeof dataStoreExposed>;
