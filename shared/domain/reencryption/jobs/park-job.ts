/** A job stops until a key can be used again. */
import type { KeywrightError } from '../../errors';
import { transition } from '../../legal-moves';
import { JOB_MOVES, type ReencryptionJob } from '../reencryption';
import { changed } from './change-job';
import type { FinishPorts } from './finish-job';

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
