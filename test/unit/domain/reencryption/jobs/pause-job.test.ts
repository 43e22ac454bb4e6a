import { cancelJob } from '../../../../../shared/domain/reencryption/jobs/cancel-job';
import { pauseJob } from '../../../../../shared/domain/reencryption/jobs/pause-job';
import { ANN, begunJob } from '../../../../support/job-world';
import { settle } from '../../../../support/settle';

test('a paused job works nothing, says who paused it, and is told once', async () => {
  const { world, ports, jobId, job, changes } = await begunJob();

  await pauseJob(jobId, ANN, ports);
  await pauseJob(jobId, ANN, ports);
  await settle(world);

  expect(job()).toMatchObject({ state: 'paused', pausedBy: ANN });
  expect(world.dataKeys.all().filter(({ reencryptedAt }) => reencryptedAt)).toEqual([]);
  expect(changes()).toMatchObject([{ from: 'running', to: 'paused', by: ANN }]);
});

test('one that is over, or that nobody knows, is not paused', async () => {
  const { ports, jobId } = await begunJob();
  await cancelJob(jobId, ports);

  await expect(pauseJob(jobId, ANN, ports)).rejects.toMatchObject({ code: 'state.forbids' });
  await expect(pauseJob('other', ANN, ports)).rejects.toMatchObject({ code: 'state.not-found' });
});
