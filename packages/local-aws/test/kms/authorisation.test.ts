/** Who may use a key: key policy, IAM policies, other accounts, conditions. */
import type { JsonObject } from '../../call';
import { ACCOUNT, base64, localKms, newKey, OTHER_ACCOUNT } from '../support/local-kms';
import { administratorOf } from '../support/local-world';

const MESSAGE = base64('message');
const USE = [{ Effect: 'Allow', Action: 'kms:*', Resource: '*' }];
const accountRoot = (accountId: string) => ({ AWS: `arn:aws:iam::${accountId}:root` });
const owner = { Effect: 'Allow', Principal: accountRoot(ACCOUNT), Action: 'kms:*', Resource: '*' };

const policy = (...statements: readonly JsonObject[]) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [owner, ...statements] });

test('with the default key policy the IAM policies of the account decide', async () => {
  const kms = localKms();
  const { arn } = await newKey(kms.admin);
  const encrypting = kms.as(kms.role([{ Effect: 'Allow', Action: 'kms:Encrypt', Resource: arn }]));

  await encrypting.call('Encrypt', { KeyId: arn, Plaintext: MESSAGE });

  const error = await encrypting.failure('GenerateDataKey', { KeyId: arn, KeySpec: 'AES_256' });
  expect(error).toMatchObject({
    code: 'AccessDeniedException',
    message: `User: arn:aws:sts::${ACCOUNT}:assumed-role/worker/test is not authorized to perform: kms:GenerateDataKey on resource: ${arn} because no identity-based policy allows the kms:GenerateDataKey action`,
  });
});

test('a key policy that names the caller suffices in its own account', async () => {
  const kms = localKms();
  const worker = kms.role([]);
  const statement = {
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${ACCOUNT}:role/worker` },
    Action: 'kms:Encrypt',
    Resource: '*',
  };
  const { arn } = await newKey(kms.admin, { Policy: policy(statement) });

  expect(await kms.as(worker).call('Encrypt', { KeyId: arn, Plaintext: MESSAGE })).toMatchObject({ KeyId: arn });
});

test('IAM policies alone give nothing when the key policy does not hand the key to the account', async () => {
  const kms = localKms();
  const onlyPolicyChanges = JSON.stringify({
    Version: '2012-10-17',
    Statement: { ...owner, Action: ['kms:PutKeyPolicy', 'kms:DescribeKey'] },
  });
  const { arn } = await newKey(kms.admin, { Policy: onlyPolicyChanges });

  const error = await kms.admin.failure('Encrypt', { KeyId: arn, Plaintext: MESSAGE });

  expect(error.message).toContain('because no resource-based policy allows the kms:Encrypt action');
});

test('an explicit deny in the key policy wins over everything, grants included', async () => {
  const kms = localKms();
  const worker = kms.role(USE);
  const deny = {
    Effect: 'Deny',
    Principal: { AWS: `arn:aws:iam::${ACCOUNT}:role/worker` },
    Action: 'kms:Encrypt',
    Resource: '*',
  };
  const { arn } = await newKey(kms.admin, { Policy: policy(deny) });
  await kms.admin.call('CreateGrant', {
    KeyId: arn,
    GranteePrincipal: `arn:aws:iam::${ACCOUNT}:role/worker`,
    Operations: ['Encrypt'],
  });

  const error = await kms.as(worker).failure('Encrypt', { KeyId: arn, Plaintext: MESSAGE });

  expect(error.message).toMatch(/with an explicit deny in a resource-based policy$/);
});

test('an explicit deny in an IAM policy wins over the key policy', async () => {
  const kms = localKms();
  const worker = kms.role([...USE, { Effect: 'Deny', Action: 'kms:Encrypt', Resource: '*' }]);
  const { arn } = await newKey(kms.admin);

  const error = await kms.as(worker).failure('Encrypt', { KeyId: arn, Plaintext: MESSAGE });

  expect(error.message).toMatch(/with an explicit deny in an identity-based policy$/);
});

describe('another account', () => {
  test('needs the key policy and its own IAM policies', async () => {
    const kms = localKms();
    const vendor = {
      Effect: 'Allow',
      Principal: accountRoot(OTHER_ACCOUNT),
      Action: ['kms:Encrypt', 'kms:Decrypt'],
      Resource: '*',
    };
    const open = await newKey(kms.admin, { Policy: policy(vendor) });
    const closed = await newKey(kms.admin);
    const allowed = kms.as(kms.role(USE, OTHER_ACCOUNT));
    const powerless = kms.as(kms.role([], OTHER_ACCOUNT, 'powerless'));
    const input = (KeyId: string) => ({ KeyId, Plaintext: MESSAGE });

    await allowed.call('Encrypt', input(open.arn));

    const byKey = await allowed.failure('Encrypt', input(closed.arn));
    expect(byKey.message).toContain('because no resource-based policy allows the kms:Encrypt action');
    const byIdentity = await powerless.failure('Encrypt', input(open.arn));
    expect(byIdentity.message).toContain('because no identity-based policy allows the kms:Encrypt action');
  });

  test('needs its own IAM policies even when the key policy names the very role', async () => {
    const kms = localKms();
    const AWS = `arn:aws:iam::${OTHER_ACCOUNT}:role/worker`;
    const named = { Effect: 'Allow', Principal: { AWS }, Action: 'kms:Encrypt', Resource: '*' };
    const { arn } = await newKey(kms.admin, { Policy: policy(named) });
    const input = { KeyId: arn, Plaintext: MESSAGE };

    expect(await kms.as(kms.role([], OTHER_ACCOUNT)).failure('Encrypt', input)).toMatchObject({
      code: 'AccessDeniedException',
    });
    await kms.as(kms.role(USE, OTHER_ACCOUNT)).call('Encrypt', input);
  });

  test('finds no key by its bare id', async () => {
    const kms = localKms();
    const { keyId } = await newKey(kms.admin);

    const stranger = kms.as(administratorOf(OTHER_ACCOUNT));

    expect(await stranger.failure('DescribeKey', { KeyId: keyId })).toMatchObject({ code: 'NotFoundException' });
  });

  test('is told that the resource is the ciphertext, when it named no key', async () => {
    const kms = localKms();
    const { keyId } = await newKey(kms.admin);
    const { CiphertextBlob } = await kms.admin.call('Encrypt', { KeyId: keyId, Plaintext: MESSAGE });

    const error = await kms.as(administratorOf(OTHER_ACCOUNT)).failure('Decrypt', { CiphertextBlob });

    expect(error).toMatchObject({
      code: 'AccessDeniedException',
      message: expect.stringContaining('kms:Decrypt on the resource associated with this ciphertext because'),
    });
  });

  test.each([
    ['GetKeyPolicy', {}],
    ['EnableKeyRotation', {}],
    ['ScheduleKeyDeletion', {}],
    ['DisableKey', {}],
    ['TagResource', { Tags: [] }],
    ['ListKeyRotations', {}],
    ['GetKeyLastUsage', {}],
  ])('may never call %s, whatever the key policy says', async (operation, input) => {
    const kms = localKms();
    const everything = { Effect: 'Allow', Principal: accountRoot(OTHER_ACCOUNT), Action: 'kms:*', Resource: '*' };
    const { arn } = await newKey(kms.admin, { Policy: policy(everything) });
    const vendor = kms.as(administratorOf(OTHER_ACCOUNT));
    await vendor.call('DescribeKey', { KeyId: arn });

    expect(await vendor.failure(operation, { KeyId: arn, ...input })).toMatchObject({ code: 'AccessDeniedException' });
  });
});

describe('condition keys', () => {
  /** A role that may use the key under a condition only. */
  async function conditional(Condition: JsonObject, key: JsonObject = {}) {
    const kms = localKms();
    const { arn } = await newKey(kms.admin, key);
    const principal = kms.role([{ Effect: 'Allow', Action: 'kms:*', Resource: '*', Condition }]);
    return { kms, arn, principal, worker: kms.as(principal) };
  }

  test('an encryption context is matched by its pairs and by its names', async () => {
    const { worker, arn } = await conditional({
      StringEquals: { 'kms:EncryptionContext:tenant': 'a' },
      'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': ['tenant'] },
    });
    const encrypt = (EncryptionContext: JsonObject) => ({ KeyId: arn, Plaintext: MESSAGE, EncryptionContext });

    await worker.call('Encrypt', encrypt({ tenant: 'a' }));

    for (const context of [{ tenant: 'b' }, {}, { tenant: 'a', more: 'x' }]) {
      expect(await worker.failure('Encrypt', encrypt(context))).toMatchObject({ code: 'AccessDeniedException' });
    }
  });

  test('kms:ViaService holds only when that service makes the call', async () => {
    const { kms, worker, principal, arn } = await conditional({
      StringEquals: { 'kms:ViaService': 's3.eu-central-1.amazonaws.com' },
    });
    const input = { KeyId: arn, KeySpec: 'AES_256' };

    const throughS3 = kms.as(principal, 'eu-central-1', { sourceIp: 's3.amazonaws.com' });

    await throughS3.call('GenerateDataKey', input);
    expect(await worker.failure('GenerateDataKey', input)).toMatchObject({ code: 'AccessDeniedException' });
  });

  test('kms:RequestAlias holds only when the key is named by that alias', async () => {
    const { kms, worker, arn } = await conditional({ StringEquals: { 'kms:RequestAlias': 'alias/app' } });
    await kms.admin.call('CreateAlias', { AliasName: 'alias/app', TargetKeyId: arn });

    await worker.call('Encrypt', { KeyId: 'alias/app', Plaintext: MESSAGE });
    expect(await worker.failure('Encrypt', { KeyId: arn, Plaintext: MESSAGE })).toMatchObject({
      code: 'AccessDeniedException',
    });
  });

  test('kms:ReEncryptOnSameKey tells a new wrapping from a move', async () => {
    const { kms, worker, arn } = await conditional({ Bool: { 'kms:ReEncryptOnSameKey': 'true' } });
    const other = await newKey(kms.admin);
    const { CiphertextBlob } = await kms.admin.call('Encrypt', { KeyId: arn, Plaintext: MESSAGE });

    await worker.call('ReEncrypt', { CiphertextBlob, DestinationKeyId: arn });
    const move = await worker.failure('ReEncrypt', { CiphertextBlob, DestinationKeyId: other.arn });
    expect(move.message).toContain('kms:ReEncryptFrom');
  });

  test.each([
    [{ 'kms:CallerAccount': ACCOUNT }, 'Encrypt', { Plaintext: MESSAGE }],
    [{ 'kms:KeySpec': 'SYMMETRIC_DEFAULT', 'kms:KeyUsage': 'ENCRYPT_DECRYPT' }, 'Encrypt', { Plaintext: MESSAGE }],
    [{ 'kms:EncryptionAlgorithm': 'SYMMETRIC_DEFAULT' }, 'Encrypt', { Plaintext: MESSAGE }],
    [{ 'kms:DataKeyPairSpec': 'ECC_NIST_P256' }, 'GenerateDataKeyPair', { KeyPairSpec: 'ECC_NIST_P256' }],
    [{ 'kms:ScheduleKeyDeletionPendingWindowInDays': '30' }, 'ScheduleKeyDeletion', {}],
    [{ 'kms:RotationPeriodInDays': '365' }, 'EnableKeyRotation', {}],
    [{ 'kms:GrantIsForAWSResource': 'false' }, 'ListGrants', {}],
    [{ 'aws:ResourceTag/stage': 'test' }, 'DescribeKey', {}],
  ])('%j is known to %s', async (StringEquals, operation, input) => {
    const { worker, arn } = await conditional({ StringEquals }, { Tags: [{ TagKey: 'stage', TagValue: 'test' }] });

    await expect(worker.call(operation, { KeyId: arn, ...input })).resolves.toEqual(expect.any(Object));
  });
});

test('ReEncrypt needs ReEncryptFrom on the source and ReEncryptTo on the destination', async () => {
  const kms = localKms();
  const [source, destination] = [await newKey(kms.admin), await newKey(kms.admin)];
  const from = { Effect: 'Allow', Action: 'kms:ReEncryptFrom', Resource: source.arn };
  const to = { Effect: 'Allow', Action: 'kms:ReEncryptTo', Resource: destination.arn };
  const { CiphertextBlob } = await kms.admin.call('Encrypt', { KeyId: source.arn, Plaintext: MESSAGE });
  const input = { CiphertextBlob, DestinationKeyId: destination.arn };

  await kms.as(kms.role([from, to], ACCOUNT, 'both')).call('ReEncrypt', input);

  const onlyFrom = await kms.as(kms.role([from], ACCOUNT, 'from')).failure('ReEncrypt', input);
  expect(onlyFrom.message).toContain('kms:ReEncryptTo');
  const onlyTo = await kms.as(kms.role([to], ACCOUNT, 'to')).failure('ReEncrypt', input);
  expect(onlyTo.message).toContain('kms:ReEncryptFrom');
});

describe('PutKeyPolicy', () => {
  test('refuses a policy under which the caller could not change it again', async () => {
    const { admin } = localKms();
    const { arn } = await newKey(admin);
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: { ...owner, Principal: accountRoot(OTHER_ACCOUNT) },
    });

    const error = await admin.failure('PutKeyPolicy', { KeyId: arn, Policy });

    expect(error).toMatchObject({
      code: 'MalformedPolicyDocumentException',
      message: 'The new key policy will not allow you to update the key policy in the future.',
    });
    await admin.call('PutKeyPolicy', { KeyId: arn, Policy, BypassPolicyLockoutSafetyCheck: true });
    expect(await admin.failure('DescribeKey', { KeyId: arn })).toMatchObject({ code: 'AccessDeniedException' });
  });

  test.each(['no json', '{}', '{"Statement":[{"Effect":"Maybe"}]}'])('refuses %s', async (Policy) => {
    const { admin } = localKms();
    const { arn } = await newKey(admin);

    const error = await admin.failure('PutKeyPolicy', { KeyId: arn, Policy, BypassPolicyLockoutSafetyCheck: true });

    expect(error).toMatchObject({ code: 'MalformedPolicyDocumentException' });
    await admin.call('DescribeKey', { KeyId: arn });
  });

  test('takes effect with the next call', async () => {
    const kms = localKms();
    const { arn } = await newKey(kms.admin, { Policy: policy({ ...owner, Principal: accountRoot(OTHER_ACCOUNT) }) });
    const vendor = kms.as(administratorOf(OTHER_ACCOUNT));
    await vendor.call('Encrypt', { KeyId: arn, Plaintext: MESSAGE });

    await kms.admin.call('PutKeyPolicy', { KeyId: arn, Policy: policy() });

    expect(await vendor.failure('Encrypt', { KeyId: arn, Plaintext: MESSAGE })).toMatchObject({
      code: 'AccessDeniedException',
    });
  });
});
