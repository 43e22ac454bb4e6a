/** The end of a job: its counts, the hold on its keys, its rotation and the fact change together. */

import { dataKeysReencrypted } from '../../../../events/data-keys-reencrypted';
import { NEVER } from '../../instants';
import { SHARDS } from '../../keys/data-key';
import { transition } from '../../legal-moves';
import { newFact } from '../../outbox/new-fact';
import type { Clock, ControlStore, Ids, Log, Write } from '../../ports';
import { retryOnConflict } from '../../retry-on-conflict';
import { ROTATION_MOVES } from '../../rotation/rotation';
import { dueFact } from '../../rotation/strategies/open-rotation';
import { JOB_MOVES, type ReencryptionJob, type ReencryptionShard } from '../reencryption';
import { isOver } from './next-page';

export interface FinishPorts {
  readonly control: ControlStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

/** Ends the job if every shard is over. Safe to repeat: whichever shard comes last ends it, once. */
export async function finishJob(jobId: string, ports: FinishPorts): Promise<void> {
  const { control, clock, log } = ports;
  await retryOnConflict(async () => {
    const shards = await shardsOf(jobId, ports);
    const job = await control.find('reencryption-job', jobId);
    if (job?.state !== 'running' || shards.length < SHARDS || !shards.every(isOver)) return;

    const end = { finishedAt: clock.now(), dueAt: NEVER };
    const done = transition(JOB_MOVES, job, { ...job, ...countsOf(shards), ...end, state: 'done' });
    const released = await release(job, ports);
    await control.commit({
      writes: [{ entityType: 'reencryption-job', row: done }, ...released.writes, ...(await endOfRotation(job, ports))],
      facts: [newFact(dataKeysReencrypted, ports, factOf(done)), ...released.facts],
    });
    log.info('data keys re-encrypted', { jobId, ...countsOf(shards) });
  });
}

/** The shards of a job, read strongly consistent. */
export async function shardsOf(jobId: string, { control }: Pick<FinishPorts, 'control'>): Promise<ReencryptionShard[]> {
  const ids = Array.from({ length: SHARDS }, (_, shard) => `${jobId}/${shard}`);
  const rows = await Promise.all(ids.map((id) => control.find('reencryption-shard', id)));
  return rows.flatMap((row) => row ?? []);
}

/** What the shards of a job have done together. */
export function countsOf(shards: readonly ReencryptionShard[]) {
  const reencrypted = shards.reduce((sum, shard) => sum + shard.reencrypted, 0);
  const quarantined = shards.reduce((sum, shard) => sum + shard.quarantined, 0);
  return { total: reencrypted + quarantined, reencrypted, quarantined };
}

/** Lets go of the job's keys. A rotation that waited for that is asked for again. */
export async function release(job: ReencryptionJob, ports: FinishPorts) {
  const arns = [...new Set([job.kmsKeyArn, job.toKmsKeyArn])];
  const keys = (await Promise.all(arns.map((arn) => ports.control.find('kms-key', arn)))).flatMap((key) => key ?? []);
  const waiting = keys.flatMap((key) => key.openRotationId ?? []);
  const rotations = await Promise.all(waiting.map((rotationId) => ports.control.find('rotation', rotationId)));
  return {
    writes: keys.map(
      (key) =>
        ({
          entityType: 'kms-key',
          row: { ...key, jobIds: (key.jobIds ?? []).filter((id) => id !== job.jobId) },
        }) as const,
    ),
    facts: rotations.flatMap((rotation) => (rotation ? [dueFact(rotation, ports)] : [])),
  };
}

async function endOfRotation({ rotationId }: ReencryptionJob, { control, clock }: FinishPorts): Promise<Write[]> {
  const rotation = rotationId === undefined ? undefined : await control.find('rotation', rotationId);
  if (rotation?.state !== 'rotated') return [];
  const row = transition(ROTATION_MOVES, rotation, { ...rotation, state: 'done', doneAt: clock.now() });
  return [{ entityType: 'rotation', row }];
}

function factOf(job: ReencryptionJob) {
  const { jobId, kmsKeyArn, keyMaterialId, toKmsKeyArn, rotationId, customerId, total, reencrypted, quarantined } = job;
  return {
    jobId,
    kmsKeyArn,
    keyMaterialId,
    toKmsKeyArn,
    rotationId,
    customerId,
    total,
    reencrypted,
    quarantined,
  };
}
