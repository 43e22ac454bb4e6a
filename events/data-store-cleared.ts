import { type DetailOf, defineEvent } from './define-event';
import { text, wholeNumber } from './fields';

/**
 * The application has gone through a data store and found nothing that a compromised data key still protects.
 *
 * Published by: functions/api. Read by: customers, people.
 * Delivery: at least once, unordered. Deduplicate on compromiseId, customerId and dataStoreId.
 */
export const dataStoreCleared = defineEvent('data-store-cleared', 1, {
  /** The compromise: every fact about it carries the same one. */
  compromiseId: text,
  customerId: text,
  /** The data store that is clear. */
  dataStoreId: text,
  /** Records that were protected anew, as the application counted them. */
  reprotected: wholeNumber,
  /** Who confirmed it: the caller’s ARN. */
  confirmedBy: text,
});
export type DataStoreCleared = DetailOf<typeof dataStoreCleared>;
