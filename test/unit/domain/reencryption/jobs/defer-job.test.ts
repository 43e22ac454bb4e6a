import { later, MINUTE_MS } from '../../../../../shared/domain/instants';
import { deferJob } from '../../../../../shared/domain/reencryption/jobs/defer-job';
import { pauseJob } from '../../../../../shared/domain/reencryption/jobs/pause-job';
import { ANN, begunJob, HOUR_MS } from '../../../../support/job-world';
import { NOW } from '../../../../support/make';

test('a running job is looked after no later than that, and nothing is told', async () => {
  const { ports, jobId, job, changes } = await begunJob();

  expect(await deferJob(jobId, later(NOW, MINUTE_MS), ports)).toBe('waiting');

  expect(job().dueAt).toBe(later(NOW, MINUTE_MS));
  expect(changes()).toEqual([]);
});

test('one that is looked after before that anyway is left as it is', async () => {
  const { ports, jobId, job } = await begunJob();
  const before = job();

  await deferJob(jobId, later(NOW, HOUR_MS), ports);

  expect(job()).toEqual(before);
});

test('one that is due already waits', async () => {
  const { world, ports, jobId, job } = await begunJob();
  world.clock.advance(HOUR_MS);

  await deferJob(jobId, later(NOW, 2 * HOUR_MS), ports);

  expect(job().dueAt).toBe(later(NOW, 2 * HOUR_MS));
});

test('one that is paused stays so', async () => {
  const { ports, jobId, job } = await begunJob();
  await pauseJob(jobId, ANN, ports);
  const before = job();

  await deferJob(jobId, later(NOW, MINUTE_MS), ports);

  expect(job()).toEqual(before);
});
