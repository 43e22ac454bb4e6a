/** That a row is not there is said in one way for each noun, whoever asks. */
import { mustFind, nobodyWith, registered } from '../../../shared/domain/require-row';
import type { EntityType, Rows } from '../../../shared/domain/rows';

const NOTHING = { control: { find: async () => undefined } };

const holding = (entityType: EntityType, id: string, row: object) => ({
  control: {
    find: async <N extends EntityType>(noun: N, name: string) =>
      noun === entityType && name === id ? (row as Rows[N]) : undefined,
  },
});

test('the row of that noun and id, as it is', async () => {
  const row = { jobId: 'job-1', state: 'running' };

  expect(await mustFind('reencryption-job', 'job-1', holding('reencryption-job', 'job-1', row))).toBe(row);
  await expect(mustFind('reencryption-job', 'job-2', holding('reencryption-job', 'job-1', row))).rejects.toThrow();
  await expect(mustFind('rotation', 'job-1', holding('reencryption-job', 'job-1', row))).rejects.toThrow();
});

test('a key that is not there: the code, the field, the ARN and the way out', async () => {
  await expect(mustFind('kms-key', 'arn:aws:kms:…', NOTHING)).rejects.toMatchObject({
    code: 'state.not-found',
    message: 'kmsKeyArn: arn:aws:kms:… is not registered. Was it onboarded, and is the ARN complete?',
    details: { field: 'kmsKeyArn', kmsKeyArn: 'arn:aws:kms:…' },
  });
});

test('whoever calls it otherwise is told of their own field, and the log keeps the id under its own name', async () => {
  await expect(mustFind('kms-key', 'arn:aws:kms:…', NOTHING, 'toKmsKeyArn')).rejects.toMatchObject({
    message: expect.stringMatching(/^toKmsKeyArn: arn:aws:kms:… is not registered\./),
    details: { field: 'toKmsKeyArn', kmsKeyArn: 'arn:aws:kms:…' },
  });
});

test.each([
  ['customer', 'customerId'],
  ['rotation', 'rotationId'],
  ['reencryption-job', 'jobId'],
  ['reencryption-shard', 'shard'],
  ['compromise', 'compromiseId'],
  ['declared-backup', 'backupId'],
  ['incident', 'incidentId'],
  ['retirement-stop', 'stopId'],
] as const)('a %s that is not there names %s and the id', async (entityType, field) => {
  await expect(mustFind(entityType, 'an-id', NOTHING)).rejects.toMatchObject({
    code: 'state.not-found',
    message: expect.stringMatching(new RegExp(`^${field}: .*an-id.*\\.|^${field}: .*an-id.*\\?$`)),
    details: { field, [field]: 'an-id' },
  });
});

test('a row that was read with others', () => {
  const row = { rotationId: 'r' } as Rows['rotation'];

  expect(registered('rotation', row, 'r')).toBe(row);
  expect(() => registered('rotation', undefined, 'r')).toThrow(/^rotationId: there is no rotation r\./);
});

test('a customer without anything of it', () => {
  expect(nobodyWith('a key in use', 'acme', 'key')).toMatchObject({
    code: 'state.not-found',
    message: expect.stringMatching(/^key: no customer acme with a key in use\./),
  });
});
