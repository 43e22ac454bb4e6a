/** start-reencryption: a key was rotated, so what is under its old material is to be wrapped anew. */

import type { KeyRotated } from '../../../events/key-rotated';
import { KeywrightError } from '../errors';
import type { KmsKey } from '../keys/kms-key';
import { transition } from '../legal-moves';
import type { ControlStore, Log } from '../ports';
import { mustFind } from '../require-row';
import { retryOnConflict } from '../retry-on-conflict';
import { ROTATION_MOVES } from '../rotation/rotation';
import { type BeginPorts, beginJob } from './jobs/begin-job';
import { termsAfterRotation } from './jobs/job-terms';

export interface StartPorts extends BeginPorts {
  readonly control: ControlStore;
  readonly log: Log;
}

/** More replacements of replacements than this are a circle. */
const SUCCESSORS_MAX = 20;

/**
 * Begins the job of a rotation. The job has the rotation's id: a repeated fact begins no second one.
 *
 * @throws KeywrightError `state.not-found`, `state.forbids`; `state.changed-meanwhile` (retry), `store.unreachable` (retry).
 */
export async function startReencryption(rotated: KeyRotated, ports: StartPorts): Promise<void> {
  if (!rotated.reencrypt) return;
  const { rotationId, kmsKeyArn, fromKeyMaterialId } = rotated;
  await retryOnConflict(async () => {
    if (await ports.control.find('reencryption-job', rotationId)) return;
    const from = await mustFind('kms-key', kmsKeyArn, ports);
    // It has retired since: it is verified that nothing is under it.
    if (from.state !== 'active' && from.state !== 'retiring') return endRotation(rotationId, ports);
    const to = await successorOf(rotated.toKmsKeyArn, ports);
    const toKeyMaterialId = to.kmsKeyArn === rotated.toKmsKeyArn ? rotated.toKeyMaterialId : to.keyMaterialId;
    const terms = await termsAfterRotation({ from, to }, ports);
    const plan = { jobId: rotationId, rotationId, from, fromKeyMaterialId, to, toKeyMaterialId, terms };
    await ports.control.commit(beginJob(plan, ports));
    ports.log.info('re-encryption begun', { jobId: rotationId, kmsKeyArn, toKmsKeyArn: to.kmsKeyArn });
  });
}

async function endRotation(rotationId: string, { control, clock }: StartPorts): Promise<void> {
  const rotation = await control.find('rotation', rotationId);
  if (rotation?.state !== 'rotated') return;
  const row = transition(ROTATION_MOVES, rotation, { ...rotation, state: 'done', doneAt: clock.now() });
  await control.commit({ writes: [{ entityType: 'rotation', row }], facts: [] });
}

/** The key itself, or the one that has taken its place since: nothing is moved to a key that is on its way out. */
export async function successorOf(kmsKeyArn: string, ports: Pick<StartPorts, 'control'>): Promise<KmsKey> {
  let key = await mustFind('kms-key', kmsKeyArn, ports);
  for (let step = 0; step < SUCCESSORS_MAX && key.replacedBy !== undefined; step += 1) {
    key = await mustFind('kms-key', key.replacedBy, ports);
  }
  if (key.state === 'active') return key;
  const message = `Data keys cannot be moved to ${key.kmsKeyArn}: it is ${key.state}. Make it active, or rotate by replacing it.`;
  throw new KeywrightError('state.forbids', message, { kmsKeyArn: key.kmsKeyArn, state: key.state });
}
