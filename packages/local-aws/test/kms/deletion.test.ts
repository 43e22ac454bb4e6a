import { ACCOUNT, base64, DAY_MS, describe as describeKey, localKms, newKey } from '../support/local-kms';
import { administratorOf } from '../support/local-world';

test('a key lives through its waiting period, unusable, and is gone with aliases and grants at its end', async () => {
  const kms = localKms();
  const { keyId, arn } = await newKey(kms.admin);
  await kms.admin.call('CreateAlias', { AliasName: 'alias/a', TargetKeyId: keyId });
  const grant = { KeyId: keyId, GranteePrincipal: `arn:aws:iam::${ACCOUNT}:role/r`, Operations: ['Decrypt'] };
  const { GrantToken } = await kms.admin.call('CreateGrant', grant);

  const scheduled = await kms.admin.call('ScheduleKeyDeletion', { KeyId: keyId, PendingWindowInDays: 7 });
  kms.pass(7 * DAY_MS - 1);
  expect(await describeKey(kms.admin, keyId)).toMatchObject({
    KeyState: 'PendingDeletion',
    Enabled: false,
    DeletionDate: scheduled['DeletionDate'],
  });
  kms.pass(1);

  expect(await kms.admin.failure('DescribeKey', { KeyId: keyId })).toMatchObject({
    code: 'NotFoundException',
    message: `Key '${arn}' does not exist`,
  });
  expect((await kms.admin.call('ListAliases'))['Aliases']).toEqual([]);
  expect(await kms.admin.failure('RetireGrant', { GrantToken })).toMatchObject({ code: 'InvalidGrantTokenException' });
});

test('a deletion is announced once, by a service event and its native twin', async () => {
  const kms = localKms();
  const { keyId, arn } = await newKey(kms.admin);
  await kms.admin.call('ScheduleKeyDeletion', { KeyId: keyId, PendingWindowInDays: 7 });

  kms.pass(100 * DAY_MS);
  kms.pass(100 * DAY_MS);

  expect(kms.serviceEvents.map(({ eventName, resources }) => [eventName, resources[0]?.ARN])).toEqual([
    ['DeleteKey', arn],
  ]);
  expect(kms.nativeEvents).toMatchObject([{ 'detail-type': 'KMS CMK Deletion', detail: { 'key-id': keyId } }]);
});

test('a cancelled deletion gives the key back disabled, and nothing happens on the former date', async () => {
  const kms = localKms();
  const { keyId } = await newKey(kms.admin);
  await kms.admin.call('ScheduleKeyDeletion', { KeyId: keyId, PendingWindowInDays: 7 });

  await kms.admin.call('CancelKeyDeletion', { KeyId: keyId });
  kms.pass(30 * DAY_MS);

  const metadata = await describeKey(kms.admin, keyId);
  expect(metadata).toMatchObject({ KeyState: 'Disabled', Enabled: false });
  expect(metadata).not.toHaveProperty('DeletionDate');
  await kms.admin.call('EnableKey', { KeyId: keyId });
  await kms.admin.call('Encrypt', { KeyId: keyId, Plaintext: base64('x') });
});

test.each([6, 31])('a waiting period of %i days is refused', async (PendingWindowInDays) => {
  const { admin } = localKms();
  const { keyId } = await newKey(admin);

  const error = await admin.failure('ScheduleKeyDeletion', { KeyId: keyId, PendingWindowInDays });

  expect(error).toMatchObject({ code: 'ValidationException' });
  expect(await describeKey(admin, keyId)).toMatchObject({ KeyState: 'Enabled' });
});

test('a primary key waits for its last replica to go before its own waiting period begins', async () => {
  const kms = localKms();
  const { keyId } = await newKey(kms.admin, { MultiRegion: true });
  await kms.admin.call('ReplicateKey', { KeyId: keyId, ReplicaRegion: 'us-west-2' });
  kms.pass(60_000);
  const replica = kms.as(administratorOf(ACCOUNT), 'us-west-2');

  const scheduled = await kms.admin.call('ScheduleKeyDeletion', { KeyId: keyId, PendingWindowInDays: 7 });
  expect(scheduled).toMatchObject({ KeyState: 'PendingReplicaDeletion', DeletionDate: undefined });
  kms.pass(100 * DAY_MS);
  await replica.call('ScheduleKeyDeletion', { KeyId: keyId, PendingWindowInDays: 7 });
  kms.pass(7 * DAY_MS);

  expect(await describeKey(kms.admin, keyId)).toMatchObject({ KeyState: 'PendingDeletion' });
  kms.pass(7 * DAY_MS);
  expect(await kms.admin.failure('DescribeKey', { KeyId: keyId })).toMatchObject({ code: 'NotFoundException' });
});
