import { cancelJob } from '../../../../../shared/domain/reencryption/jobs/cancel-job';
import { setPriority } from '../../../../../shared/domain/reencryption/jobs/set-priority';
import { ANN, begunJob, DATA_KEYS, TONIGHT } from '../../../../support/job-world';
import { settle } from '../../../../support/settle';

test('a priority is told once, with who asked for it', async () => {
  const { world, jobId, changes } = await begunJob();

  await setPriority(jobId, 'deadline', ANN, world.ports);
  await setPriority(jobId, 'deadline', ANN, world.ports);

  expect(changes()).toMatchObject([{ from: 'running', to: 'running', priority: 'deadline', by: ANN }]);
});

test('it lets a job that waits for its window go on at once when it is for a compromise', async () => {
  const { world, jobId, job } = await begunJob({ window: TONIGHT });
  await settle(world);

  await setPriority(jobId, 'compromise', ANN, world.ports);
  await settle(world);

  expect(job()).toMatchObject({ state: 'done', reencrypted: DATA_KEYS });
});

test('it leaves a job that waits for its window waiting when it is merely more urgent', async () => {
  const { world, jobId, job } = await begunJob({ window: TONIGHT });
  await settle(world);

  await setPriority(jobId, 'deadline', ANN, world.ports);
  await settle(world);

  expect(job()).toMatchObject({ state: 'running', reencrypted: 0 });
});

test('that of a job that is over is refused, and of one that nobody knows', async () => {
  const { world, jobId } = await begunJob();
  await cancelJob(jobId, world.ports);

  await expect(setPriority(jobId, 'deadline', ANN, world.ports)).rejects.toMatchObject({ code: 'state.forbids' });
  await expect(setPriority('other', 'deadline', ANN, world.ports)).rejects.toMatchObject({ code: 'state.not-found' });
});
