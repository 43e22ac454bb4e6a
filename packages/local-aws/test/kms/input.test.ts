/** Bad input is refused in AWS's words, with the field's name and without its secrets. */
import type { JsonObject } from '../../call';
import { base64, localKms, newKey } from '../support/local-kms';

test.each<readonly [string, JsonObject, string]>([
  [
    'DescribeKey',
    {},
    "1 validation error detected: Value null at 'keyId' failed to satisfy constraint: Member must not be null",
  ],
  [
    'DescribeKey',
    { KeyId: '' },
    "1 validation error detected: Value '' at 'keyId' failed to satisfy constraint: Member must have length greater than or equal to 1",
  ],
  [
    'EnableKeyRotation',
    { KeyId: 'x', RotationPeriodInDays: 89 },
    "1 validation error detected: Value '89' at 'rotationPeriodInDays' failed to satisfy constraint: Member must have value greater than or equal to 90",
  ],
  [
    'CreateAlias',
    { AliasName: 'alias/a b', TargetKeyId: 'x' },
    "1 validation error detected: Value 'alias/a b' at 'aliasName' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[a-zA-Z0-9:/_-]+$",
  ],
  [
    'CreateKey',
    { Tags: [{ TagKey: 'a'.repeat(129), TagValue: '' }] },
    `1 validation error detected: Value '${'a'.repeat(129)}' at 'tags.1.member.tagKey' failed to satisfy constraint: Member must have length less than or equal to 128`,
  ],
  [
    'CreateKey',
    { KeySpec: 'HMAC_256' },
    'You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.',
  ],
  [
    'ListKeys',
    { Limit: 1001 },
    "1 validation error detected: Value '1001' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 1000",
  ],
])('%s %j: %s', async (operation, input, message) => {
  const { admin } = localKms();

  expect(await admin.failure(operation, input)).toMatchObject({ code: 'ValidationException', message, status: 400 });
});

test('several faults are told together', async () => {
  const { admin } = localKms();

  const error = await admin.failure('GenerateDataKey', { KeyId: '', NumberOfBytes: 0 });

  expect(error.message).toMatch(/^2 validation errors detected: Value '' at 'keyId' .*; Value '0' at 'numberOfBytes' /);
});

test('the value of a binary field is never repeated', async () => {
  const { admin } = localKms();
  const Plaintext = base64('secret'.repeat(1000));

  const error = await admin.failure('Encrypt', { KeyId: 'x', Plaintext });

  expect(error.message).toBe(
    "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must have length less than or equal to 4096",
  );
});

test('a value of the wrong JSON type cannot be read', async () => {
  const { admin } = localKms();

  expect(await admin.failure('DescribeKey', { KeyId: 7 })).toMatchObject({
    code: 'SerializationException',
    message: expect.stringContaining("'keyId'"),
  });
});

test.each(['mrk-fake', '134f2428cec14b25a1ae9048164dba47', 'nonsense'])('%s is no key id', async (KeyId) => {
  const { admin } = localKms();

  expect(await admin.failure('DescribeKey', { KeyId })).toMatchObject({
    code: 'NotFoundException',
    message: `Invalid keyId '${KeyId}'`,
  });
});

test('an operation that KMS does not have is unknown, and no record is written of it', async () => {
  const { engine } = localKms();
  const caller = {
    type: 'IAMUser',
    accountId: '111111111111',
    arn: 'arn:aws:iam::111111111111:user/a',
    principalId: 'A',
  } as const;
  const call = {
    service: 'kms',
    operation: 'Explode',
    region: 'eu-central-1',
    caller,
    input: {},
    requestId: 'r',
    sourceIp: '',
    userAgent: '',
  };

  const outcome = await engine.handle(call);

  expect(outcome.error).toMatchObject({ code: 'UnknownOperationException' });
  expect(outcome.trail).toBeUndefined();
});

test.each(['AWS_CLOUDHSM', 'EXTERNAL_KEY_STORE'])('no key of origin %s is made', async (Origin) => {
  const { admin } = localKms();

  expect(await admin.failure('CreateKey', { Origin })).toMatchObject({ code: 'UnsupportedOperationException' });
  expect((await admin.call('ListKeys'))['Keys']).toEqual([]);
});

test('tags are added and replaced by key, and refused when two have one key', async () => {
  const { admin } = localKms();
  const { keyId } = await newKey(admin, { Tags: [{ TagKey: 'a', TagValue: '1' }] });

  await admin.call('TagResource', {
    KeyId: keyId,
    Tags: [
      { TagKey: 'b', TagValue: '2' },
      { TagKey: 'a', TagValue: '3' },
    ],
  });
  const twice = [
    { TagKey: 'c', TagValue: '1' },
    { TagKey: 'c', TagValue: '2' },
  ];

  expect(await admin.failure('TagResource', { KeyId: keyId, Tags: twice })).toMatchObject({ code: 'TagException' });
  expect((await admin.call('ListResourceTags', { KeyId: keyId }))['Tags']).toEqual([
    { TagKey: 'a', TagValue: '3' },
    { TagKey: 'b', TagValue: '2' },
  ]);
});
