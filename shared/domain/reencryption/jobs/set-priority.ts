/** A person makes a job more or less urgent. */
import type { Priority } from '../quota/kms-quota';
import { changed, changeJob, forbids, isEnded } from './change-job';
import type { FinishPorts } from './finish-job';
import { opensAt } from './job-terms';
import { requeueBatches } from './requeue-batches';

/**
 * Every worker keeps to it from its next batch on. A job that waits for its window and is to wait no longer goes on at
 * once. Safe to repeat.
 *
 * @throws KeywrightError `state.not-found`; `state.forbids` when the job is over.
 */
export async function setPriority(jobId: string, priority: Priority, by: string, ports: FinishPorts): Promise<void> {
  await changeJob(jobId, ports, async (job) => {
    if ((job.priority ?? 'routine') === priority) return undefined;
    if (isEnded(job)) throw forbids(job, 'given a priority');
    const now = ports.clock.now();
    const row = { ...job, priority };
    const waitsNoLonger = job.state === 'running' && opensAt(job, now) !== now && opensAt(row, now) === now;
    return waitsNoLonger ? requeueBatches(job, row, ports, { by }) : changed(job, row, ports, { by });
  });
}
