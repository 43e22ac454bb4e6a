import { type DetailOf, defineEvent } from './define-event';
import { kmsKeyArn, text } from './fields';

/**
 * A customer pointed the alias of the KMS key that their data depends on at another KMS key. Whether that is a rotation,
 * only they know: they are asked. Until they register the other key, their data stays under the first one.
 *
 * Published by: functions/rotate-key. Read by: functions/record-key-events, functions/page-oncall, people.
 * Delivery: at least once, unordered. Deduplicate on factId.
 */
export const customerAliasMoved = defineEvent('customer-alias-moved', 1, {
  /** The KMS key that their data depends on. */
  kmsKeyArn,
  customerId: text,
  /** `alias/<name>`, of the customer’s account. */
  alias: text,
  /** The KMS key that the alias points at now. */
  toKmsKeyArn: kmsKeyArn,
});
export type CustomerAliasMoved = DetailOf<typeof customerAliasMoved>;
