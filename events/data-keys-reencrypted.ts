import * as z from 'zod/mini';
import { type DetailOf, defineEvent } from './define-event';
import { keyMaterialId, kmsKeyArn, text, wholeNumber } from './fields';

/**
 * A re-encryption job is finished: nothing that could be moved is left under the old wrapping.
 *
 * Published by: functions/reencrypt-data-keys. Read by: functions/retire-key.
 * Delivery: at least once, unordered. Deduplicate on jobId.
 */
export const dataKeysReencrypted = defineEvent('data-keys-reencrypted', 1, {
  jobId: text,
  kmsKeyArn,
  keyMaterialId,
  toKmsKeyArn: kmsKeyArn,
  rotationId: z.optional(text),
  customerId: z.optional(text),
  total: wholeNumber,
  reencrypted: wholeNumber,
  quarantined: wholeNumber,
});
export type DataKeysReencrypted = DetailOf<typeof dataKeysReencrypted>;
