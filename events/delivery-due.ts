import { type DetailOf, defineEvent } from './define-event';
import { text } from './fields';

/**
 * More entries wait for a subscription than one run sends.
 *
 * Published by: functions/deliver-entries. Read by: functions/deliver-entries.
 * Delivery: at least once, unordered. Deduplicate on factId.
 */
export const deliveryDue = defineEvent('delivery-due', 1, {
  customerId: text,
  /** Its name among the customer’s. */
  subscription: text,
});
export type DeliveryDue = DetailOf<typeof deliveryDue>;
