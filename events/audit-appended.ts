import { type DetailOf, defineEvent } from './define-event';
import { text, wholeNumber } from './fields';

/**
 * Entries were appended to a customer's audit stream and its checkpoint was signed.
 *
 * Published by: functions/append-audit. Read by: functions/deliver-entries.
 * Delivery: at least once, unordered. Deduplicate on customerId and size.
 */
export const auditAppended = defineEvent('audit-appended', 1, {
  customerId: text,
  fromIndex: wholeNumber,
  size: wholeNumber,
  rootHash: text,
});
export type AuditAppended = DetailOf<typeof auditAppended>;
