import type { JsonObject } from '../../call';
import { ACCOUNT, base64, DAY_MS, localKms, newKey, REGION } from '../support/local-kms';
import { administratorOf } from '../support/local-world';

const aliasArn = (name: string) => `arn:aws:kms:${REGION}:${ACCOUNT}:${name}`;

test('moving an alias changes the key that its name uses', async () => {
  const { admin } = localKms();
  const [old, next] = [await newKey(admin), await newKey(admin)];
  await admin.call('CreateAlias', { AliasName: 'alias/app', TargetKeyId: old.keyId });

  await admin.call('UpdateAlias', { AliasName: 'alias/app', TargetKeyId: next.keyId });

  const used = await admin.call('Encrypt', { KeyId: 'alias/app', Plaintext: base64('x') });
  expect(used['KeyId']).toBe(next.arn);
  expect((await admin.call('ListAliases', { KeyId: old.keyId }))['Aliases']).toEqual([]);
  expect((await admin.call('ListAliases', { KeyId: next.keyId }))['Aliases']).toMatchObject([
    { AliasName: 'alias/app', AliasArn: aliasArn('alias/app'), TargetKeyId: next.keyId },
  ]);
});

test('an alias that has moved outlives its former key', async () => {
  const kms = localKms();
  const [old, next] = [await newKey(kms.admin), await newKey(kms.admin)];
  await kms.admin.call('CreateAlias', { AliasName: 'alias/app', TargetKeyId: old.keyId });
  await kms.admin.call('UpdateAlias', { AliasName: 'alias/app', TargetKeyId: next.keyId });

  await kms.admin.call('ScheduleKeyDeletion', { KeyId: old.keyId, PendingWindowInDays: 7 });
  kms.pass(7 * DAY_MS);

  expect(await kms.admin.call('Encrypt', { KeyId: 'alias/app', Plaintext: base64('x') })).toMatchObject({
    KeyId: next.arn,
  });
});

test('an alias belongs to one account and Region, and its name is taken there only', async () => {
  const kms = localKms();
  const { keyId } = await newKey(kms.admin);
  await kms.admin.call('CreateAlias', { AliasName: 'alias/app', TargetKeyId: keyId });

  const twice = await kms.admin.failure('CreateAlias', { AliasName: 'alias/app', TargetKeyId: keyId });
  expect(twice).toMatchObject({
    code: 'AlreadyExistsException',
    message: `An alias with the name ${aliasArn('alias/app')} already exists`,
  });
  const elsewhere = kms.as(administratorOf(ACCOUNT), 'us-east-1');
  await elsewhere.call('CreateAlias', { AliasName: 'alias/app', TargetKeyId: (await newKey(elsewhere)).keyId });
});

test('a deleted alias names nothing', async () => {
  const { admin } = localKms();
  await admin.call('CreateAlias', { AliasName: 'alias/app', TargetKeyId: (await newKey(admin)).keyId });

  await admin.call('DeleteAlias', { AliasName: 'alias/app' });

  const error = await admin.failure('DescribeKey', { KeyId: 'alias/app' });
  expect(error).toMatchObject({ code: 'NotFoundException', message: `Alias ${aliasArn('alias/app')} is not found.` });
});

test.each([
  ['alias/no spaces', 'ValidationException'],
  ['alias/aws/mine', 'NotAuthorizedException'],
])('the name %s is refused', async (AliasName, code) => {
  const { admin } = localKms();
  const { keyId } = await newKey(admin);

  expect(await admin.failure('CreateAlias', { AliasName, TargetKeyId: keyId })).toMatchObject({ code });
});

test('an alias does not move to a key of another kind', async () => {
  const { admin } = localKms();
  const signing = await newKey(admin, { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' });
  await admin.call('CreateAlias', { AliasName: 'alias/app', TargetKeyId: (await newKey(admin)).keyId });

  const error = await admin.failure('UpdateAlias', { AliasName: 'alias/app', TargetKeyId: signing.keyId });

  expect(error).toMatchObject({ code: 'ValidationException' });
});

test('a key has at most 50 aliases', async () => {
  const { admin } = localKms();
  const { keyId } = await newKey(admin);
  for (let count = 0; count < 50; count += 1) {
    await admin.call('CreateAlias', { AliasName: `alias/${count}`, TargetKeyId: keyId });
  }

  const error = await admin.failure('CreateAlias', { AliasName: 'alias/50', TargetKeyId: keyId });

  expect(error).toMatchObject({ code: 'LimitExceededException' });
});

test('key management takes no alias for a key', async () => {
  const { admin } = localKms();
  await admin.call('CreateAlias', { AliasName: 'alias/app', TargetKeyId: (await newKey(admin)).keyId });

  for (const KeyId of ['alias/app', aliasArn('alias/app')]) {
    expect(await admin.failure('DisableKey', { KeyId })).toMatchObject({ code: 'NotFoundException' });
  }
});

test('every page of a list is reached by its marker', async () => {
  const { admin } = localKms();
  const keys = await Promise.all([1, 2, 3, 4, 5].map(() => newKey(admin)));
  const seen: unknown[] = [];
  let Marker: JsonObject[string];
  do {
    const page: JsonObject = await admin.call('ListKeys', { Limit: 2, Marker });
    seen.push(...(page['Keys'] as readonly JsonObject[]).map(({ KeyArn }) => KeyArn));
    Marker = page['NextMarker'];
  } while (Marker !== undefined);

  expect(seen).toEqual(keys.map(({ arn }) => arn));
  expect(await admin.failure('ListKeys', { Marker: 'nonsense' })).toMatchObject({ code: 'InvalidMarkerException' });
});
