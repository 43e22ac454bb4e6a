/** Jobs that stop before their end: parked until a key can be used again, resumed, looked after, or cancelled. */
import { decideAnew } from '../decide-anew';
import { KeywrightError } from '../errors';
import { later } from '../instants';
import { NEVER } from '../kms-key';
import type { Change } from '../ports';
import type { ReencryptionJob } from '../reencryption';
import { batchDue, TEND_MS } from './begin-job';
import { countsOf, type FinishPorts, finishJob, release, shardsOf } from './finish-job';
import { isOver } from './next-page';

/** How many jobs one run looks after; the rest is due still and comes next. */
const JOBS_MAX = 50;

/**
 * Stops a job with the reason. Every shard is as its last batch left it.
 *
 * @param job As it was when the batch began: a job that was resumed since is not parked for what was true before.
 * @throws KeywrightError `state.changed-meanwhile` (retry).
 */
export async function parkJob(job: ReencryptionJob, reason: KeywrightError, ports: FinishPorts): Promise<void> {
  const parked: ReencryptionJob = { ...job, state: 'parked', parkedBy: `${reason.code}: ${reason.message}` };
  await ports.control.commit({ writes: [{ noun: 'reencryption-job', row: parked }], facts: [] });
  ports.log.warn('re-encryption parked', { jobId: job.jobId, code: reason.code, kmsKeyArn: job.kmsKeyArn });
}

/** Lets every job of a key go on: called when the key can be used again. */
export async function resumeJobs(kmsKeyArn: string, ports: FinishPorts): Promise<void> {
  const key = await ports.control.find('kms-key', kmsKeyArn);
  for (const jobId of key?.jobIds ?? []) await resumeJob(jobId, ports);
}

/**
 * Looks after jobs that have gone on for long: a lost event or an unnoticed recovery of a key leaves none behind.
 * Safe to repeat. Costs what is due.
 *
 * @returns how many were looked after.
 */
export async function tendJobs(ports: FinishPorts): Promise<number> {
  const jobs = await ports.control.due('reencryption-job', ports.clock.now(), JOBS_MAX);
  for (const { jobId } of jobs) await resumeJob(jobId, ports);
  return jobs.length;
}

/**
 * Asks for the next batch of every shard, of a parked job and of a running one: a batch asked for twice is worked once.
 * Safe to repeat. A job that is done or cancelled stays so.
 */
export async function resumeJob(jobId: string, ports: FinishPorts): Promise<void> {
  await changeJob(jobId, ports, async ({ parkedBy: _over, ...job }) => {
    if (job.state !== 'running' && job.state !== 'parked') return undefined;
    const open = (await shardsOf(jobId, ports)).filter((shard) => !isOver(shard));
    const row = { ...job, state: 'running', dueAt: later(ports.clock.now(), TEND_MS) } as const;
    return { writes: [{ noun: 'reencryption-job', row }], facts: open.map((shard) => batchDue(shard, ports)) };
  });
  await finishJob(jobId, ports);
}

/** Ends a job where it is. What was re-encrypted stays so; the rest stays under the old key. Safe to repeat. */
export async function cancelJob(jobId: string, ports: FinishPorts): Promise<void> {
  await changeJob(jobId, ports, async (job) => {
    if (job.state === 'done' || job.state === 'cancelled') return undefined;
    const counts = countsOf(await shardsOf(jobId, ports));
    const row = { ...job, ...counts, state: 'cancelled', finishedAt: ports.clock.now(), dueAt: NEVER } as const;
    const released = await release(job, ports);
    return { writes: [{ noun: 'reencryption-job', row }, ...released.writes], facts: released.facts };
  });
}

async function changeJob(
  jobId: string,
  { control }: FinishPorts,
  decide: (job: ReencryptionJob) => Promise<Change | undefined>,
): Promise<void> {
  await decideAnew(async () => {
    const job = await control.find('reencryption-job', jobId);
    if (!job) throw new KeywrightError('state.not-found', 'There is no such job.', { jobId });
    const change = await decide(job);
    if (change) await control.commit(change);
  });
}
