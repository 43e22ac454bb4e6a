import { type DetailOf, defineEvent } from './define-event';
import { text, wholeNumber } from './fields';

/**
 * The next batch of one shard of a re-encryption job may be worked.
 *
 * Published by: functions/reencrypt-data-keys. Read by: functions/reencrypt-data-keys.
 * Delivery: at least once, unordered. Deduplicate on jobId, shard and batch.
 */
export const reencryptionBatchDue = defineEvent('reencryption-batch-due', 1, {
  jobId: text,
  shard: wholeNumber,
  batch: wholeNumber,
});
export type ReencryptionBatchDue = DetailOf<typeof reencryptionBatchDue>;
