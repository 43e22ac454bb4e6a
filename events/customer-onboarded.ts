import { type DetailOf, defineEvent } from './define-event';
import { kmsKeyArn, text } from './fields';

/**
 * A customer and their data stores were registered.
 *
 * Published by: onboarding. Read by: people.
 * Delivery: at least once, unordered. Deduplicate on customerId.
 */
export const customerOnboarded = defineEvent('customer-onboarded', 1, {
  customerId: text,
  option: text,
  kmsKeyArn,
});
export type CustomerOnboarded = DetailOf<typeof customerOnboarded>;
