import { importInput } from '../support/kms-import';
import { base64, DAY_MS, describe as describeKey, localKms, newKey } from '../support/local-kms';

const MESSAGE = base64('message');

test('an automatic rotation gives the key new material and leaves old ciphertexts readable', async () => {
  const kms = localKms();
  const { keyId } = await newKey(kms.admin);
  await kms.admin.call('EnableKeyRotation', { KeyId: keyId, RotationPeriodInDays: 90 });
  const { CiphertextBlob } = await kms.admin.call('Encrypt', { KeyId: keyId, Plaintext: MESSAGE });
  const before = await describeKey(kms.admin, keyId);

  kms.pass(90 * DAY_MS - 1);
  expect(await describeKey(kms.admin, keyId)).toEqual(before);
  kms.pass(1);

  const after = await describeKey(kms.admin, keyId);
  expect(after['CurrentKeyMaterialId']).toMatch(/^[a-f0-9]{64}$/);
  expect(after['CurrentKeyMaterialId']).not.toBe(before['CurrentKeyMaterialId']);
  expect(await kms.admin.call('Decrypt', { CiphertextBlob })).toMatchObject({
    Plaintext: MESSAGE,
    KeyMaterialId: before['CurrentKeyMaterialId'],
  });
});

test('every ciphertext stays readable over many rotations of both kinds', async () => {
  const kms = localKms();
  const { keyId } = await newKey(kms.admin);
  await kms.admin.call('EnableKeyRotation', { KeyId: keyId, RotationPeriodInDays: 90 });
  const blobs: string[] = [];

  for (let round = 0; round < 6; round += 1) {
    blobs.push(String((await kms.admin.call('Encrypt', { KeyId: keyId, Plaintext: MESSAGE }))['CiphertextBlob']));
    if (round % 2 === 0) await kms.admin.call('RotateKeyOnDemand', { KeyId: keyId });
    kms.pass(91 * DAY_MS);
  }

  const opened = await Promise.all(blobs.map((CiphertextBlob) => kms.admin.call('Decrypt', { CiphertextBlob })));
  expect(opened.map(({ Plaintext }) => Plaintext)).toEqual(blobs.map(() => MESSAGE));
  expect(new Set(opened.map(({ KeyMaterialId }) => KeyMaterialId)).size).toBe(6);
});

test('a rotation is announced by a service event and its native twin, with both key materials', async () => {
  const kms = localKms();
  const { keyId, arn } = await newKey(kms.admin);
  const { CurrentKeyMaterialId: previous } = await describeKey(kms.admin, keyId);
  await kms.admin.call('RotateKeyOnDemand', { KeyId: keyId });

  kms.pass(60_000);

  const { CurrentKeyMaterialId: current } = await describeKey(kms.admin, keyId);
  expect(kms.serviceEvents).toEqual([
    expect.objectContaining({
      eventName: 'RotateKey',
      resources: [{ accountId: '111111111111', type: 'AWS::KMS::Key', ARN: arn }],
      serviceEventDetails: {
        rotationType: 'ON_DEMAND',
        keyOrigin: 'AWS_KMS',
        previousKeyMaterialId: previous,
        currentKeyMaterialId: current,
        keyId,
      },
    }),
  ]);
  expect(kms.nativeEvents).toEqual([
    expect.objectContaining({
      'detail-type': 'KMS CMK Rotation',
      source: 'aws.kms',
      resources: [arn],
      detail: {
        'key-id': keyId,
        'key-origin': 'AWS_KMS',
        'rotation-type': 'ON_DEMAND',
        'previous-key-material-id': previous,
        'current-key-material-id': current,
      },
    }),
  ]);
});

test('an on-demand rotation is under way until a later tick', async () => {
  const kms = localKms({ delays: { onDemandRotationMs: 1000 } });
  const { keyId } = await newKey(kms.admin);
  const before = await describeKey(kms.admin, keyId);
  await kms.admin.call('RotateKeyOnDemand', { KeyId: keyId });

  kms.pass(999);
  expect(await kms.admin.call('GetKeyRotationStatus', { KeyId: keyId })).toHaveProperty('OnDemandRotationStartDate');
  expect(await describeKey(kms.admin, keyId)).toEqual(before);
  expect(await kms.admin.failure('RotateKeyOnDemand', { KeyId: keyId })).toMatchObject({ code: 'ConflictException' });

  kms.pass(1);
  expect(await kms.admin.call('GetKeyRotationStatus', { KeyId: keyId })).not.toHaveProperty(
    'OnDemandRotationStartDate',
  );
  expect(await describeKey(kms.admin, keyId)).not.toEqual(before);
});

test('an on-demand rotation does not move the automatic schedule', async () => {
  const kms = localKms();
  const { keyId } = await newKey(kms.admin);
  await kms.admin.call('EnableKeyRotation', { KeyId: keyId });
  const { NextRotationDate } = await kms.admin.call('GetKeyRotationStatus', { KeyId: keyId });

  kms.pass(DAY_MS);
  await kms.admin.call('RotateKeyOnDemand', { KeyId: keyId });
  kms.pass(DAY_MS);

  expect(await kms.admin.call('GetKeyRotationStatus', { KeyId: keyId })).toMatchObject({ NextRotationDate });
});

test('enabling rotation again restarts the clock from that day', async () => {
  const kms = localKms();
  const { keyId } = await newKey(kms.admin);
  await kms.admin.call('EnableKeyRotation', { KeyId: keyId, RotationPeriodInDays: 90 });
  kms.pass(80 * DAY_MS);

  await kms.admin.call('EnableKeyRotation', { KeyId: keyId, RotationPeriodInDays: 90 });
  kms.pass(89 * DAY_MS);

  expect(kms.serviceEvents).toEqual([]);
});

test('no on-demand rotation begins within 20 minutes of an automatic one', async () => {
  const kms = localKms();
  const { keyId } = await newKey(kms.admin);
  await kms.admin.call('EnableKeyRotation', { KeyId: keyId, RotationPeriodInDays: 90 });

  kms.pass(90 * DAY_MS - 20 * 60_000);

  expect(await kms.admin.failure('RotateKeyOnDemand', { KeyId: keyId })).toMatchObject({ code: 'ConflictException' });
});

test('a key rotates on demand 25 times in its life', async () => {
  const kms = localKms();
  const { keyId } = await newKey(kms.admin);
  for (let count = 0; count < 25; count += 1) {
    await kms.admin.call('RotateKeyOnDemand', { KeyId: keyId });
    kms.pass(60_000);
  }

  expect(await kms.admin.failure('RotateKeyOnDemand', { KeyId: keyId })).toMatchObject({
    code: 'LimitExceededException',
  });
  expect(kms.serviceEvents).toHaveLength(25);
});

test('a disabled key is not rotated, and makes up for it once when it is enabled again', async () => {
  const kms = localKms();
  const { keyId } = await newKey(kms.admin);
  await kms.admin.call('EnableKeyRotation', { KeyId: keyId, RotationPeriodInDays: 90 });
  await kms.admin.call('DisableKey', { KeyId: keyId });
  kms.pass(400 * DAY_MS);
  expect(kms.serviceEvents).toEqual([]);

  await kms.admin.call('EnableKey', { KeyId: keyId });
  kms.pass(0);

  expect(kms.serviceEvents.map(({ eventName }) => eventName)).toEqual(['RotateKey']);
});

test('a key that awaits deletion reports no rotation, and its setting comes back', async () => {
  const kms = localKms();
  const { keyId } = await newKey(kms.admin);
  await kms.admin.call('EnableKeyRotation', { KeyId: keyId });
  const status = () => kms.admin.call('GetKeyRotationStatus', { KeyId: keyId });

  await kms.admin.call('ScheduleKeyDeletion', { KeyId: keyId });
  expect(await status()).toMatchObject({ KeyRotationEnabled: false });
  await kms.admin.call('CancelKeyDeletion', { KeyId: keyId });
  expect(await status()).toMatchObject({ KeyRotationEnabled: true, RotationPeriodInDays: 365 });
});

test('the list of rotations has no entry for the first material, unless all material is asked for', async () => {
  const kms = localKms();
  const { keyId } = await newKey(kms.admin);
  await kms.admin.call('RotateKeyOnDemand', { KeyId: keyId });
  kms.pass(60_000);

  const rotations = await kms.admin.call('ListKeyRotations', { KeyId: keyId });
  const all = await kms.admin.call('ListKeyRotations', { KeyId: keyId, IncludeKeyMaterial: 'ALL_KEY_MATERIAL' });

  expect(rotations['Rotations']).toEqual([
    expect.objectContaining({
      KeyMaterialState: 'CURRENT',
      RotationType: 'ON_DEMAND',
      RotationDate: expect.any(Number),
    }),
  ]);
  expect(all['Rotations']).toHaveLength(2);
});

test('imported material waits for a rotation on demand and then becomes current', async () => {
  const kms = localKms();
  const { keyId } = await newKey(kms.admin, { Origin: 'EXTERNAL' });
  await kms.admin.call('ImportKeyMaterial', await importInput(kms.admin, keyId));
  const { CiphertextBlob } = await kms.admin.call('Encrypt', { KeyId: keyId, Plaintext: MESSAGE });
  const input = await importInput(kms.admin, keyId, undefined, { ImportType: 'NEW_KEY_MATERIAL' });
  const { KeyMaterialId } = await kms.admin.call('ImportKeyMaterial', input);
  expect(await describeKey(kms.admin, keyId)).not.toMatchObject({ CurrentKeyMaterialId: KeyMaterialId });

  await kms.admin.call('RotateKeyOnDemand', { KeyId: keyId });
  kms.pass(60_000);

  expect(await describeKey(kms.admin, keyId)).toMatchObject({ CurrentKeyMaterialId: KeyMaterialId });
  expect(await kms.admin.call('Decrypt', { CiphertextBlob })).toMatchObject({ Plaintext: MESSAGE });
});

test.each([
  [{ KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' }],
  [{ KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' }],
])('a key of %j cannot rotate', async (input) => {
  const { admin } = localKms();
  const { keyId } = await newKey(admin, input);

  for (const operation of ['EnableKeyRotation', 'RotateKeyOnDemand', 'ListKeyRotations']) {
    expect(await admin.failure(operation, { KeyId: keyId })).toMatchObject({ code: 'UnsupportedOperationException' });
  }
});
