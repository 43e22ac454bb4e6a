/** Encrypt and Decrypt with an RSA key: RSAES-OAEP. */
import { constants, privateDecrypt, publicEncrypt } from 'node:crypto';
import { validationError } from '../input';
import type { KmsKey } from '../keys/kms-key';
import { privateKeyOf, publicKeyOf } from './private-keys';

const OAEP_HASHES = {
  RSAES_OAEP_SHA_1: { oaepHash: 'sha1', hashBytes: 20 },
  RSAES_OAEP_SHA_256: { oaepHash: 'sha256', hashBytes: 32 },
} as const;
export type OaepAlgorithm = keyof typeof OAEP_HASHES;

/** @throws AwsError ValidationException when the plaintext is too long for the key and algorithm. */
export function encryptOaep(key: KmsKey, algorithm: OaepAlgorithm, plaintext: Buffer): Buffer {
  const { oaepHash, hashBytes } = OAEP_HASHES[algorithm];
  const publicKey = publicKeyOf(key);
  const modulusBytes = (publicKey.asymmetricKeyDetails?.modulusLength ?? 0) / 8;
  // RFC 8017, 7.1.1: a message is at most k - 2hLen - 2 bytes long.
  const maxBytes = modulusBytes - 2 * hashBytes - 2;
  if (plaintext.length > maxBytes) {
    const text = `Algorithm ${algorithm} and key spec ${key.spec} cannot encrypt data larger than ${maxBytes} bytes.`;
    throw validationError(text);
  }
  return publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, plaintext);
}

/** @returns the plaintext, or undefined when the ciphertext was not made with this key and algorithm. */
export function decryptOaep(key: KmsKey, algorithm: OaepAlgorithm, ciphertext: Buffer): Buffer | undefined {
  const { oaepHash } = OAEP_HASHES[algorithm];
  try {
    return privateDecrypt({ key: privateKeyOf(key), padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, ciphertext);
  } catch {
    return undefined;
  }
}
