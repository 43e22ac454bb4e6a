import * as z from 'zod/mini';
import { type DetailOf, defineEvent } from './define-event';
import { keyMaterialId, kmsKeyArn, rotationStrategy, text } from './fields';

/**
 * A KMS key got new key material, or a new KMS key took its place; also when somebody else did it and we noticed.
 *
 * Published by: functions/rotate-key. Read by: functions/reencrypt-data-keys.
 * Delivery: at least once, unordered. Deduplicate on rotationId.
 */
export const keyRotated = defineEvent('key-rotated', 1, {
  rotationId: text,
  kmsKeyArn,
  customerId: z.optional(text),
  strategy: rotationStrategy,
  startedBy: z.enum(['schedule', 'person', 'observed']),
  fromKeyMaterialId: keyMaterialId,
  toKmsKeyArn: kmsKeyArn,
  toKeyMaterialId: keyMaterialId,
  reencrypt: z.boolean(),
});
export type KeyRotated = DetailOf<typeof keyRotated>;
