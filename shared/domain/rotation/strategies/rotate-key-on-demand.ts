/**
 * The `kms-on-demand` strategy: KMS is asked once, and finishes later.
 *
 * A key has 25 such rotations for life. How many are spent, KMS lists: a count of our own would miss those that people
 * ask for. Before they run out, the rotation goes on by another key taking this one's place, which has its own 25.
 */

import { rotationStrategyChanged } from '../../../../events/rotation-strategy-changed';
import { hasCode, KeywrightError } from '../../errors';
import { elapsedMs, later } from '../../instants';
import { toObserve } from '../../keys/kms-key';
import { transition } from '../../legal-moves';
import { newFact } from '../../outbox/new-fact';
import type { Write } from '../../ports';
import { ROTATION_MOVES, type Rotation } from '../rotation';
import { ON_DEMAND_KEPT, ON_DEMAND_MAX } from '../rotation-limits';
import type { RotationPolicy } from '../rotation-policy';
import { SETTLE_MS } from './consistency-delay';
import { newMaterialOf } from './new-material';
import { dueFact, RECHECK_MS } from './open-rotation';
import type { Progress, RotatePorts, RotationContext } from './strategy';

/**
 * Asks KMS once. That we ask is committed before: of two copies of this one asks. One that comes back after a crash asks
 * again only when KMS has been idle for `settleMs`, seen twice: each time it spends another of the key's 25.
 */
export async function rotateOnDemand(open: RotationContext, ports: RotatePorts): Promise<Progress> {
  const { rotation, key } = open;
  const { inProgress } = await ports.observer.rotationStatus(toObserve(key));
  if (inProgress) return { kind: 'waiting' };
  // KMS may have finished between the look at its material and the look at its status.
  const newer = await newMaterialOf(key, ports.observer);
  if (newer) return { kind: 'rotated', to: { ...newer, kmsKeyArn: key.kmsKeyArn }, open };
  if (rotation.askedAt !== undefined && !(await hasBeenIdle(rotation, ports))) return { kind: 'waiting' };

  const spent = (await ports.observer.materials(toObserve(key))).filter(({ onDemand }) => onDemand).length;
  const mayAsk = spent < ON_DEMAND_MAX - (rotation.startedBy === 'person' ? 0 : ON_DEMAND_KEPT);
  return mayAsk ? ask(open, ports) : fallOver(rotation, spent, ports);
}

async function hasBeenIdle(rotation: Rotation, ports: RotatePorts): Promise<boolean> {
  const now = ports.clock.now();
  if (rotation.idleSince === undefined) {
    await commitRotation({ ...rotation, idleSince: now }, ports);
    return false;
  }
  return elapsedMs(rotation.idleSince, now) >= (ports.settleMs ?? SETTLE_MS);
}

async function ask({ rotation, key, policy }: RotationContext, ports: RotatePorts): Promise<Progress> {
  const { idleSince: _over, ...open } = rotation;
  const asked = transition(ROTATION_MOVES, rotation, { ...open, state: 'rotating', askedAt: ports.clock.now() });
  const writes = [{ entityType: 'rotation', row: asked }, ...inSight(policy, ports)] as const;
  await ports.control.commit({ writes, facts: [] });
  try {
    await ports.administrator.rotateOnDemand(key);
  } catch (error) {
    // An answer that says no has spent nothing. No answer may have.
    if (!(error instanceof KeywrightError) || error.code === 'kms.unreachable') throw error;
    return refused({ ...asked, revision: asked.revision + 1 }, error, ports);
  }
  ports.log.info('rotation asked for', { kmsKeyArn: key.kmsKeyArn, rotationId: rotation.rotationId });
  return { kind: 'waiting' };
}

/** Whatever the policy's strategy and window: what KMS was asked for is looked at soon. */
function inSight(policy: RotationPolicy | undefined, { clock }: RotatePorts): readonly Write[] {
  const dueAt = later(clock.now(), RECHECK_MS['kms-on-demand']);
  return policy && policy.dueAt > dueAt ? [{ entityType: 'rotation-policy', row: { ...policy, dueAt } }] : [];
}

/** @throws KeywrightError what KMS said, unless there is a way on. */
async function refused(
  { askedAt: _no, ...rotation }: Rotation,
  error: KeywrightError,
  ports: RotatePorts,
): Promise<Progress> {
  if (hasCode(error, 'kms.limit-exceeded')) return fallOver(rotation, ON_DEMAND_MAX, ports);
  await commitRotation(rotation, ports);
  // An automatic rotation runs, or will within 20 minutes: its material is noticed, or KMS is asked by a later look.
  if (hasCode(error, 'kms.conflict')) return { kind: 'waiting' };
  throw error;
}

/** Material that was imported stays with its key: there somebody has to decide. */
async function fallOver(rotation: Rotation, spent: number, ports: RotatePorts): Promise<Progress> {
  const reason = `${spent} of the ${ON_DEMAND_MAX} on-demand rotations that KMS allows a key for life are spent, and the last ${ON_DEMAND_KEPT} are kept for emergencies.`;
  if (rotation.strategy !== 'kms-on-demand') {
    return {
      kind: 'blocked',
      reason: `${reason} Make a new key, import material into it and let it replace this one.`,
    };
  }
  const { askedAt: _asked, idleSince: _idle, blockedBy: _mended, ...kept } = rotation;
  const again = { strategy: 'replace', requestedAt: ports.clock.now() } as const;
  const row = transition(ROTATION_MOVES, rotation, { ...kept, ...again, state: 'requested' });
  const { rotationId, kmsKeyArn, customerId } = rotation;
  const fact = newFact(rotationStrategyChanged, ports, {
    rotationId,
    kmsKeyArn,
    customerId,
    from: rotation.strategy,
    to: row.strategy,
    reason,
  });
  await ports.control.commit({ writes: [{ entityType: 'rotation', row }], facts: [fact, dueFact(row, ports)] });
  ports.log.warn('rotation goes on by replacing the key', { kmsKeyArn, rotationId, spent });
  return { kind: 'waiting' };
}

const commitRotation = (row: Rotation, { control }: RotatePorts) =>
  control.commit({ writes: [{ entityType: 'rotation', row }], facts: [] });
