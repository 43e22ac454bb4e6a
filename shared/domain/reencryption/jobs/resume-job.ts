/** A job goes on: because a person says so, because its key can be used again, or because nothing else brought it on. */

import { later, MINUTE_MS } from '../../instants';
import { transition } from '../../legal-moves';
import type { Change } from '../../ports';
import { JOB_MOVES, type ReencryptionJob } from '../reencryption';
import { RECONCILE_MS } from './begin-job';
import { changed, changeJob, forbids, isEnded, type Why } from './change-job';
import { type FinishPorts, finishJob } from './finish-job';
import { opensAt } from './job-terms';
import { requeueBatches } from './requeue-batches';

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

/** So many jobs of a key go on together when it is back, and as many more each minute: its KMS is not run over. */
const TOGETHER = 2;

/** Lets every job of a key go on that waited for it, some at a time: called when the key can be used again. */
export async function resumeJobs(kmsKeyArn: string, ports: FinishPorts): Promise<void> {
  const { jobIds = [] } = (await ports.control.find('kms-key', kmsKeyArn)) ?? {};
  for (const [at, jobId] of jobIds.entries()) {
    const turn = Math.floor(at / TOGETHER);
    if (turn === 0) await resumeWaiting(jobId, ports);
    else await lookAfter(jobId, turn * MINUTE_MS, ports);
  }
}

/** A job that is paused stays so, and one that is over; one that is parked, while a key of its is lost. */
export async function resumeWaiting(jobId: string, ports: FinishPorts): Promise<void> {
  await changeJob(jobId, ports, async (job) => {
    if (job.state === 'parked' && (await isKeyLost(job, ports))) return dueIn(job, RECONCILE_MS, ports);
    return job.state === 'running' || job.state === 'parked' ? running(job, ports) : undefined;
  });
  await finishJob(jobId, ports);
}

/** Its turn comes so much later, unless it comes sooner already. */
const lookAfter = (jobId: string, ms: number, ports: FinishPorts): Promise<void> =>
  changeJob(jobId, ports, async (job) =>
    job.state === 'parked' && job.dueAt > later(ports.clock.now(), ms) ? dueIn(job, ms, ports) : undefined,
  );

const dueIn = (job: ReencryptionJob, ms: number, { clock }: FinishPorts): Change => ({
  writes: [{ entityType: 'reencryption-job', row: { ...job, dueAt: later(clock.now(), ms) } }],
  facts: [],
});

async function isKeyLost({ kmsKeyArn, toKmsKeyArn }: ReencryptionJob, { control }: FinishPorts): Promise<boolean> {
  const keys = await Promise.all([kmsKeyArn, toKmsKeyArn].map((arn) => control.find('kms-key', arn)));
  return keys.some((key) => key?.loss !== undefined);
}

async function running(job: ReencryptionJob, ports: FinishPorts, why: Why = {}): Promise<Change> {
  const { parkedBy: _park, pausedBy: _pause, ...kept } = job;
  const now = ports.clock.now();
  const mayAt = opensAt(job, now);
  const row = transition(JOB_MOVES, job, { ...kept, state: 'running', dueAt: mayAt });
  return mayAt === now ? requeueBatches(job, row, ports, why) : changed(job, row, ports, why);
}
