/** A job ends before its time. */
import { NEVER } from '../../instants';
import { transition } from '../../legal-moves';
import { JOB_MOVES } from '../reencryption';
import { changed, changeJob, isEnded } from './change-job';
import { countsOf, type FinishPorts, release, shardsOf } from './finish-job';

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
