import * as z from 'zod/mini';
import { type DetailOf, defineEvent } from './define-event';
import { kmsKeyArn, rotationStrategy, text } from './fields';

/**
 * A rotation goes on by another strategy, because its own has come to a limit of KMS.
 *
 * Published by: functions/rotate-key. Read by: functions/record-key-events, people.
 * Delivery: at least once, unordered. Deduplicate on rotationId.
 */
export const rotationStrategyChanged = defineEvent('rotation-strategy-changed', 1, {
  rotationId: text,
  kmsKeyArn,
  customerId: z.optional(text),
  /** By which strategy it began. */
  from: rotationStrategy,
  /** By which strategy it goes on. */
  to: rotationStrategy,
  reason: text,
});
export type RotationStrategyChanged = DetailOf<typeof rotationStrategyChanged>;
