/** A job waits for a while. */
import { changeJob } from './change-job';
import type { FinishPorts } from './finish-job';

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
