import { SHARDS } from '../../../../../shared/domain/keys/data-key';
import { beginJob } from '../../../../../shared/domain/reencryption/jobs/begin-job';
import { aKmsKey, anArn, countedIds, NOW } from '../../../../support/make';
import { testClock } from '../../../../support/rotation-world';

const ports = () => ({ clock: testClock(), ids: countedIds() });
const plan = (from = aKmsKey({ revision: 1 }), to = from) => ({
  jobId: 'job-1',
  from,
  fromKeyMaterialId: 'old',
  to,
  toKeyMaterialId: 'new',
});

test('a job, its shards, the hold on its key and the first batches are one change', () => {
  const { writes, facts } = beginJob(plan(), ports());

  expect(writes.map(({ entityType }) => entityType).sort()).toEqual(
    ['kms-key', 'reencryption-job', ...Array(SHARDS).fill('reencryption-shard')].sort(),
  );
  expect(writes[0]?.row).toMatchObject({ jobId: 'job-1', state: 'running', customerId: 'acme', startedAt: NOW });
  expect(facts.map(({ detail }) => [detail['jobId'], detail['batch']])).toEqual(Array(SHARDS).fill(['job-1', 0]));
});

test('both keys are held where the data keys go to another one', () => {
  const to = aKmsKey({ kmsKeyArn: anArn('new'), revision: 1, jobIds: ['job-0'] });

  const held = beginJob(plan(aKmsKey({ revision: 1 }), to), ports()).writes.flatMap((write) =>
    write.entityType === 'kms-key' ? [write.row] : [],
  );

  expect(held).toMatchObject([
    { kmsKeyArn: anArn(), jobIds: ['job-1'] },
    { kmsKeyArn: anArn('new'), jobIds: ['job-0', 'job-1'] },
  ]);
});

test('what moves off a compromised key goes first', () => {
  const compromised = aKmsKey({ revision: 1, compromise: { compromiseId: 'c', at: NOW } });

  expect(beginJob(plan(compromised), ports()).writes[0]?.row).toMatchObject({ priority: 'compromise' });
  expect(beginJob(plan(), ports()).writes[0]?.row).not.toHaveProperty('priority');
});
