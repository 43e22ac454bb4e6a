import * as z from 'zod/mini';
import { type DetailOf, defineEvent } from './define-event';
import { kmsKeyArn, text } from './fields';

/**
 * A rotation cannot go on until somebody mends what is named.
 *
 * Published by: functions/rotate-key. Read by: on-call, people.
 * Delivery: at least once, unordered. Deduplicate on rotationId.
 */
export const rotationBlocked = defineEvent('rotation-blocked', 1, {
  rotationId: text,
  kmsKeyArn,
  customerId: z.optional(text),
  reason: text,
});
export type RotationBlocked = DetailOf<typeof rotationBlocked>;
