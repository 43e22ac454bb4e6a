import { dataKeysReencrypted } from '../../../../../events/data-keys-reencrypted';
import { finishJob } from '../../../../../shared/domain/reencryption/jobs/finish-job';
import { begunJob } from '../../../../support/job-world';

const ended = ({ world }: Awaited<ReturnType<typeof begunJob>>) =>
  world.control.outbox.filter(({ detailType }) => detailType === dataKeysReencrypted.detailType);

test('a job ends once, with the counts of its shards, when the last of them is over', async () => {
  const begun = await begunJob();
  const { world, ports, jobId, job, key } = begun;
  const [last, ...others] = world.control.all('reencryption-shard');
  for (const shard of others) world.control.given('reencryption-shard', { ...shard, state: 'done', reencrypted: 2 });

  await finishJob(jobId, ports);
  expect(job()).toMatchObject({ state: 'running' });

  if (last) world.control.given('reencryption-shard', { ...last, state: 'done', quarantined: 1 });
  await finishJob(jobId, ports);
  await finishJob(jobId, ports);

  const counts = { reencrypted: 2 * others.length, quarantined: 1, total: 2 * others.length + 1 };
  expect(job()).toMatchObject({ state: 'done', ...counts });
  expect(ended(begun).map(({ detail }) => detail)).toMatchObject([counts]);
  expect((await key())?.jobIds).toEqual([]);
});

test('a shard that has something in hand still is not over', async () => {
  const begun = await begunJob();
  const { world, ports, jobId, job } = begun;
  const name = { customerId: 'acme', dataStoreId: 'documents', dataKeyId: 'data-key-0' };
  for (const shard of world.control.all('reencryption-shard'))
    world.control.given('reencryption-shard', {
      ...shard,
      state: 'done',
      currentBatch: shard.shard === 0 ? [name] : [],
    });

  await finishJob(jobId, ports);

  expect(job()).toMatchObject({ state: 'running' });
  expect(ended(begun)).toEqual([]);
});
