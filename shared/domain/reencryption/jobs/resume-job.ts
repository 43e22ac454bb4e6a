/** A job goes on: because a person says so, because its key can be used again, or because nothing else brought it on. */
import { transition } from '../../legal-moves';
import type { Change } from '../../ports';
import { JOB_MOVES, type ReencryptionJob } from '../reencryption';
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

/** Lets every job of a key go on that waited for it: called when the key can be used again. */
export async function resumeJobs(kmsKeyArn: string, ports: FinishPorts): Promise<void> {
  const key = await ports.control.find('kms-key', kmsKeyArn);
  for (const jobId of key?.jobIds ?? []) await resumeWaiting(jobId, ports);
}

/** A job that is paused stays so, and one that is over. */
export async function resumeWaiting(jobId: string, ports: FinishPorts): Promise<void> {
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
