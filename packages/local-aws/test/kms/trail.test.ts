/** What CloudTrail is told. Expectations: the log entries that the KMS developer guide documents for each operation. */
import type { JsonObject } from '../../call';
import { importInput } from '../support/kms-import';
import {
  ACCOUNT,
  base64,
  describe as describeKey,
  localKms,
  newKey,
  OTHER_ACCOUNT,
  REGION,
} from '../support/local-kms';
import { administratorOf } from '../support/local-world';

const MESSAGE = base64('the plaintext');
const SECRET_WORDS = [MESSAGE, 'the plaintext'];
const resource = (arn: string) => ({ accountId: ACCOUNT, type: 'AWS::KMS::Key', ARN: arn });
const aliasArn = `arn:aws:kms:${REGION}:${ACCOUNT}:alias/app`;
const GRANT = { GranteePrincipal: `arn:aws:iam::${ACCOUNT}:role/r`, Operations: ['Decrypt'] };

async function stage(input: JsonObject = {}) {
  const kms = localKms();
  const key = await newKey(kms.admin, input);
  const materialId = (await describeKey(kms.admin, key.keyId))['CurrentKeyMaterialId'];
  return { ...kms, ...key, materialId };
}

test('Encrypt: context in the clear, key material, nothing secret', async () => {
  const { admin, keyId, arn, materialId } = await stage();

  const trail = await admin.trailOf('Encrypt', {
    KeyId: keyId,
    Plaintext: MESSAGE,
    EncryptionContext: { Tenant: 'A' },
  });

  expect(trail).toEqual({
    eventSource: 'kms.amazonaws.com',
    readOnly: true,
    requestParameters: { keyId, encryptionAlgorithm: 'SYMMETRIC_DEFAULT', encryptionContext: { Tenant: 'A' } },
    responseElements: null,
    additionalEventData: { keyMaterialId: materialId },
    resources: [resource(arn)],
  });
});

test('Decrypt without a KeyId: the algorithm filled in, no keyId', async () => {
  const { admin, keyId, arn, materialId } = await stage();
  const { CiphertextBlob } = await admin.call('Encrypt', { KeyId: keyId, Plaintext: MESSAGE });

  expect(await admin.trailOf('Decrypt', { CiphertextBlob })).toMatchObject({
    requestParameters: { encryptionAlgorithm: 'SYMMETRIC_DEFAULT' },
    additionalEventData: { keyMaterialId: materialId },
    resources: [resource(arn)],
  });
});

test('ReEncrypt: source first, both key materials', async () => {
  const { admin, keyId, arn, materialId } = await stage();
  const destination = await newKey(admin);
  const { CurrentKeyMaterialId } = await describeKey(admin, destination.keyId);
  const { CiphertextBlob } = await admin.call('Encrypt', { KeyId: keyId, Plaintext: MESSAGE });

  const trail = await admin.trailOf('ReEncrypt', { CiphertextBlob, DestinationKeyId: destination.keyId });

  expect(trail).toMatchObject({
    readOnly: true,
    requestParameters: {
      sourceEncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
      destinationEncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
      destinationKeyId: destination.keyId,
    },
    additionalEventData: { sourceKeyMaterialId: materialId, destinationKeyMaterialId: CurrentKeyMaterialId },
    resources: [resource(arn), resource(destination.arn)],
  });
});

test('a dry run is logged with its key material', async () => {
  const { admin, keyId, materialId } = await stage();

  const trail = await admin.trailOf('GenerateDataKey', { KeyId: keyId, KeySpec: 'AES_256', DryRun: true });

  expect(trail).toMatchObject({
    requestParameters: { keyId, keySpec: 'AES_256', dryRun: true },
    responseElements: null,
    additionalEventData: { keyMaterialId: materialId },
  });
});

test('CreateKey: defaults filled in, the metadata as the response, dates in words', async () => {
  const { admin } = localKms();

  const trail = await admin.trailOf('CreateKey', { Tags: [{ TagKey: 'Owner', TagValue: 'x' }] });
  const [{ KeyArn: arn }] = (await admin.call('ListKeys'))['Keys'] as unknown as readonly [{ KeyArn: string }];

  expect(trail).toMatchObject({
    readOnly: false,
    requestParameters: {
      description: '',
      keyUsage: 'ENCRYPT_DECRYPT',
      keySpec: 'SYMMETRIC_DEFAULT',
      customerMasterKeySpec: 'SYMMETRIC_DEFAULT',
      origin: 'AWS_KMS',
      multiRegion: false,
      bypassPolicyLockoutSafetyCheck: false,
      tags: [{ tagKey: 'Owner', tagValue: 'x' }],
    },
    responseElements: { keyMetadata: { keyState: 'Enabled', creationDate: 'Mar 1, 2026, 12:00:00 AM' } },
    resources: [resource(arn)],
  });
});

test('ScheduleKeyDeletion: the default window filled in, the date in words', async () => {
  const { admin, keyId, arn } = await stage();

  expect(await admin.trailOf('ScheduleKeyDeletion', { KeyId: keyId })).toMatchObject({
    requestParameters: { keyId, pendingWindowInDays: 30 },
    responseElements: {
      keyId: arn,
      keyState: 'PendingDeletion',
      deletionDate: 'Mar 31, 2026, 12:00:00 AM',
      pendingWindowInDays: 30,
    },
  });
});

test('aliases: key and alias in the order of AWS', async () => {
  const { admin, keyId, arn } = await stage();
  const next = await newKey(admin);

  const created = await admin.trailOf('CreateAlias', { AliasName: 'alias/app', TargetKeyId: keyId });
  const updated = await admin.trailOf('UpdateAlias', { AliasName: 'alias/app', TargetKeyId: next.keyId });
  const deleted = await admin.trailOf('DeleteAlias', { AliasName: 'alias/app' });

  expect(created).toMatchObject({
    requestParameters: { aliasName: 'alias/app', targetKeyId: keyId },
    responseElements: { keyId: arn },
    resources: [resource(arn), resource(aliasArn)],
  });
  expect(updated).toMatchObject({
    responseElements: { keyId: next.arn },
    resources: [resource(aliasArn), resource(next.arn)],
  });
  expect(deleted).toMatchObject({
    requestParameters: { aliasName: 'alias/app' },
    resources: [resource(aliasArn), resource(next.arn)],
  });
});

test('grants: no token is logged, and a retirement hides its parameters', async () => {
  const { admin, keyId, arn } = await stage();
  const Constraints = { EncryptionContextSubset: { Tenant: 'A' } };

  const created = await admin.trailOf('CreateGrant', { KeyId: keyId, ...GRANT, Constraints });
  const { GrantId, GrantToken } = await admin.call('CreateGrant', { KeyId: keyId, ...GRANT });
  const retired = await admin.trailOf('RetireGrant', { GrantToken });

  expect(created).toMatchObject({
    requestParameters: {
      keyId,
      granteePrincipal: GRANT.GranteePrincipal,
      operations: ['Decrypt'],
      constraints: { encryptionContextSubset: { Tenant: 'A' } },
    },
    responseElements: { grantId: expect.stringMatching(/^[a-f0-9]{64}$/), keyId: arn },
  });
  expect(created.responseElements).not.toHaveProperty('grantToken');
  expect(retired).toEqual({
    eventSource: 'kms.amazonaws.com',
    readOnly: false,
    requestParameters: null,
    responseElements: null,
    additionalEventData: { grantId: GrantId },
    resources: [resource(arn)],
  });
});

test('ImportKeyMaterial: what kind of import it was, neither token nor material', async () => {
  const { admin, keyId, arn } = await stage({ Origin: 'EXTERNAL' });
  const expiry = { ExpirationModel: 'KEY_MATERIAL_EXPIRES', ValidTo: Date.UTC(2026, 4, 21, 5, 47, 45) / 1000 };
  const input = await importInput(admin, keyId, undefined, expiry);

  const trail = await admin.trailOf('ImportKeyMaterial', input);

  expect(trail.requestParameters).toEqual({
    keyId,
    expirationModel: 'KEY_MATERIAL_EXPIRES',
    validTo: 'May 21, 2026, 5:47:45 AM',
    importType: 'NEW_KEY_MATERIAL',
  });
  expect(trail.responseElements).toEqual({ keyId: arn, keyMaterialId: expect.stringMatching(/^[a-f0-9]{64}$/) });
});

test.each([
  ['EnableKey', {}],
  ['DisableKey', {}],
  ['EnableKeyRotation', {}],
  ['TagResource', { Tags: [] }],
  ['UntagResource', { TagKeys: [] }],
])('%s answers with the ARN of the key', async (operation, input) => {
  const { admin, keyId, arn } = await stage();

  expect(await admin.trailOf(operation, { KeyId: keyId, ...input })).toMatchObject({
    readOnly: false,
    responseElements: { keyId: arn },
  });
});

test.each([
  [
    'PutKeyPolicy',
    { Policy: JSON.stringify({ Statement: { Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' } }) },
  ],
  ['DisableKeyRotation', {}],
  ['UpdateKeyDescription', { Description: 'x' }],
  ['DescribeKey', {}],
  ['GetKeyRotationStatus', {}],
  ['GetKeyPolicy', {}],
])('%s answers with nothing', async (operation, input) => {
  const { admin, keyId, arn } = await stage();

  expect(await admin.trailOf(operation, { KeyId: keyId, ...input })).toMatchObject({
    responseElements: null,
    resources: [resource(arn)],
  });
});

test('lists of the account name no resources, and random bytes an empty list', async () => {
  const { admin } = localKms();

  expect(await admin.trailOf('ListKeys')).not.toHaveProperty('resources');
  expect(await admin.trailOf('ListAliases')).not.toHaveProperty('resources');
  expect(await admin.trailOf('GenerateRandom', { NumberOfBytes: 1 })).toMatchObject({
    requestParameters: null,
    resources: [],
  });
});

test('a failed call is logged with what was asked and touched, and with no response', async () => {
  const { admin, keyId, arn } = await stage();
  await admin.call('DisableKey', { KeyId: keyId });

  expect(await admin.trailOf('Encrypt', { KeyId: keyId, Plaintext: MESSAGE })).toEqual({
    eventSource: 'kms.amazonaws.com',
    readOnly: true,
    requestParameters: { keyId, encryptionAlgorithm: 'SYMMETRIC_DEFAULT' },
    responseElements: null,
    resources: [resource(arn)],
  });
});

test("a refused foreign call names the owner's key", async () => {
  const kms = await stage();

  const trail = await kms.as(administratorOf(OTHER_ACCOUNT)).trailOf('DescribeKey', { KeyId: kms.arn });

  expect(trail.resources).toEqual([resource(kms.arn)]);
});

test('no trail of any operation holds plaintext, ciphertext, signature, token or key material', async () => {
  const { admin, keyId } = await stage();
  const signing = await newKey(admin, { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' });
  const encrypted = await admin.call('Encrypt', { KeyId: keyId, Plaintext: MESSAGE });
  const signed = await admin.call('Sign', {
    KeyId: signing.keyId,
    Message: MESSAGE,
    SigningAlgorithm: 'ECDSA_SHA_256',
  });
  const { GrantToken } = await admin.call('CreateGrant', { KeyId: keyId, ...GRANT });
  const secrets = [...SECRET_WORDS, encrypted['CiphertextBlob'], signed['Signature'], GrantToken].map(String);

  const calls: readonly (readonly [string, JsonObject])[] = [
    ['Encrypt', { KeyId: keyId, Plaintext: MESSAGE, GrantTokens: [GrantToken ?? ''] }],
    ['Encrypt', { KeyId: 'nonsense', Plaintext: MESSAGE }],
    ['Encrypt', { Plaintext: MESSAGE }],
    ['Decrypt', { CiphertextBlob: encrypted['CiphertextBlob'] }],
    ['ReEncrypt', { CiphertextBlob: encrypted['CiphertextBlob'], DestinationKeyId: keyId }],
    ['Sign', { KeyId: signing.keyId, Message: MESSAGE, SigningAlgorithm: 'ECDSA_SHA_256' }],
    [
      'Verify',
      { KeyId: signing.keyId, Message: MESSAGE, SigningAlgorithm: 'ECDSA_SHA_256', Signature: signed['Signature'] },
    ],
    ['RetireGrant', { GrantToken }],
  ];
  for (const [operation, input] of calls) {
    const text = JSON.stringify(await admin.trailOf(operation, input));
    expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
  }
});
