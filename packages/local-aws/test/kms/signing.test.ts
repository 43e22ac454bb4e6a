/** KMS signatures against node:crypto's own, in both directions. */
import {
  constants,
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import * as fc from 'fast-check';
import { signDigest, verifyDigest } from '../../kms/crypto/ecdsa';
import { signPkcs1, signPss, verifyPkcs1, verifyPss } from '../../kms/crypto/rsa-signature';
import { base64, localKms, newKey } from '../support/local-kms';

const message = fc.uint8Array({ minLength: 1, maxLength: 100 });
const sha = (hash: string, bytes: Uint8Array) => createHash(hash).update(bytes).digest();

describe.each([
  ['prime256v1', 'sha256'],
  ['secp384r1', 'sha384'],
  ['secp521r1', 'sha512'],
  ['secp256k1', 'sha256'],
  // A hash longer than the curve's order is cut to its leftmost bits.
  ['prime256v1', 'sha512'],
])('ECDSA on %s with %s', (namedCurve, hash) => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve });

  test('OpenSSL accepts our signatures, and we accept its', () => {
    fc.assert(
      fc.property(message, (bytes) => {
        expect(verify(hash, bytes, publicKey, signDigest(privateKey, sha(hash, bytes)))).toBe(true);
        expect(verifyDigest(privateKey, sha(hash, bytes), sign(hash, bytes, privateKey))).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  test('another message, another key and another encoding are refused', () => {
    const signature = sign(hash, Buffer.from('message'), privateKey);
    const other = generateKeyPairSync('ec', { namedCurve }).privateKey;

    expect(verifyDigest(privateKey, sha(hash, Buffer.from('massage')), signature)).toBe(false);
    expect(verifyDigest(other, sha(hash, Buffer.from('message')), signature)).toBe(false);
    for (const damaged of [Buffer.concat([signature, Buffer.from([0])]), signature.subarray(1), Buffer.alloc(0)]) {
      expect(verifyDigest(privateKey, sha(hash, Buffer.from('message')), damaged)).toBe(false);
    }
  });
});

describe.each(['sha256', 'sha384', 'sha512'] as const)('RSA with %s', (hash) => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: Number(hash.slice(3)) / 8 };

  test('OpenSSL accepts our signatures, and we accept its', () => {
    fc.assert(
      fc.property(message, (bytes) => {
        const digest = sha(hash, bytes);
        expect(verify(hash, bytes, publicKey, signPkcs1(privateKey, hash, digest))).toBe(true);
        expect(verify(hash, bytes, { key: publicKey, ...pss }, signPss(privateKey, hash, digest))).toBe(true);
        expect(verifyPkcs1(privateKey, hash, digest, sign(hash, bytes, privateKey))).toBe(true);
        expect(verifyPss(privateKey, hash, digest, sign(hash, bytes, { key: privateKey, ...pss }))).toBe(true);
      }),
      { numRuns: 20 },
    );
  });

  test('a changed signature, another message and bytes of the wrong length are refused', () => {
    const digest = sha(hash, Buffer.from('message'));
    const other = sha(hash, Buffer.from('massage'));
    for (const [make, check] of [
      [signPkcs1, verifyPkcs1],
      [signPss, verifyPss],
    ] as const) {
      const signature = make(privateKey, hash, digest);
      const changed = Buffer.from(signature);
      changed[100] = (changed[100] ?? 0) ^ 1;
      expect(check(privateKey, hash, digest, signature)).toBe(true);
      expect(check(privateKey, hash, other, signature)).toBe(false);
      expect(check(privateKey, hash, digest, changed)).toBe(false);
      expect(check(privateKey, hash, digest, Buffer.alloc(17))).toBe(false);
    }
  });
});

test('an Ed25519 key signs messages that its public key verifies', async () => {
  const { admin } = localKms();
  const { keyId } = await newKey(admin, { KeySpec: 'ECC_NIST_EDWARDS25519', KeyUsage: 'SIGN_VERIFY' });
  const input = { KeyId: keyId, Message: base64('checkpoint'), SigningAlgorithm: 'ED25519_SHA_512' };

  const { Signature } = await admin.call('Sign', input);

  const publicKey = await publicKeyOf(keyId, admin.call);
  expect(verify(null, Buffer.from('checkpoint'), publicKey, Buffer.from(String(Signature), 'base64'))).toBe(true);
  expect(await admin.call('Verify', { ...input, Signature })).toMatchObject({ SignatureValid: true });
});

test('a data key pair is a pair, and its private key opens from its ciphertext', async () => {
  const { admin } = localKms();
  const { keyId } = await newKey(admin);

  const pair = await admin.call('GenerateDataKeyPair', { KeyId: keyId, KeyPairSpec: 'ECC_NIST_P384' });

  const opened = await admin.call('Decrypt', { CiphertextBlob: pair['PrivateKeyCiphertextBlob'] });
  expect(opened['Plaintext']).toBe(pair['PrivateKeyPlaintext']);
  const der = Buffer.from(String(pair['PrivateKeyPlaintext']), 'base64');
  const derived = createPublicKey(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
  expect(derived.export({ type: 'spki', format: 'der' }).toString('base64')).toBe(pair['PublicKey']);
});

test('symmetric and HMAC keys have no public key', async () => {
  const { admin } = localKms();
  for (const input of [{}, { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' }]) {
    const { keyId } = await newKey(admin, input);
    expect(await admin.failure('GetPublicKey', { KeyId: keyId })).toMatchObject({
      code: 'UnsupportedOperationException',
    });
  }
});

async function publicKeyOf(
  KeyId: string,
  call: (name: string, input: { KeyId: string }) => Promise<unknown>,
): Promise<KeyObject> {
  const { PublicKey } = (await call('GetPublicKey', { KeyId })) as { PublicKey: string };
  return createPublicKey({ key: Buffer.from(PublicKey, 'base64'), format: 'der', type: 'spki' });
}
