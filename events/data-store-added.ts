import { type DetailOf, defineEvent } from './define-event';
import { kmsKeyArn, text } from './fields';

/**
 * A data store was registered for a customer who was registered before.
 *
 * Published by: functions/api. Read by: people, the customer's audit stream.
 * Delivery: at least once, unordered. Deduplicate on factId.
 */
export const dataStoreAdded = defineEvent('data-store-added', 1, {
  customerId: text,
  /** The data store, by the customer's name for it. */
  dataStoreId: text,
  /** What kind of place it is: `application`, or the AWS store that does it by itself. */
  kind: text,
  kmsKeyArn,
  /** The principal that AWS names to the function URL. */
  addedBy: text,
});
export type DataStoreAdded = DetailOf<typeof dataStoreAdded>;
