import { later } from '../../../../../shared/domain/instants';
import { SHARDS } from '../../../../../shared/domain/keys/data-key';
import { RECONCILE_MS } from '../../../../../shared/domain/reencryption/jobs/begin-job';
import { requeueBatches } from '../../../../../shared/domain/reencryption/jobs/requeue-batches';
import { ANN, begunJob } from '../../../../support/job-world';
import { NOW } from '../../../../support/make';

test('every shard that is not over is asked for again at its batch, and the job is looked after later', async () => {
  const { world, ports, job } = await begunJob();
  const [over, ...open] = world.control.all('reencryption-shard');
  if (over) world.control.given('reencryption-shard', { ...over, state: 'done', currentBatch: [] });

  const { writes, facts } = await requeueBatches(job(), job(), ports, { by: ANN });

  expect(open).toHaveLength(SHARDS - 1);
  expect(facts.map(({ detail }) => detail['shard']).sort()).toEqual(open.map(({ shard }) => shard).sort());
  expect(writes).toMatchObject([{ entityType: 'reencryption-job', row: { dueAt: later(NOW, RECONCILE_MS) } }]);
});
