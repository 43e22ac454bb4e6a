/** Jobs that are under way: how far they are, and whether they go on. */
import * as z from 'zod/mini';
import { cancelJob } from '../reencryption/jobs/cancel-job';
import type { FinishPorts } from '../reencryption/jobs/finish-job';
import { pauseJob } from '../reencryption/jobs/pause-job';
import { progressOf } from '../reencryption/jobs/progress';
import { resumeJob } from '../reencryption/jobs/resume-job';
import { setPriority } from '../reencryption/jobs/set-priority';
import type { ReencryptionJob } from '../reencryption/reencryption';
import { id, keyName, priority } from './fields';
import type { FindKeyPorts } from './find-key';
import { listed } from './list';
import { keysMeant } from './list-keys';
import { defineOperation } from './operation';

export const listReencryptions = defineOperation(
  'list-reencryptions',
  { key: z.optional(keyName), customerId: z.optional(id) },
  async (input, _caller, ports: FindKeyPorts) => {
    const { rows, more } = await listed(jobsOf(await keysMeant(input, ports), ports));
    return { jobs: rows, more };
  },
);

async function* jobsOf(
  keys: readonly { readonly kmsKeyArn: string }[],
  { control }: FindKeyPorts,
): AsyncIterable<ReencryptionJob> {
  for (const { kmsKeyArn } of keys) yield* control.ofKmsKey('reencryption-job', kmsKeyArn);
}

export const showReencryption = defineOperation(
  'show-reencryption',
  { jobId: id },
  async ({ jobId }, _caller, ports: FinishPorts) => ({ jobId, ...(await progressOf(jobId, ports)) }),
);

type Steer = (jobId: string, by: string, ports: FinishPorts) => Promise<void>;

/** Changes a job on somebody's word, and tells how it is then. */
const steering = (name: string, steer: Steer) =>
  defineOperation(name, { jobId: id }, async ({ jobId }, { principal }, ports: FinishPorts) => {
    await steer(jobId, principal, ports);
    return { jobId, ...(await progressOf(jobId, ports)) };
  });

export const setReencryptionPriority = defineOperation(
  'set-reencryption-priority',
  { jobId: id, priority },
  async (input, { principal }, ports: FinishPorts) => {
    await setPriority(input.jobId, input.priority, principal, ports);
    return { jobId: input.jobId, ...(await progressOf(input.jobId, ports)) };
  },
);

export const pauseReencryption = steering('pause-reencryption', pauseJob);
export const resumeReencryption = steering('resume-reencryption', resumeJob);
export const cancelReencryption = steering('cancel-reencryption', (jobId, by, ports) => cancelJob(jobId, ports, by));
