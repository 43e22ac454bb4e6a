/** A job stops because a person says so. */
import { NEVER } from '../../instants';
import { transition } from '../../legal-moves';
import { JOB_MOVES } from '../reencryption';
import { changed, changeJob, forbids, isEnded } from './change-job';
import type { FinishPorts } from './finish-job';

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
