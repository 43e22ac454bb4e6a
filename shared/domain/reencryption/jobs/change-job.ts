/** A job changes: its row, and the fact that tells of it. What every verb on a job has in common. */

import { reencryptionChanged } from '../../../../events/reencryption-changed';
import { KeywrightError } from '../../errors';
import { newFact } from '../../outbox/new-fact';
import type { Change } from '../../ports';
import { mustFind } from '../../require-row';
import { retryOnConflict } from '../../retry-on-conflict';
import type { ReencryptionJob } from '../reencryption';
import type { FinishPorts } from './finish-job';

/** Whether a job goes no further. */
export const isEnded = ({ state }: ReencryptionJob) => state === 'done' || state === 'cancelled';

/** Refuses a change of a job that has ended. */
export function forbids({ jobId, state }: ReencryptionJob, what: string): KeywrightError {
  const message = `jobId: the job is ${state} and cannot be ${what}. Start another one for what is left.`;
  return new KeywrightError('state.forbids', message, { jobId, state });
}

/** Who changed the job, and why. */
export interface Why {
  readonly by?: string;
  readonly reason?: string;
}

/** The change of a job, and the fact that tells of it where it is one of state or priority. */
export function changed(before: ReencryptionJob, row: ReencryptionJob, ports: FinishPorts, why: Why): Change {
  const writes = [{ entityType: 'reencryption-job', row }] as const;
  const { jobId, kmsKeyArn, toKmsKeyArn, customerId, priority, state: to } = row;
  const { state: from } = before;
  const isChange = from !== to || priority !== before.priority;
  if (!isChange || from === 'done' || from === 'cancelled' || to === 'done') return { writes, facts: [] };
  const fact = newFact(reencryptionChanged, ports, {
    jobId,
    kmsKeyArn,
    toKmsKeyArn,
    customerId,
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
    const change = await decide(await mustFind('reencryption-job', jobId, { control }));
    if (change) await control.commit(change);
  });
}
