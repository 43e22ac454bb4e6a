import { retryReencryption } from '../../../../shared/domain/reencryption/retry-reencryption';
import { begunJob } from '../../../support/job-world';
import { settle } from '../../../support/settle';

test('a job for the same begins where the one before is over and left something behind', async () => {
  const { world, ports, jobId } = await begunJob();
  const [name] = world.dataKeys.all();
  await settle(world);
  const before = world.dataKeys.all().find(({ dataKeyId }) => dataKeyId === name?.dataKeyId);
  if (name && before) await world.dataKeys.replace({ ...name, revision: before.revision });

  const [again] = await retryReencryption(jobId, ports);
  await settle(world);

  expect(again?.jobId).not.toBe(jobId);
  expect(world.control.all('reencryption-job').find((job) => job.jobId === again?.jobId)).toMatchObject({
    state: 'done',
    reencrypted: 1,
  });
});

test('of one that is under way none begins, nor of one that nobody knows', async () => {
  const { ports, jobId } = await begunJob();

  await expect(retryReencryption(jobId, ports)).rejects.toMatchObject({ code: 'state.forbids' });
  await expect(retryReencryption('other', ports)).rejects.toMatchObject({ code: 'state.not-found' });
});
