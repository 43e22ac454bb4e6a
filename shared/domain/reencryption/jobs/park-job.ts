/** Jobs that stop before their end: parked until a key can be used again, paused by a person, resumed, or cancelled. */
import { reencryptionChanged } from '../../../../events/reencryption-changed';
import { KeywrightError } from '../../errors';
import { later, NEVER } from '../../instants';
import { transition } from '../../lifecycle';
import type { Change } from '../../ports';
import { retryOnConflict } from '../../retry-on-conflict';
import { workDue } from '../../work-due';
import { JOB_MOVES, type ReencryptionJob } from '../reencryption';
import { batchDue, RECONCILE_MS } from './begin-job';
import { countsOf, type FinishPorts, finishJob, release, shardsOf } from './finish-job';
import { opensAt } from './job-terms';
import { isOver } from './next-page';

/** How many jobs one run looks after; the rest is due still and comes next. */
const JOBS_MAX = 250;
const CONCURRENCY = 8;

/** No job is begun later: the run plans rotations before, within what Lambda gives it. */
const RUN_MS = 5_000;

/**
 * Stops a job with the reason. Every shard is as its last batch left it.
 *
 * @param job As it was when the batch began: a job that was resumed since is not parked for what was true before.
 * @throws KeywrightError `state.changed-meanwhile` (retry).
 */
export async function parkJob(job: ReencryptionJob, reason: KeywrightError, ports: FinishPorts): Promise<void> {
  const parkedBy = `${reason.code}: ${reason.message}`;
  const parked = transition(JOB_MOVES, job, { ...job, state: 'parked', parkedBy });
  await ports.control.commit(changed(job, parked, ports, { reason: parkedBy }));
  ports.log.warn('re-encryption parked', { jobId: job.jobId, code: reason.code, kmsKeyArn: job.kmsKeyArn });
}

/**
 * Stops a job because a person says so: it goes on when a person says so, and not by itself. Batches that are under way
 * end; none begins. Safe to repeat.
 *
 * @throws KeywrightError `state.not-found`; `state.forbids` when the job is over.
 */
export async function pauseJob(jobId: string, by: string, ports: FinishPorts): Promise<void> {
  await changeJob(jobId, ports, async (job) => {
    if (job.state === 'paused') return undefined;
    if (isEnded(job)) throw forbids(job, 'paused');
    const { parkedBy: _over, ...kept } = job;
    const paused = transition(JOB_MOVES, job, { ...kept, state: 'paused', pausedBy: by, dueAt: NEVER });
    return changed(job, paused, ports, { by });
  });
}

/** Has a running job looked after at that instant: its batches are asked for again then. Safe to repeat. */
export async function deferJob(jobId: string, at: string, ports: FinishPorts): Promise<'waiting'> {
  await changeJob(jobId, ports, async (job) => {
    const isInTime = job.state !== 'running' || (job.dueAt <= at && job.dueAt > ports.clock.now());
    return isInTime
      ? undefined
      : { writes: [{ entityType: 'reencryption-job', row: { ...job, dueAt: at } }], facts: [] };
  });
  return 'waiting';
}

/** Lets every job of a key go on that waited for it: called when the key can be used again. */
export async function resumeJobs(kmsKeyArn: string, ports: FinishPorts): Promise<void> {
  const key = await ports.control.find('kms-key', kmsKeyArn);
  for (const jobId of key?.jobIds ?? []) await resume(jobId, ports);
}

/**
 * Looks after jobs that have gone on for long: a lost event or an unnoticed recovery of a key leaves none behind.
 * Safe to repeat. Costs what is due. A job that fails keeps no other back, and is due still, after all others.
 *
 * @returns how many were looked after.
 */
export async function reconcileJobs(ports: FinishPorts): Promise<number> {
  const bounds = { max: JOBS_MAX, concurrency: CONCURRENCY, forMs: RUN_MS };
  const { succeeded, failed } = await workDue('reencryption-job', bounds, ({ jobId }) => resume(jobId, ports), ports);
  for (const error of failed) {
    if (!(error instanceof KeywrightError)) throw error;
    ports.log.error('a job could not be looked after', { code: error.code, ...error.details });
  }
  return succeeded.length;
}

/**
 * Lets a job go on because a person says so, paused or parked. Of one that is running the batches are asked for again: one
 * asked for twice is worked once. Safe to repeat.
 *
 * @throws KeywrightError `state.not-found`; `state.forbids` when the job is over.
 */
export async function resumeJob(jobId: string, by: string, ports: FinishPorts): Promise<void> {
  await changeJob(jobId, ports, async (job) => {
    if (isEnded(job)) throw forbids(job, 'resumed');
    return running(job, ports, { by });
  });
  await finishJob(jobId, ports);
}

/** A job that is paused stays so, and one that is over. */
async function resume(jobId: string, ports: FinishPorts): Promise<void> {
  await changeJob(jobId, ports, async (job) =>
    job.state === 'running' || job.state === 'parked' ? running(job, ports) : undefined,
  );
  await finishJob(jobId, ports);
}

async function running(job: ReencryptionJob, ports: FinishPorts, why: Why = {}): Promise<Change> {
  const { parkedBy: _park, pausedBy: _pause, ...kept } = job;
  const now = ports.clock.now();
  const mayAt = opensAt(job, now);
  const row = transition(JOB_MOVES, job, { ...kept, state: 'running', dueAt: mayAt });
  return mayAt === now ? requeueBatches(job, row, ports, why) : changed(job, row, ports, why);
}

/** The change of a job that goes on: the next batch of every shard is asked for. */
export async function requeueBatches(
  before: ReencryptionJob,
  after: ReencryptionJob,
  ports: FinishPorts,
  why: Why,
): Promise<Change> {
  const open = (await shardsOf(after.jobId, ports)).filter((shard) => !isOver(shard));
  const row = { ...after, dueAt: later(ports.clock.now(), RECONCILE_MS) };
  const { writes, facts } = changed(before, row, ports, why);
  return { writes, facts: [...facts, ...open.map((shard) => batchDue(shard, ports))] };
}

/**
 * Ends a job where it is. What was re-encrypted stays so; the rest stays under the old key. Safe to repeat.
 *
 * @throws KeywrightError `state.not-found`.
 */
export async function cancelJob(jobId: string, ports: FinishPorts, by?: string): Promise<void> {
  await changeJob(jobId, ports, async (job) => {
    if (isEnded(job)) return undefined;
    const counts = countsOf(await shardsOf(jobId, ports));
    const end = { finishedAt: ports.clock.now(), dueAt: NEVER };
    const row = transition(JOB_MOVES, job, { ...job, ...counts, ...end, state: 'cancelled' });
    const { writes, facts } = changed(job, row, ports, by === undefined ? {} : { by });
    const released = await release(job, ports);
    return { writes: [...writes, ...released.writes], facts: [...facts, ...released.facts] };
  });
}

/** Whether a job goes no further. */
export const isEnded = ({ state }: ReencryptionJob) => state === 'done' || state === 'cancelled';

/** Refuses a change of a job that has ended. */
export function forbids({ jobId, state }: ReencryptionJob, what: string): KeywrightError {
  const message = `jobId: the job is ${state} and cannot be ${what}. Start another one for what is left.`;
  return new KeywrightError('state.forbids', message, { jobId, state });
}

interface Why {
  readonly by?: string;
  readonly reason?: string;
}

/** The change of a job, and the fact that tells of it where it is one of state or priority. */
export function changed(before: ReencryptionJob, row: ReencryptionJob, { clock, ids }: FinishPorts, why: Why): Change {
  const writes = [{ entityType: 'reencryption-job', row }] as const;
  const { jobId, kmsKeyArn, toKmsKeyArn, customerId, priority, state: to } = row;
  const { state: from } = before;
  const isChange = from !== to || priority !== before.priority;
  if (!isChange || from === 'done' || from === 'cancelled' || to === 'done') return { writes, facts: [] };
  const fact = reencryptionChanged.of({
    factId: ids.next(),
    at: clock.now(),
    jobId,
    kmsKeyArn,
    toKmsKeyArn,
    ...(customerId !== undefined && { customerId }),
    from,
    to,
    ...(priority !== before.priority && { priority }),
    ...why,
  });
  return { writes, facts: [fact] };
}

/** @throws KeywrightError `state.not-found`. */
export async function changeJob(
  jobId: string,
  { control }: FinishPorts,
  decide: (job: ReencryptionJob) => Promise<Change | undefined>,
): Promise<void> {
  await retryOnConflict(async () => {
    const job = await control.find('reencryption-job', jobId);
    if (!job) throw new KeywrightError('state.not-found', 'jobId: there is no such job.', { jobId });
    const change = await decide(job);
    if (change) await control.commit(change);
  });
}
