/**
 * Second stage: another KMS key takes the place of the compromised one, by the rotation that does so for any key.
 *
 * Nothing stands in its way: a rotation that waits for KMS is made a replacement, and jobs that only wrap data keys under
 * newer material of the same key are cancelled, since the replacement's own job moves all of it. Those that move data keys
 * off it already go first from now on.
 */

import type { RotationStrategy } from '../../../../events/fields';
import { isHeldByCustomer } from '../../customers/encryption-options';
import { hasCode } from '../../errors';
import type { KmsKey } from '../../keys/kms-key';
import { transition } from '../../legal-moves';
import { cancelJob } from '../../reencryption/jobs/cancel-job';
import { setPriority } from '../../reencryption/jobs/set-priority';
import { ROTATION_MOVES, type Rotation } from '../../rotation/rotation';
import { dueFact, openRotation } from '../../rotation/strategies/open-rotation';
import type { Compromise } from '../compromise';
import type { CompromisePorts } from '../ports';
import { restartInventory } from './inventory-data-keys';
import type { StageOf, Step } from './stage';

/** Has another key take the key's place, once. Safe to repeat: a rotation that was begun is waited for. */
export const replaceKey: StageOf = async (compromise, key, ports) => {
  await hurryJobs(compromise, key, ports);
  if (key.replacedBy !== undefined) return replaced(compromise, key, ports);
  if (await isLeft(key, ports)) return { kind: 'on', compromise: restartInventory(compromise) };
  if (await cancelIdleJobs(key, ports)) return { kind: 'on', compromise };

  const open = key.openRotationId ? await ports.control.find('rotation', key.openRotationId) : undefined;
  if (!open) return compromise.rotationId === undefined ? begin(compromise, key, ports) : waiting(compromise, ASKED);
  if (open.strategy !== strategyFor(key)) return supersede(compromise, open, key, ports);
  const underWay = open.strategy === 'customer' ? ASKED : 'Another KMS key is taking its place.';
  const why = open.blockedBy ?? underWay;
  return waiting({ ...compromise, rotationId: open.rotationId }, why);
};

const ASKED =
  'New material is not enough: the customer has to put another KMS key in its place, and register it with us.';

const strategyFor = ({ option }: KmsKey): RotationStrategy => (isHeldByCustomer(option) ? 'customer' : 'replace');

const waiting = (compromise: Compromise, why: string): Step => ({ kind: 'waiting', compromise, why });

/** Its data stores have moved. Data keys that moved with them are not used for new data any more. */
async function replaced(compromise: Compromise, key: KmsKey, ports: CompromisePorts): Promise<Step> {
  if (key.openRotationId !== undefined) return waiting(compromise, 'Its data stores are moved to the other KMS key.');
  const inPlace = await lastOf(key, ports);
  const row = { ...inPlace, dataKeysFrom: ports.clock.now() };
  return { kind: 'on', compromise: restartInventory(compromise), writes: [{ entityType: 'kms-key', row }] };
}

/** More replacements of replacements than this are a circle. */
const SUCCESSORS_MAX = 20;

/** The key that is in the place of this one now. */
async function lastOf(key: KmsKey, { control }: CompromisePorts): Promise<KmsKey> {
  let last = key;
  for (let step = 0; step < SUCCESSORS_MAX && last.replacedBy !== undefined; step += 1) {
    const next = await control.find('kms-key', last.replacedBy);
    if (!next) break;
    last = next;
  }
  return last;
}

/**
 * Nothing is protected with it any more, without a replacement of ours. A key of ours that no data store names may be about
 * to take another's place: it is replaced like any other.
 */
async function isLeft({ kmsKeyArn, state, option }: KmsKey, { control }: CompromisePorts): Promise<boolean> {
  if (state === 'disabled' || state === 'deletion-scheduled') return true;
  if (!isHeldByCustomer(option)) return false;
  for await (const { customerId: _one } of control.ofKmsKey('data-store', kmsKeyArn)) return false;
  return true;
}

async function hurryJobs({ declaredBy }: Compromise, { kmsKeyArn, jobIds = [] }: KmsKey, ports: CompromisePorts) {
  for (const jobId of jobIds) {
    const job = await ports.control.find('reencryption-job', jobId);
    if (job?.kmsKeyArn !== kmsKeyArn || job.toKmsKeyArn === kmsKeyArn) continue;
    await setPriority(jobId, 'compromise', declaredBy, ports).catch((error) => {
      // It has ended in between.
      if (!hasCode(error, 'state.forbids')) throw error;
    });
  }
}

/** @returns whether there were any: the key has changed since it was read. */
async function cancelIdleJobs({ jobIds = [] }: KmsKey, ports: CompromisePorts): Promise<boolean> {
  const jobs = await Promise.all(jobIds.map((jobId) => ports.control.find('reencryption-job', jobId)));
  const idle = jobs.filter((job) => job !== undefined && job.kmsKeyArn === job.toKmsKeyArn);
  for (const job of idle) if (job) await cancelJob(job.jobId, ports);
  return idle.length > 0;
}

function begin(compromise: Compromise, key: KmsKey, ports: CompromisePorts): Step {
  const { rotation, writes, facts } = openRotation(key, { strategy: strategyFor(key), startedBy: 'person' }, ports);
  return { ...waiting({ ...compromise, rotationId: rotation.rotationId }, 'Its rotation has begun.'), writes, facts };
}

function supersede(compromise: Compromise, open: Rotation, key: KmsKey, ports: CompromisePorts): Step {
  const { askedAt: _asked, idleSince: _idle, blockedBy: _blocked, ...kept } = open;
  const rotation = transition(ROTATION_MOVES, open, {
    ...kept,
    strategy: strategyFor(key),
    startedBy: 'person',
    state: 'requested',
  });
  return {
    ...waiting({ ...compromise, rotationId: rotation.rotationId }, 'Its open rotation was made a replacement.'),
    // The key as it was read, still naming the rotation: one that has ended meanwhile is not opened again.
    writes: [
      { entityType: 'rotation', row: rotation },
      { entityType: 'kms-key', row: key },
    ],
    facts: [dueFact(rotation, ports)],
  };
}
