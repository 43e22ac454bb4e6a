/** An open rotation whose policy has another strategy by now, and which has changed nothing yet, goes on by that one. */

import type { KmsKey } from '../../keys/kms-key';
import { transition } from '../../legal-moves';
import { ROTATION_MOVES, type Rotation } from '../rotation';
import type { RotationPolicy } from '../rotation-policy';
import { nextDueAt } from '../rotation-rule';

/**
 * Whether the policy was given another strategy since the rotation began. What a person asked for, and what KMS was asked
 * for, goes on as it began. KMS rotates automatically in its own time: that may be changed at any moment.
 */
export function hasOtherStrategy(open: Rotation, key: KmsKey, policy: RotationPolicy): boolean {
  const { ruledAt, strategy } = policy;
  if (open.strategy === strategy || open.startedBy !== 'schedule' || key.state !== 'active') return false;
  // It has ended since its key was read.
  if (open.state === 'rotated' || open.state === 'done') return false;
  if (ruledAt === undefined || ruledAt < open.requestedAt) return false;
  return open.strategy === 'kms-automatic' || (open.state !== 'rotating' && open.askedAt === undefined);
}

/**
 * When it goes on by the other strategy, at the earliest now: one that only had KMS rotate may not be due yet, unless
 * something has made it so.
 */
export function otherDueAt(open: Rotation, policy: RotationPolicy, now: string): string {
  if (open.strategy !== 'kms-automatic' || policy.triggered) return now;
  const dueAt = nextDueAt(policy, policy.since ?? open.requestedAt);
  return dueAt > now ? dueAt : now;
}

/** The rotation as it goes on. */
export function byPolicy(open: Rotation, { strategy }: RotationPolicy, now: string): Rotation {
  const { automatic: _set, drift: _seen, blockedBy: _before, ...kept } = open;
  return transition(ROTATION_MOVES, open, { ...kept, strategy, state: 'requested', requestedAt: now });
}
