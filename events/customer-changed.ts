import { type DetailOf, defineEvent } from './define-event';
import { text } from './fields';

/**
 * Somebody changed what a customer is called.
 *
 * Published by: functions/api. Read by: people, the customer's audit stream.
 * Delivery: at least once, unordered. Deduplicate on factId.
 */
export const customerChanged = defineEvent('customer-changed', 1, {
  customerId: text,
  /** What the customer is called now. */
  name: text,
  /** The principal that AWS names to the function URL. */
  changedBy: text,
});
export type CustomerChanged = DetailOf<typeof customerChanged>;
