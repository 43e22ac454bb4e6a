import { changed, changeJob } from '../../../../../shared/domain/reencryption/jobs/change-job';
import { ANN, begunJob } from '../../../../support/job-world';

test('a change that is decided on a row that is gone is decided again on the one there is', async () => {
  const { ports, job, jobId } = await begunJob();
  const seen: number[] = [];

  await changeJob(jobId, ports, async (row) => {
    seen.push(row.revision);
    if (seen.length === 1) await ports.control.commit(changed(row, { ...row, total: 7 }, ports, {}));
    return changed(row, { ...row, priority: 'deadline' }, ports, { by: ANN });
  });

  expect(seen).toHaveLength(2);
  expect(job()).toMatchObject({ total: 7, priority: 'deadline' });
});

test('where nothing is decided nothing is written', async () => {
  const { ports, job, jobId } = await begunJob();
  const before = job();

  await changeJob(jobId, ports, async () => undefined);

  expect(job()).toEqual(before);
});

test.each([
  ['one of state', { state: 'paused' }, 1],
  ['one of priority', { priority: 'deadline' }, 1],
  ['one of its counts', { total: 7 }, 0],
  ['its end, which has a fact of its own', { state: 'done' }, 0],
] as const)('of changes %s is told as it should be', async (_, fields, facts) => {
  const { ports, job } = await begunJob();

  expect(changed(job(), { ...job(), ...fields }, ports, {}).facts).toHaveLength(facts);
});
