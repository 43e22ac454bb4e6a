/**
 * The `kms-automatic` strategy: KMS rotates by itself, as often as the policy says. The rotation stays open until it does,
 * and each look at it sees whether somebody has changed the setting.
 */

import { type AutomaticRotationDrifted, automaticRotationDrifted } from '../../../../events/automatic-rotation-drifted';
import { elapsedMs } from '../../instants';
import { type KmsKey, toObserve } from '../../keys/kms-key';
import { transition } from '../../legal-moves';
import { newFact } from '../../outbox/new-fact';
import { ROTATION_MOVES, type Rotation } from '../rotation';
import { AUTOMATIC_DAYS, unfitFor } from '../rotation-limits';
import { SETTLE_MS } from './consistency-delay';
import { hasOtherStrategy } from './follow-policy';
import type { Progress, RotatePorts, RotationContext } from './strategy';

/** What KMS does when no period is named. Source: KMS API reference, EnableKeyRotation. */
const DEFAULT_DAYS = 365;

/** `kms-automatic`: KMS rotates by itself; its setting is made, and watched for drift. Safe to repeat. */
export async function ensureAutomatic(open: RotationContext, ports: RotatePorts): Promise<Progress> {
  const { rotation, key, policy } = open;
  // The planner gives it another strategy when that is due: until then KMS's setting stays as it is.
  if (policy && hasOtherStrategy(rotation, key, policy)) return WAITING;
  const wantedDays = policy?.periodDays ?? DEFAULT_DAYS;
  const { min, max } = AUTOMATIC_DAYS;
  if (wantedDays < min || wantedDays > max) {
    const reason = `periodDays: KMS rotates every ${min} to ${max} days, not every ${wantedDays}.`;
    return { kind: 'blocked', reason };
  }
  const status = await ports.observer.rotationStatus(toObserve(key));
  const foundDays = status.automatic ? (status.periodDays ?? wantedDays) : undefined;
  return foundDays === wantedDays ? noteAsWanted(open, wantedDays, ports) : setAnew(foundDays, wantedDays, open, ports);
}

async function noteAsWanted({ rotation }: RotationContext, days: number, ports: RotatePorts): Promise<Progress> {
  const { drift, ...settled } = rotation;
  const isNoted = rotation.automatic?.days === days && drift === undefined && rotation.state === 'rotating';
  if (!isNoted) await commit(asSet(settled, days, ports), ports);
  return { kind: 'waiting' };
}

async function setAnew(foundDays: number | undefined, wantedDays: number, open: RotationContext, ports: RotatePorts) {
  const { rotation, key } = open;
  const { automatic } = rotation;
  const wasSet = automatic?.days === wantedDays;
  if (wasSet && elapsedMs(automatic.setAt, ports.clock.now()) < (ports.settleMs ?? SETTLE_MS)) return WAITING;
  if (wasSet) return repair(foundDays, wantedDays, open, ports);
  const unfit = unfitFor('kms-automatic', await ports.observer.describe(toObserve(key)));
  if (unfit !== undefined) return { kind: 'blocked', reason: unfit } as const;

  await enable(key, wantedDays, ports);
  await commit(asSet(rotation, wantedDays, ports), ports);
  return WAITING;
}

/** Where the policy wants it only reported, nothing is touched. */
async function repair(foundDays: number | undefined, wantedDays: number, open: RotationContext, ports: RotatePorts) {
  const repaired = open.policy?.onDrift !== 'report';
  const found = foundDays === undefined ? 'off' : `every ${foundDays} days`;
  const { drift, ...rotation } = await reportDrift(open.rotation, { found, wantedDays, repaired }, ports);
  if (!repaired) return WAITING;
  await enable(open.key, wantedDays, ports);
  await commit(asSet(rotation, wantedDays, ports), ports);
  return WAITING;
}

type Drift = Pick<AutomaticRotationDrifted, 'found' | 'wantedDays' | 'repaired'>;

/** Once for each setting that is found. @returns the rotation as it is then. */
async function reportDrift(rotation: Rotation, drift: Drift, ports: RotatePorts): Promise<Rotation> {
  const { control, log } = ports;
  if (rotation.drift === drift.found) return rotation;
  const { kmsKeyArn, customerId } = rotation;
  const row = { ...rotation, drift: drift.found };
  const fact = newFact(automaticRotationDrifted, ports, { kmsKeyArn, customerId, ...drift });
  await control.commit({ writes: [{ entityType: 'rotation', row }], facts: [fact] });
  log.warn('automatic rotation was changed in KMS', { kmsKeyArn, ...drift });
  return { ...row, revision: row.revision + 1 };
}

/** Restarts KMS's clock: only where the setting is not as wanted. */
async function enable(key: KmsKey, periodDays: number, { administrator, log }: RotatePorts): Promise<void> {
  await administrator.enableAutomaticRotation(key, periodDays);
  log.info('automatic rotation set', { kmsKeyArn: key.kmsKeyArn, periodDays });
}

const WAITING: Progress = { kind: 'waiting' };

const asSet = (rotation: Rotation, days: number, { clock }: RotatePorts): Rotation =>
  transition(ROTATION_MOVES, rotation, { ...rotation, state: 'rotating', automatic: { days, setAt: clock.now() } });

const commit = (row: Rotation, { control }: RotatePorts) =>
  control.commit({ writes: [{ entityType: 'rotation', row }], facts: [] });
