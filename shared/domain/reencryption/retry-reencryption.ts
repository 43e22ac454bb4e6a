/** retry-reencryption: what a job has quarantined is tried again, once whatever was wrong with it is mended. */

import { KeywrightError } from '../errors';
import { mustFind } from '../require-row';
import { type RequestedReencryption, type RequestPorts, requestReencryption } from './request-reencryption';

/**
 * Begins a job for the same as one that is over. Safe to repeat, as a request is.
 *
 * @throws KeywrightError `state.not-found`; `state.forbids` while the job is under way; and as a request does.
 */
export async function retryReencryption(jobId: string, ports: RequestPorts): Promise<readonly RequestedReencryption[]> {
  const job = await mustFind('reencryption-job', jobId, ports);
  if (job.state !== 'done' && job.state !== 'cancelled') {
    const message = `jobId: the job is ${job.state}. Let it end first, or cancel it.`;
    throw new KeywrightError('state.forbids', message, { jobId, state: job.state });
  }
  const { kmsKeyArn, only: { within, ...only } = {}, movesDataStores, toKmsKeyArn } = job;
  const request = { ...only, ...within, kmsKeyArn, ...(movesDataStores && { toKmsKeyArn }) };
  return requestReencryption(request, ports);
}
