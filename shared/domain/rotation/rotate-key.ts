/**
 * rotate-key: takes an open rotation one step further, by its strategy.
 *
 * The key names its open rotation, and only that one is worked: a fact about any other is late. What KMS shows is looked
 * at before anything is asked of it, so that a rotation somebody else did counts as done.
 */

import { rotationBlocked } from '../../../events/rotation-blocked';
import type { RotationDue } from '../../../events/rotation-due';
import { KeywrightError } from '../errors';
import { lostKey } from '../keys/lost-key';
import { transition } from '../legal-moves';
import { newFact } from '../outbox/new-fact';
import { mustFind } from '../require-row';
import { retryOnConflict } from '../retry-on-conflict';
import { ROTATION_MOVES, type Rotation } from './rotation';
import { waitsForKey } from './rotation-limits';
import { completeRotation } from './strategies/complete-rotation';
import { hasOtherStrategy } from './strategies/follow-policy';
import { newMaterialOf } from './strategies/new-material';
import { STRATEGIES } from './strategies/strategies';
import type { Progress, RotatePorts, RotationContext } from './strategies/strategy';
import { isOpen, nextOpening } from './work-window';

/** `over`: this rotation is not, or no longer, the key's open one. */
export type RotateOutcome = Progress['kind'] | 'over';

/**
 * Takes the rotation a step further.
 *
 * Safe to repeat, at any time and at the same time: a rotation that is over is left alone, and KMS is not asked to
 * rotate a second time. What cannot go on by itself is recorded as blocked, with the reason and a fact, once.
 *
 * @throws KeywrightError `state.not-found`; `kms.*`, `sts.*` and `store.unreachable` that may pass (retry).
 */
export async function rotateKey(due: Pick<RotationDue, 'rotationId'>, ports: RotatePorts): Promise<RotateOutcome> {
  return retryOnConflict(async () => {
    const open = await openOf(due.rotationId, ports);
    if (!open) return 'over';
    const progress = await progressOf(open, ports);
    if (progress.kind === 'blocked') await block(open.rotation, progress.reason, ports);
    if (progress.kind === 'rotated') await complete(progress, ports);
    return progress.kind;
  });
}

async function openOf(rotationId: string, { control }: RotatePorts): Promise<RotationContext | undefined> {
  const rotation = await mustFind('rotation', rotationId, { control });
  const key = await control.find('kms-key', rotation.kmsKeyArn);
  if (key?.openRotationId !== rotationId) return undefined;
  return { rotation, key, policy: await control.find('rotation-policy', key.kmsKeyArn) };
}

async function progressOf(open: RotationContext, ports: RotatePorts): Promise<Progress> {
  const { rotation, key } = open;
  const lost = waitsForKey(rotation.strategy, key) ? lostKey(key) : undefined;
  if (lost) return { kind: 'blocked', reason: `${lost.code}: ${lost.message}` };
  try {
    const newer = rotation.strategy === 'replace' ? undefined : await newMaterialOf(key, ports.observer);
    if (newer) return { kind: 'rotated', to: { ...newer, kmsKeyArn: key.kmsKeyArn }, open };
    if (mustWait(open, ports)) return await waitForOpening(open, ports);
    return await STRATEGIES[rotation.strategy](open, ports);
  } catch (error) {
    if (!(error instanceof KeywrightError) || error.retry) throw error;
    return { kind: 'blocked', reason: `${error.code}: ${error.message}` };
  }
}

/** What has begun to take a key's place is ended at any hour, and a person decides for themselves. */
function mustWait({ rotation, key, policy }: RotationContext, { clock }: RotatePorts): boolean {
  if (rotation.startedBy === 'person' || key.state !== 'active') return false;
  return !isOpen(policy?.window, clock.now());
}

/** What came too late in one window is looked at when the next one opens. */
async function waitForOpening(
  { rotation, key, policy }: RotationContext,
  { control, clock }: RotatePorts,
): Promise<Progress> {
  const dueAt = nextOpening(policy?.window, clock.now());
  const isNew = rotation.state === 'requested' && rotation.reminded === undefined;
  if (policy && isNew && policy.dueAt > dueAt && !hasOtherStrategy(rotation, key, policy)) {
    await control.commit({ writes: [{ entityType: 'rotation-policy', row: { ...policy, dueAt } }], facts: [] });
  }
  return { kind: 'waiting' };
}

async function complete({ to, open }: Extract<Progress, { kind: 'rotated' }>, ports: RotatePorts): Promise<void> {
  const { rotation, key, policy } = open;
  await ports.control.commit(completeRotation(rotation, key, policy, to, ports));
  ports.log.info('key rotated', {
    kmsKeyArn: key.kmsKeyArn,
    rotationId: rotation.rotationId,
    strategy: rotation.strategy,
  });
}

async function block(seen: Rotation, reason: string, ports: RotatePorts): Promise<void> {
  const { control, log } = ports;
  // The strategy may have committed before it was refused, and somebody else may have ended the rotation meanwhile.
  const rotation = (await control.find('rotation', seen.rotationId)) ?? seen;
  if (rotation.state === 'rotated' || rotation.state === 'done') return;
  const isReported = rotation.blockedBy === reason;
  if (isReported && rotation.state === 'blocked') return;
  const { rotationId, kmsKeyArn, customerId } = rotation;
  const fact = newFact(rotationBlocked, ports, {
    rotationId,
    kmsKeyArn,
    customerId,
    reason,
  });
  const row = transition(ROTATION_MOVES, rotation, { ...rotation, state: 'blocked', blockedBy: reason });
  await control.commit({ writes: [{ entityType: 'rotation', row }], facts: isReported ? [] : [fact] });
  log.warn('rotation blocked', { kmsKeyArn, rotationId, reason });
}
