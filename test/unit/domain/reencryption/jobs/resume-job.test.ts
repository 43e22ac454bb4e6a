import { KeywrightError } from '../../../../../shared/domain/errors';
import { cancelJob } from '../../../../../shared/domain/reencryption/jobs/cancel-job';
import { parkJob } from '../../../../../shared/domain/reencryption/jobs/park-job';
import { pauseJob } from '../../../../../shared/domain/reencryption/jobs/pause-job';
import { resumeJob, resumeJobs } from '../../../../../shared/domain/reencryption/jobs/resume-job';
import { ANN, begunJob, DATA_KEYS } from '../../../../support/job-world';
import { anArn } from '../../../../support/make';
import { settle } from '../../../../support/settle';

const DENIED = new KeywrightError('kms.access-denied', 'The policy lets nobody use it.');

test('a paused job goes on when a person says so, and comes to its end', async () => {
  const { world, ports, jobId, job, changes } = await begunJob();
  await pauseJob(jobId, ANN, ports);
  const from = world.control.outbox.length;

  await resumeJob(jobId, ANN, ports);
  await settle(world, from);

  expect(job()).toMatchObject({ state: 'done', reencrypted: DATA_KEYS });
  expect(job()).not.toHaveProperty('pausedBy');
  expect(changes()).toMatchObject([{ to: 'paused' }, { from: 'paused', to: 'running', by: ANN }]);
});

test('when the key can be used again the parked job goes on, and the paused one does not', async () => {
  const parked = await begunJob();
  await parkJob(parked.job(), DENIED, parked.ports);
  const paused = await begunJob();
  await pauseJob(paused.jobId, ANN, paused.ports);

  await resumeJobs(anArn(), parked.ports);
  await resumeJobs(anArn(), paused.ports);

  expect(parked.job()).toMatchObject({ state: 'running' });
  expect(parked.job()).not.toHaveProperty('parkedBy');
  expect(paused.job()).toMatchObject({ state: 'paused' });
});

test('one that is over, or that nobody knows, is not resumed', async () => {
  const { ports, jobId } = await begunJob();
  await cancelJob(jobId, ports);

  await expect(resumeJob(jobId, ANN, ports)).rejects.toMatchObject({ code: 'state.forbids' });
  await expect(resumeJob('other', ANN, ports)).rejects.toMatchObject({ code: 'state.not-found' });
});
