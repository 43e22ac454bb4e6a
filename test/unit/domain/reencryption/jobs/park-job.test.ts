import { KeywrightError } from '../../../../../shared/domain/errors';
import { parkJob } from '../../../../../shared/domain/reencryption/jobs/park-job';
import { pauseJob } from '../../../../../shared/domain/reencryption/jobs/pause-job';
import { ANN, begunJob } from '../../../../support/job-world';

const DENIED = new KeywrightError('kms.access-denied', 'The policy lets nobody use it.');

test('a parked job says why, in its row and to others', async () => {
  const { ports, job, changes } = await begunJob();

  await parkJob(job(), DENIED, ports);

  const reason = 'kms.access-denied: The policy lets nobody use it.';
  expect(job()).toMatchObject({ state: 'parked', parkedBy: reason });
  expect(changes()).toMatchObject([{ from: 'running', to: 'parked', reason }]);
});

test('one that somebody changed since the batch began is not parked for what was true before', async () => {
  const { ports, job, jobId } = await begunJob();
  const seen = job();
  await pauseJob(jobId, ANN, ports);

  await expect(parkJob(seen, DENIED, ports)).rejects.toMatchObject({ code: 'state.changed-meanwhile', retry: true });

  expect(job()).toMatchObject({ state: 'paused' });
});
