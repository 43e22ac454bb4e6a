import { type DetailOf, defineEvent } from './define-event';
import { kmsKeyArn, rotationStrategy, text } from './fields';

/**
 * A rotation was asked for: by its policy, or by a person.
 *
 * Published by: functions/plan-rotations. Read by: functions/rotate-key.
 * Delivery: at least once, unordered. Deduplicate on rotationId.
 */
export const rotationDue = defineEvent('rotation-due', 1, {
  rotationId: text,
  kmsKeyArn,
  strategy: rotationStrategy,
});
export type RotationDue = DetailOf<typeof rotationDue>;
