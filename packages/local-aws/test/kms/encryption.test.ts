import { createPublicKey, publicEncrypt } from 'node:crypto';
import * as fc from 'fast-check';
import { ACCOUNT, base64, localKms, newKey } from '../support/local-kms';
import { administratorOf } from '../support/local-world';

const MESSAGE = base64('message');
const context = fc.dictionary(fc.string({ minLength: 1 }), fc.string(), { maxKeys: 4 });

test('a ciphertext opens under exactly its encryption context, in any order of its pairs', async () => {
  const { admin } = localKms();
  const { keyId } = await newKey(admin);

  await fc.assert(
    fc.asyncProperty(context, context, fc.uint8Array({ minLength: 1, maxLength: 200 }), async (own, other, bytes) => {
      const Plaintext = Buffer.from(bytes).toString('base64');
      const { CiphertextBlob } = await admin.call('Encrypt', { KeyId: keyId, Plaintext, EncryptionContext: own });

      const reversed = Object.fromEntries(Object.entries(own).reverse());
      const opened = await admin.call('Decrypt', { CiphertextBlob, EncryptionContext: reversed });
      expect(opened).toMatchObject({ Plaintext });

      fc.pre(!isSame(own, other));
      const refused = await admin.failure('Decrypt', { CiphertextBlob, EncryptionContext: other });
      expect(refused).toMatchObject({ code: 'InvalidCiphertextException', message: '' });
    }),
    { examples: [[JSON.parse('{"__proto__":""}'), {}, Uint8Array.of(0)]] },
  );
});

test('a ciphertext with any one bit changed opens nothing', async () => {
  const { admin } = localKms();
  const { keyId } = await newKey(admin);
  const { CiphertextBlob } = await admin.call('Encrypt', { KeyId: keyId, Plaintext: MESSAGE });
  const blob = Buffer.from(String(CiphertextBlob), 'base64');

  await fc.assert(
    fc.asyncProperty(fc.nat(blob.length * 8 - 1), async (bit) => {
      const changed = Buffer.from(blob);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const error = await admin.failure('Decrypt', { KeyId: keyId, CiphertextBlob: changed.toString('base64') });
      expect(['InvalidCiphertextException', 'IncorrectKeyException']).toContain(error.code);
    }),
  );
});

test('the key of a symmetric ciphertext is found without a KeyId, and another KeyId is refused', async () => {
  const { admin } = localKms();
  const [own, other] = [await newKey(admin), await newKey(admin)];
  const { CiphertextBlob } = await admin.call('Encrypt', { KeyId: own.keyId, Plaintext: MESSAGE });

  expect(await admin.call('Decrypt', { CiphertextBlob })).toMatchObject({ KeyId: own.arn, Plaintext: MESSAGE });
  const error = await admin.failure('Decrypt', { CiphertextBlob, KeyId: other.keyId });
  expect(error).toMatchObject({ code: 'IncorrectKeyException' });
});

test('a key is named by id, ARN, alias and alias ARN alike', async () => {
  const { admin } = localKms();
  const { keyId, arn } = await newKey(admin);
  await admin.call('CreateAlias', { AliasName: 'alias/app', TargetKeyId: keyId });

  const aliasArn = arn.replace(/key\/.*/, 'alias/app');
  for (const KeyId of [keyId, arn, 'alias/app', aliasArn]) {
    expect(await admin.call('Encrypt', { KeyId, Plaintext: MESSAGE })).toMatchObject({ KeyId: arn });
  }
});

test('ReEncrypt moves a ciphertext to another key and context without showing it', async () => {
  const { admin } = localKms();
  const [source, destination] = [await newKey(admin), await newKey(admin)];
  const before = { EncryptionContext: { tenant: 'a' } };
  const { CiphertextBlob } = await admin.call('Encrypt', { KeyId: source.keyId, Plaintext: MESSAGE, ...before });

  const moved = await admin.call('ReEncrypt', {
    CiphertextBlob,
    SourceEncryptionContext: { tenant: 'a' },
    DestinationKeyId: destination.keyId,
    DestinationEncryptionContext: { tenant: 'b' },
  });

  expect(moved).toMatchObject({ SourceKeyId: source.arn, KeyId: destination.arn });
  expect(JSON.stringify(moved)).not.toContain(MESSAGE);
  const opened = await admin.call('Decrypt', {
    CiphertextBlob: moved['CiphertextBlob'],
    EncryptionContext: { tenant: 'b' },
  });
  expect(opened).toMatchObject({ KeyId: destination.arn, Plaintext: MESSAGE });
});

test('ReEncrypt names the key material on both sides', async () => {
  const kms = localKms();
  const { keyId } = await newKey(kms.admin);
  const old = await kms.admin.call('GenerateDataKey', { KeyId: keyId, KeySpec: 'AES_256' });
  await kms.admin.call('RotateKeyOnDemand', { KeyId: keyId });
  kms.pass(60_000);

  const input = { CiphertextBlob: old['CiphertextBlob'], SourceKeyId: keyId, DestinationKeyId: keyId };
  const moved = await kms.admin.call('ReEncrypt', input);

  const { CurrentKeyMaterialId } = (await kms.admin.call('DescribeKey', { KeyId: keyId }))['KeyMetadata'] as {
    CurrentKeyMaterialId: string;
  };
  expect(moved['SourceKeyMaterialId']).toBe(old['KeyMaterialId']);
  expect(moved['DestinationKeyMaterialId']).toBe(CurrentKeyMaterialId);
  expect(CurrentKeyMaterialId).not.toBe(old['KeyMaterialId']);
});

test.each(['AES_128', 'AES_256'])('a data key of %s is what its ciphertext decrypts to', async (KeySpec) => {
  const { admin } = localKms();
  const { keyId } = await newKey(admin);

  const made = await admin.call('GenerateDataKey', { KeyId: keyId, KeySpec });

  const opened = await admin.call('Decrypt', { CiphertextBlob: made['CiphertextBlob'] });
  expect(opened['Plaintext']).toBe(made['Plaintext']);
  expect(Buffer.from(String(made['Plaintext']), 'base64')).toHaveLength(Number(KeySpec.slice(4)) / 8);
});

test('without plaintext means without plaintext', async () => {
  const { admin } = localKms();
  const { keyId } = await newKey(admin);

  const key = await admin.call('GenerateDataKeyWithoutPlaintext', { KeyId: keyId, NumberOfBytes: 64 });
  const pair = await admin.call('GenerateDataKeyPairWithoutPlaintext', { KeyId: keyId, KeyPairSpec: 'ECC_NIST_P256' });

  expect(JSON.parse(JSON.stringify(key))).not.toHaveProperty('Plaintext');
  expect(JSON.parse(JSON.stringify(pair))).not.toHaveProperty('PrivateKeyPlaintext');
});

test('a data key needs a key spec or a number of bytes, not both', async () => {
  const { admin } = localKms();
  const { keyId } = await newKey(admin);

  for (const more of [{}, { KeySpec: 'AES_256', NumberOfBytes: 32 }]) {
    const error = await admin.failure('GenerateDataKey', { KeyId: keyId, ...more });
    expect(error).toMatchObject({ code: 'ValidationException', message: expect.stringContaining('number of bytes') });
  }
});

test.each(['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256'])(
  'what is encrypted offline with %s, KMS decrypts',
  async (algorithm) => {
    const { admin } = localKms();
    const { keyId } = await newKey(admin, { KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' });
    const { PublicKey } = await admin.call('GetPublicKey', { KeyId: keyId });
    const key = createPublicKey({ key: Buffer.from(String(PublicKey), 'base64'), format: 'der', type: 'spki' });

    const oaepHash = algorithm.endsWith('256') ? 'sha256' : 'sha1';
    const CiphertextBlob = publicEncrypt({ key, oaepHash }, Buffer.from('offline')).toString('base64');

    const input = { KeyId: keyId, CiphertextBlob, EncryptionAlgorithm: algorithm };
    expect(await admin.call('Decrypt', input)).toMatchObject({ Plaintext: base64('offline') });
  },
);

describe('a dry run', () => {
  test('of what would succeed says so and has no effect', async () => {
    const { admin } = localKms();
    const { keyId } = await newKey(admin);
    const grant = { KeyId: keyId, GranteePrincipal: `arn:aws:iam::${ACCOUNT}:role/r`, Operations: ['Decrypt'] };

    const error = await admin.failure('CreateGrant', { ...grant, DryRun: true });

    expect(error).toMatchObject({ code: 'DryRunOperationException', status: 400 });
    expect((await admin.call('ListGrants', { KeyId: keyId }))['Grants']).toEqual([]);
  });

  test('of what would fail fails as the call would', async () => {
    const { admin } = localKms();
    const { keyId } = await newKey(admin);
    await admin.call('DisableKey', { KeyId: keyId });

    const error = await admin.failure('Encrypt', { KeyId: keyId, Plaintext: MESSAGE, DryRun: true });
    expect(error).toMatchObject({ code: 'DisabledException' });
  });

  test('may do without the ciphertext, and then needs a KeyId', async () => {
    const { admin } = localKms();
    const { keyId } = await newKey(admin);
    const dry = { DryRun: true, DryRunModifiers: ['IGNORE_CIPHERTEXT'] };

    expect(await admin.failure('Decrypt', { KeyId: keyId, ...dry })).toMatchObject({
      code: 'DryRunOperationException',
    });
    expect(await admin.failure('Decrypt', dry)).toMatchObject({ code: 'ValidationException' });
    expect(await admin.failure('Decrypt', { KeyId: keyId, DryRunModifiers: ['IGNORE_CIPHERTEXT'] })).toMatchObject({
      code: 'ValidationException',
    });
  });
});

test('a replica decrypts in its Region what the primary key encrypted in its own', async () => {
  const kms = localKms();
  const { keyId } = await newKey(kms.admin, { MultiRegion: true });
  const { CiphertextBlob } = await kms.admin.call('Encrypt', { KeyId: keyId, Plaintext: MESSAGE });
  await kms.admin.call('ReplicateKey', { KeyId: keyId, ReplicaRegion: 'us-west-2' });
  kms.pass(60_000);

  const elsewhere = kms.as(administratorOf(ACCOUNT), 'us-west-2');
  expect(await elsewhere.call('Decrypt', { CiphertextBlob })).toMatchObject({ Plaintext: MESSAGE });
  const third = kms.as(administratorOf(ACCOUNT), 'eu-west-3');
  expect(await third.failure('Decrypt', { CiphertextBlob })).toMatchObject({ code: 'AccessDeniedException' });
});

test('what was meant for an attested enclave is not answered in plaintext', async () => {
  const { admin } = localKms();
  const error = await admin.failure('GenerateRandom', { NumberOfBytes: 8, Recipient: { AttestationDocument: 'AA==' } });
  expect(error).toMatchObject({ code: 'UnsupportedOperationException' });
});

const isSame = (a: Record<string, string>, b: Record<string, string>) =>
  Object.keys(a).length === Object.keys(b).length && Object.entries(a).every(([name, value]) => b[name] === value);
