/** Jobs that nothing has moved for long are looked after. */
import { KeywrightError } from '../../errors';
import { workDue } from '../../work-due-rows';
import type { FinishPorts } from './finish-job';
import { resumeWaiting } from './resume-job';

/** How many jobs one run looks after; the rest is due still and comes next. */
const JOBS_MAX = 250;
const CONCURRENCY = 8;

/** No job is begun later: the run plans rotations before, within what Lambda gives it. */
const RUN_MS = 5_000;

/**
 * Looks after jobs that have gone on for long: a lost event or an unnoticed recovery of a key leaves none behind.
 * Safe to repeat. Costs what is due. A job that fails keeps no other back, and is due still, after all others.
 *
 * @returns how many were looked after.
 */
export async function reconcileJobs(ports: FinishPorts): Promise<number> {
  const bounds = { max: JOBS_MAX, concurrency: CONCURRENCY, forMs: RUN_MS };
  const { succeeded, failed } = await workDue(
    'reencryption-job',
    bounds,
    ({ jobId }) => resumeWaiting(jobId, ports),
    ports,
  );
  for (const error of failed) {
    if (!(error instanceof KeywrightError)) throw error;
    ports.log.error('a job could not be looked after', { code: error.code, ...error.details });
  }
  return succeeded.length;
}
