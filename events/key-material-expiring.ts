import * as z from 'zod/mini';
import { type DetailOf, defineEvent } from './define-event';
import { instant, kmsKeyArn, text } from './fields';

/**
 * Imported key material expires soon: from then on nothing under the key opens until it is imported again.
 *
 * Published by: functions/rotate-key. Read by: functions/page-oncall, people.
 * Delivery: at least once, unordered. Deduplicate on kmsKeyArn and expiresAt.
 */
export const keyMaterialExpiring = defineEvent('key-material-expiring', 1, {
  kmsKeyArn,
  customerId: z.optional(text),
  /** When KMS deletes the material. */
  expiresAt: instant,
});
export type KeyMaterialExpiring = DetailOf<typeof keyMaterialExpiring>;
