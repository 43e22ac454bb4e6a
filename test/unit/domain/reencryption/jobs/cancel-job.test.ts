import { NEVER } from '../../../../../shared/domain/instants';
import { cancelJob } from '../../../../../shared/domain/reencryption/jobs/cancel-job';
import { ANN, begunJob, DATA_KEYS } from '../../../../support/job-world';
import { settle } from '../../../../support/settle';

test('a cancelled job stops where it is, lets go of its key, and is told once', async () => {
  const { world, ports, jobId, job, key, changes } = await begunJob();

  await cancelJob(jobId, ports, ANN);
  await cancelJob(jobId, ports, ANN);
  await settle(world);

  expect(job()).toMatchObject({ state: 'cancelled', reencrypted: 0, dueAt: NEVER });
  expect((await key())?.jobIds).toEqual([]);
  expect(changes()).toMatchObject([{ from: 'running', to: 'cancelled', by: ANN }]);
});

test('one that is done stays done', async () => {
  const { world, ports, jobId, job } = await begunJob();
  await settle(world);

  await cancelJob(jobId, ports, ANN);

  expect(job()).toMatchObject({ state: 'done', reencrypted: DATA_KEYS });
});

test('one that nobody knows is refused', async () => {
  const { ports } = await begunJob();

  await expect(cancelJob('other', ports)).rejects.toMatchObject({ code: 'state.not-found' });
});
