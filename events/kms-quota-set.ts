import { type DetailOf, defineEvent } from './define-event';
import { text, wholeNumber } from './fields';

/**
 * A person said how large a KMS request quota is, or what of it re-encryption never takes.
 *
 * Published by: functions/api. Read by: the operator's stream.
 * Delivery: at least once, unordered. Deduplicate on factId.
 */
export const kmsQuotaSet = defineEvent('kms-quota-set', 1, {
  /** `own/eu-central-1`; in a customer's account `123456789012/eu-central-1`. */
  quotaId: text,
  /** Requests a second that the quota has. */
  perSecond: wholeNumber,
  /** Of them, those that re-encryption never takes. */
  reserved: wholeNumber,
  /** Who said so. */
  by: text,
});
export type KmsQuotaSet = DetailOf<typeof kmsQuotaSet>;
