/**
 * RSA signatures over a digest, which node:crypto does not offer: it insists on hashing the message itself. The padding
 * is made here, the RSA operation by OpenSSL. Source: RFC 8017, 8.1 (PSS), 8.2 (PKCS #1 v1.5), 9.1, 9.2, B.2.1.
 */
import {
  constants,
  createHash,
  createPublicKey,
  type KeyObject,
  privateEncrypt,
  publicDecrypt,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';

export type HashName = 'sha256' | 'sha384' | 'sha512';

/** DER of DigestInfo up to the digest. Source: RFC 8017, 9.2, note 1. */
const DIGEST_INFO: Readonly<Record<HashName, string>> = {
  sha256: '3031300d060960864801650304020105000420',
  sha384: '3041300d060960864801650304020205000430',
  sha512: '3051300d060960864801650304020305000440',
};

export function signPkcs1(privateKey: KeyObject, hash: HashName, digest: Buffer): Buffer {
  return privateEncrypt({ key: privateKey, padding: constants.RSA_PKCS1_PADDING }, digestInfo(hash, digest));
}

export function verifyPkcs1(privateKey: KeyObject, hash: HashName, digest: Buffer, signature: Buffer): boolean {
  const opened = recover(privateKey, signature, constants.RSA_PKCS1_PADDING);
  return opened !== undefined && equal(opened, digestInfo(hash, digest));
}

export function signPss(privateKey: KeyObject, hash: HashName, digest: Buffer): Buffer {
  const encoded = pssEncoded(privateKey, hash, digest, randomBytes(digest.length));
  return privateEncrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, encoded);
}

/** The salt is as long as the digest, as KMS makes it. */
export function verifyPss(privateKey: KeyObject, hash: HashName, digest: Buffer, signature: Buffer): boolean {
  const encoded = recover(privateKey, signature, constants.RSA_NO_PADDING);
  if (encoded === undefined) return false;
  const maskEnd = encoded.length - digest.length - 1;
  const block = xor(encoded.subarray(0, maskEnd), mask(hash, encoded.subarray(maskEnd, -1), maskEnd));
  const salt = block.subarray(maskEnd - digest.length);
  return equal(encoded, pssEncoded(privateKey, hash, digest, salt));
}

/** EMSA-PSS: masked (zeros, 1, salt), then H(zeros, digest, salt), then 0xbc. */
function pssEncoded(privateKey: KeyObject, hash: HashName, digest: Buffer, salt: Buffer): Buffer {
  const bytes = (privateKey.asymmetricKeyDetails?.modulusLength ?? 0) / 8;
  const h = createHash(hash).update(Buffer.alloc(8)).update(digest).update(salt).digest();
  const block = Buffer.concat([Buffer.alloc(bytes - salt.length - h.length - 2), Buffer.from([1]), salt]);
  const masked = xor(block, mask(hash, h, block.length));
  // The encoded message is one bit shorter than the modulus: its first bit is clear.
  masked[0] = (masked[0] ?? 0) & 0x7f;
  return Buffer.concat([masked, h, Buffer.from([0xbc])]);
}

/** MGF1. */
function mask(hash: HashName, seed: Buffer, length: number): Buffer {
  const counters = Array.from({ length: Math.ceil(length / seed.length) }, (_, counter) => counter);
  const blocks = counters.map((counter) => {
    const suffix = Buffer.alloc(4);
    suffix.writeUInt32BE(counter);
    return createHash(hash).update(seed).update(suffix).digest();
  });
  return Buffer.concat(blocks).subarray(0, length);
}

const xor = (a: Buffer, b: Buffer) => Buffer.from(a.map((byte, index) => byte ^ (b[index] ?? 0)));

const digestInfo = (hash: HashName, digest: Buffer) => Buffer.concat([Buffer.from(DIGEST_INFO[hash], 'hex'), digest]);

const equal = (a: Buffer, b: Buffer) => a.length === b.length && timingSafeEqual(a, b);

/** @returns undefined for bytes that are no signature of this key's length or padding. */
function recover(privateKey: KeyObject, signature: Buffer, padding: number): Buffer | undefined {
  try {
    return publicDecrypt({ key: createPublicKey(privateKey), padding }, signature);
  } catch {
    return undefined;
  }
}
