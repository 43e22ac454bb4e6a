import * as z from 'zod/mini';
import { type DetailOf, defineEvent } from './define-event';
import { instant, kmsKeyArn, text, wholeNumber } from './fields';

/**
 * An operator is asked to import new key material, which KMS then rotates to: once when the rotation is due, and again
 * at intervals until it is there or was asked for the last time.
 *
 * Published by: functions/rotate-key. Read by: functions/record-key-events, people.
 * Delivery: at least once, unordered. Deduplicate on rotationId and times.
 */
export const keyMaterialRequested = defineEvent('key-material-requested', 1, {
  rotationId: text,
  kmsKeyArn,
  customerId: z.optional(text),
  /** When the material that is in use expires, where it does. */
  expiresAt: z.optional(instant),
  /** How often it was asked for, this time included. */
  times: wholeNumber,
  /** How often it is asked for at most. */
  timesMax: wholeNumber,
});
export type KeyMaterialRequested = DetailOf<typeof keyMaterialRequested>;
