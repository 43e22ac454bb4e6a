import { KeywrightError } from '../../../../../shared/domain/errors';
import { cancelJob } from '../../../../../shared/domain/reencryption/jobs/cancel-job';
import { parkJob } from '../../../../../shared/domain/reencryption/jobs/park-job';
import { pauseJob } from '../../../../../shared/domain/reencryption/jobs/pause-job';
import { reconcileJobs } from '../../../../../shared/domain/reencryption/jobs/reconcile-jobs';
import { resumeJob, resumeJobs } from '../../../../../shared/domain/reencryption/jobs/resume-job';
import { ANN, begunJob, DATA_KEYS } from '../../../../support/job-world';
import { anArn, NOW } from '../../../../support/make';
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

describe('when a key is back', () => {
  const LOSS = { cause: 'key-disabled', since: NOW } as const;

  /** So many parked jobs of one key. */
  async function parkedJobs(count: number) {
    const begun = await begunJob();
    await parkJob(begun.job(), DENIED, begun.ports);
    const jobIds = Array.from({ length: count }, (_, at) => `job-${at}`);
    const [first] = begun.world.control.all('reencryption-job');
    if (!first) throw new Error('a job began');
    begun.world.control.given('reencryption-job', ...jobIds.map((jobId) => ({ ...first, jobId })));
    const key = await begun.key();
    if (key) begun.world.control.given('kms-key', { ...key, jobIds });
    const states = () =>
      jobIds.map((jobId) => begun.world.control.all('reencryption-job').find((job) => job.jobId === jobId));
    return { ...begun, states };
  }

  test('its jobs go on two at a time, a minute apart, and all of them in the end', async () => {
    const { world, ports, states } = await parkedJobs(7);
    const running = () => states().filter((job) => job?.state === 'running').length;

    await resumeJobs(anArn(), ports);

    const counts = [running()];
    for (let minute = 1; minute <= 3; minute += 1) {
      world.clock.advance(60_000);
      await reconcileJobs(ports);
      counts.push(running());
    }
    expect(counts).toEqual([2, 4, 6, 7]);
  });

  test('one that is lost again meanwhile keeps its jobs parked, and nothing is said again and again', async () => {
    const { world, ports, key, changes, job } = await parkedJobs(1);
    const row = await key();
    if (row) world.control.given('kms-key', { ...row, loss: LOSS });
    const said = changes().length;

    for (let time = 0; time < 5; time += 1) {
      world.clock.advance(60 * 60_000);
      await reconcileJobs(ports);
    }

    expect(job()).toMatchObject({ state: 'parked', parkedBy: expect.stringContaining('kms.access-denied') });
    expect(changes()).toHaveLength(said);
    expect(job().dueAt > ports.clock.now()).toBe(true);
  });
});
