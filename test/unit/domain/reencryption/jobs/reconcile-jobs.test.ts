import { pauseJob } from '../../../../../shared/domain/reencryption/jobs/pause-job';
import { reconcileJobs } from '../../../../../shared/domain/reencryption/jobs/reconcile-jobs';
import { ANN, begunJob, DATA_KEYS, HOUR_MS } from '../../../../support/job-world';
import { settle } from '../../../../support/settle';

test('the batches of a job whose events were lost are asked for again when it is due, and not before', async () => {
  const { world, ports, job } = await begunJob();
  const lost = world.control.outbox.length;

  expect(await reconcileJobs(ports)).toBe(0);
  world.clock.advance(HOUR_MS);
  expect(await reconcileJobs(ports)).toBe(1);
  await settle(world, lost);

  expect(job()).toMatchObject({ state: 'done', reencrypted: DATA_KEYS });
});

test('nobody looks after a job that a person has paused', async () => {
  const { world, ports, jobId, batches } = await begunJob();
  await pauseJob(jobId, ANN, ports);
  const asked = batches();
  world.clock.advance(1000 * HOUR_MS);

  expect(await reconcileJobs(ports)).toBe(0);
  expect(batches()).toBe(asked);
});

test('a job that cannot be looked after keeps no other back, and is told of', async () => {
  const { world, ports } = await begunJob();
  world.clock.advance(HOUR_MS);
  const [row] = world.control.all('reencryption-job');
  if (row) world.control.given('reencryption-job', { ...row, jobId: 'job-broken' });
  const told: unknown[] = [];
  const log = { ...ports.log, error: (_: string, fields?: object) => told.push(fields) };
  const find: typeof ports.control.find = async (noun, id) =>
    id === 'job-broken' ? undefined : ports.control.find(noun, id);

  expect(await reconcileJobs({ ...ports, log, control: { ...ports.control, find } })).toBe(1);
  expect(told).toMatchObject([{ code: 'state.not-found', jobId: 'job-broken' }]);
});
