import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { importInput } from '../support/kms-import';
import { base64, DAY_MS, describe as describeKey, localKms, newKey } from '../support/local-kms';
import { START } from '../support/local-world';

const MESSAGE = base64('message');

async function importedKey({ secret = randomBytes(32), expiresAtMs }: { secret?: Buffer; expiresAtMs?: number } = {}) {
  const kms = localKms();
  const { keyId, arn } = await newKey(kms.admin, { Origin: 'EXTERNAL' });
  const expiry = expiresAtMs ? { ExpirationModel: 'KEY_MATERIAL_EXPIRES', ValidTo: expiresAtMs / 1000 } : {};
  const input = await importInput(kms.admin, keyId, secret, expiry);
  const { KeyMaterialId } = await kms.admin.call('ImportKeyMaterial', input);
  return { ...kms, keyId, arn, materialId: String(KeyMaterialId), input };
}

test('imported material that expires stops the key on the instant and is announced', async () => {
  const { admin, keyId, materialId, ...kms } = await importedKey({ expiresAtMs: START + DAY_MS });
  await admin.call('Encrypt', { KeyId: keyId, Plaintext: MESSAGE });

  kms.pass(DAY_MS);

  expect(await describeKey(admin, keyId)).toMatchObject({ KeyState: 'PendingImport', Enabled: false });
  expect(kms.serviceEvents).toMatchObject([
    { eventName: 'DeleteExpiredKeyMaterial', serviceEventDetails: { keyId, keyMaterialId: materialId } },
  ]);
  expect(kms.nativeEvents).toMatchObject([
    {
      'detail-type': 'KMS Imported Key Material Expiration',
      detail: { 'key-id': keyId, 'key-material-id': materialId },
    },
  ]);
});

test('a disabled key loses its expired material as well', async () => {
  const { admin, keyId, ...kms } = await importedKey({ expiresAtMs: START + DAY_MS });
  await admin.call('DisableKey', { KeyId: keyId });

  kms.pass(DAY_MS);

  expect(kms.serviceEvents).toHaveLength(1);
});

test('the same material imported again makes its ciphertexts readable again', async () => {
  const secret = randomBytes(32);
  const { admin, keyId, materialId } = await importedKey({ secret });
  const { CiphertextBlob } = await admin.call('Encrypt', { KeyId: keyId, Plaintext: MESSAGE });
  await admin.call('DeleteImportedKeyMaterial', { KeyId: keyId });
  expect(await admin.failure('Decrypt', { CiphertextBlob })).toMatchObject({ code: 'KMSInvalidStateException' });

  const again = await admin.call('ImportKeyMaterial', await importInput(admin, keyId, secret));

  expect(again).toMatchObject({ KeyMaterialId: materialId });
  expect(await admin.call('Decrypt', { CiphertextBlob })).toMatchObject({ Plaintext: MESSAGE });
});

test('other material than before is refused unless it is said to be new', async () => {
  const { admin, keyId } = await importedKey();

  const other = await importInput(admin, keyId);

  expect(await admin.failure('ImportKeyMaterial', other)).toMatchObject({ code: 'IncorrectKeyMaterialException' });
});

test('only one new material can wait for rotation', async () => {
  const { admin, keyId, arn } = await importedKey();
  const asNew = { ImportType: 'NEW_KEY_MATERIAL' };
  await admin.call('ImportKeyMaterial', await importInput(admin, keyId, randomBytes(32), asNew));

  const error = await admin.failure('ImportKeyMaterial', await importInput(admin, keyId, randomBytes(32), asNew));

  expect(error).toMatchObject({ code: 'KMSInvalidStateException', message: expect.stringContaining(arn) });
});

test('material of the wrong length, or of another curve, is refused', async () => {
  const { admin } = localKms();
  const symmetric = await newKey(admin, { Origin: 'EXTERNAL' });
  const elliptic = await newKey(admin, { Origin: 'EXTERNAL', KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' });
  const p384 = generateKeyPairSync('ec', { namedCurve: 'secp384r1' }).privateKey.export({
    type: 'pkcs8',
    format: 'der',
  });

  for (const [keyId, secret] of [
    [symmetric.keyId, randomBytes(16)],
    [elliptic.keyId, p384],
  ] as const) {
    const error = await admin.failure('ImportKeyMaterial', await importInput(admin, keyId, secret));
    expect(error).toMatchObject({ code: 'IncorrectKeyMaterialException' });
  }
});

test('an import token works for a day, and for its own key only', async () => {
  const { admin, keyId, input, ...kms } = await importedKey();
  const other = await newKey(admin, { Origin: 'EXTERNAL' });

  const elsewhere = await admin.failure('ImportKeyMaterial', { ...input, KeyId: other.keyId });
  expect(elsewhere).toMatchObject({ code: 'InvalidImportTokenException' });
  kms.pass(DAY_MS);
  expect(await admin.failure('ImportKeyMaterial', input)).toMatchObject({ code: 'ExpiredImportTokenException' });
  expect(await describeKey(admin, keyId)).toMatchObject({ KeyState: 'Enabled' });
});

test('material wrapped for another public key is refused', async () => {
  const { admin, keyId, input } = await importedKey();

  const wrong = { ...input, EncryptedKeyMaterial: randomBytes(256).toString('base64'), KeyId: keyId };

  expect(await admin.failure('ImportKeyMaterial', wrong)).toMatchObject({ code: 'InvalidCiphertextException' });
});

test('material that expires needs a date, at most a year away', async () => {
  const { admin, keyId, input } = await importedKey();
  const expires = { ...input, KeyId: keyId, ExpirationModel: 'KEY_MATERIAL_EXPIRES' };

  for (const ValidTo of [undefined, (START - 1) / 1000, (START + 366 * DAY_MS) / 1000]) {
    expect(await admin.failure('ImportKeyMaterial', { ...expires, ValidTo })).toMatchObject({
      code: 'ValidationException',
    });
  }
});
