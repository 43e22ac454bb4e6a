/**
 * reencrypt-batch: works one batch of one shard and asks for the next.
 *
 * The batch's data keys were written down before it began, and each data key says which batch worked it. So what a
 * batch did is read off the data keys and never remembered: it may die on any line, run twice or at the same time, and
 * the counts are right.
 */

import type { ReencryptionBatchDue } from '../../../events/reencryption-batch-due';
import { hasCode } from '../errors';
import { later, MINUTE_MS } from '../instants';
import { lostKey } from '../keys/lost-key';
import { moveDataStores } from '../keys/move-data-stores';
import { transition } from '../legal-moves';
import type { ControlStore, Log } from '../ports';
import { mustFind } from '../require-row';
import { type BeginPorts, batchDue } from './jobs/begin-job';
import { deferJob } from './jobs/defer-job';
import { finishJob } from './jobs/finish-job';
import { opensAt } from './jobs/job-terms';
import { isOver, nextPage } from './jobs/next-page';
import { parkJob } from './jobs/park-job';
import { type Tally, workCurrentBatch } from './jobs/work-current-batch';
import type { Task, WorkPorts } from './jobs/work-data-key';
import { type ReencryptionJob, type ReencryptionShard, SHARD_MOVES } from './reencryption';

export interface BatchPorts extends WorkPorts, BeginPorts {
  readonly control: ControlStore;
  readonly log: Log;
}

/** How long a job waits when nothing is left over for it: applications' peaks and jobs that go first last minutes. */
const NONE_LEFT_MS = MINUTE_MS;

/** `idle`: the job is not running. `repeat`: this batch was worked before. `waiting`: it is asked for again in time. */
export type BatchOutcome = 'worked' | 'shard-done' | 'parked' | 'idle' | 'repeat' | 'waiting';

/**
 * Works the batch that the fact names, if it is the shard's next.
 *
 * Safe to repeat, at any time and at the same time. A key that cannot be used parks the job with the reason.
 *
 * @throws KeywrightError `kms.*`, `sts.*` and `store.*` that may pass (retry); `state.not-found`.
 */
export async function reencryptBatch(due: ReencryptionBatchDue, ports: BatchPorts): Promise<BatchOutcome> {
  const job = await mustFind('reencryption-job', due.jobId, ports);
  const shard = await mustFind('reencryption-shard', `${due.jobId}/${due.shard}`, ports);
  if (job.state !== 'running') return 'idle';
  if (isOver(shard)) {
    await finishJob(job.jobId, ports);
    return 'repeat';
  }
  if (shard.batch !== due.batch) return 'repeat';
  const now = ports.clock.now();
  const mayAt = opensAt(job, now);
  if (mayAt !== now) return deferJob(job.jobId, mayAt, ports);
  try {
    return await workShard(job, shard, ports);
  } catch (error) {
    if (!hasCode(error, 'quota.none-left')) throw error;
    return deferJob(job.jobId, later(now, NONE_LEFT_MS), ports);
  }
}

async function workShard(job: ReencryptionJob, shard: ReencryptionShard, ports: BatchPorts): Promise<BatchOutcome> {
  const task = await taskOf(job, shard, ports);
  const tally = lossOf(task) ?? (await workCurrentBatch(shard.currentBatch, task, ports));
  if (tally.kind === 'refused') {
    await parkJob(job, tally.error, ports);
    return 'parked';
  }
  if (shard.batch === 0 && job.movesDataStores) await takeAlong(job, ports);
  const next = await shardAfter(job, shard, tally, ports);
  const over = isOver(next);
  try {
    const facts = over ? [] : [batchDue(next, ports)];
    await ports.control.commit({ writes: [{ entityType: 'reencryption-shard', row: next }], facts });
  } catch (error) {
    if (hasCode(error, 'state.changed-meanwhile')) return 'repeat';
    throw error;
  }
  if (!over) return 'worked';
  await finishJob(job.jobId, ports);
  return 'shard-done';
}

/** Known without asking KMS once for every data key. */
function lossOf({ from, to }: Task): Extract<Tally, { kind: 'refused' }> | undefined {
  const error = lostKey(from) ?? lostKey(to);
  return error && { kind: 'refused', error };
}

async function taskOf(job: ReencryptionJob, shard: ReencryptionShard, ports: BatchPorts): Promise<Task> {
  const [from, to] = await Promise.all([
    mustFind('kms-key', job.kmsKeyArn, ports),
    mustFind('kms-key', job.toKmsKeyArn, ports, 'toKmsKeyArn'),
  ]);
  return { job, from, to, mark: `${job.jobId}/${shard.shard}/${shard.batch}` };
}

async function shardAfter(
  job: ReencryptionJob,
  shard: ReencryptionShard,
  tally: Extract<Tally, { kind: 'worked' }>,
  ports: BatchPorts,
): Promise<ReencryptionShard> {
  const { after: _read, ...kept } = shard;
  const { kmsKeyArn, keyMaterialId } = job;
  const first = shard.batch === 0;
  return transition(SHARD_MOVES, shard, {
    ...kept,
    ...(await nextPage(job, shard, ports)),
    batch: shard.batch + 1,
    expected: first
      ? await ports.dataKeys.countUnder({ kmsKeyArn, keyMaterialId }, shard.shard, job.only?.within)
      : shard.expected,
    reencrypted: shard.reencrypted + tally.reencrypted,
    quarantined: shard.quarantined + tally.quarantined,
  });
}

/** Before a shard looks for data keys: whatever is stored afterwards is stored under the other key. */
const takeAlong = ({ kmsKeyArn, toKmsKeyArn, only }: ReencryptionJob, ports: BatchPorts) =>
  moveDataStores({ kmsKeyArn, toKmsKeyArn, within: only?.within }, ports);
