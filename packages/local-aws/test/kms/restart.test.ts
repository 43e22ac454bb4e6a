import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ACCOUNT, base64, DAY_MS, describe as describeKey, localKms, newKey } from '../support/local-kms';
import { localWorld, START } from '../support/local-world';

const folder = mkdtempSync(join(tmpdir(), 'kms-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('after a restart keys, aliases, grants and what is due are as they were', async () => {
  const before = localKms({ world: localWorld({ folder }) });
  const { keyId, arn } = await newKey(before.admin);
  const dying = await newKey(before.admin);
  await before.admin.call('CreateAlias', { AliasName: 'alias/app', TargetKeyId: keyId });
  const GranteePrincipal = `arn:aws:iam::${ACCOUNT}:role/worker`;
  await before.admin.call('CreateGrant', { KeyId: arn, GranteePrincipal, Operations: ['Decrypt'] });
  await before.admin.call('RotateKeyOnDemand', { KeyId: keyId });
  const { CiphertextBlob } = await before.admin.call('Encrypt', { KeyId: keyId, Plaintext: base64('kept') });
  await before.admin.call('ScheduleKeyDeletion', { KeyId: dying.keyId, PendingWindowInDays: 7 });
  before.pass(2000);
  const metadata = await describeKey(before.admin, keyId);
  before.world.store.close();

  const after = localKms({ world: localWorld({ folder, at: START + 8 * DAY_MS }) });

  expect(await describeKey(after.admin, 'alias/app')).toEqual(metadata);
  expect(await after.admin.call('GetKeyLastUsage', { KeyId: keyId })).toMatchObject({
    KeyLastUsage: { Operation: 'Encrypt' },
  });
  const worker = after.as(after.role([]));
  expect(await worker.call('Decrypt', { CiphertextBlob })).toMatchObject({ Plaintext: base64('kept') });
  after.pass(0);
  expect(await after.admin.failure('DescribeKey', { KeyId: dying.keyId })).toMatchObject({ code: 'NotFoundException' });
  after.world.store.close();
});
