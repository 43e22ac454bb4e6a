/** How customers wrap key material that they import. Source: KMS developer guide, "Select a wrapping algorithm". */
import { constants, createDecipheriv, createPrivateKey, type KeyObject, privateDecrypt } from 'node:crypto';

/** RSAES_PKCS1_V1_5 is no longer accepted by AWS (since October 2023), SM2PKE is China only. */
export const WRAPPING_ALGORITHMS = {
  RSAES_OAEP_SHA_1: { oaepHash: 'sha1', wrapsAesKey: false },
  RSAES_OAEP_SHA_256: { oaepHash: 'sha256', wrapsAesKey: false },
  RSA_AES_KEY_WRAP_SHA_1: { oaepHash: 'sha1', wrapsAesKey: true },
  RSA_AES_KEY_WRAP_SHA_256: { oaepHash: 'sha256', wrapsAesKey: true },
} as const;
export type WrappingAlgorithm = keyof typeof WRAPPING_ALGORITHMS;

/** The IV of AES key wrap with padding. Source: RFC 5649, 3. */
const KEY_WRAP_IV = Buffer.from('a65959a6', 'hex');

/** @returns the key material, or undefined when it was not wrapped with this key and algorithm. */
export function unwrap(wrapped: Buffer, algorithm: WrappingAlgorithm, pkcs8: string): Buffer | undefined {
  const { oaepHash, wrapsAesKey } = WRAPPING_ALGORITHMS[algorithm];
  const privateKey = createPrivateKey({ key: Buffer.from(pkcs8, 'base64'), format: 'der', type: 'pkcs8' });
  try {
    if (!wrapsAesKey) return decryptOaep(wrapped, privateKey, oaepHash);
    // The RSA-wrapped AES key comes first and is as long as the modulus; the material, wrapped by the AES key, follows.
    const modulusBytes = (privateKey.asymmetricKeyDetails?.modulusLength ?? 0) / 8;
    const aesKey = decryptOaep(wrapped.subarray(0, modulusBytes), privateKey, oaepHash);
    const cipher = createDecipheriv(`id-aes${aesKey.length * 8}-wrap-pad`, aesKey, KEY_WRAP_IV);
    return Buffer.concat([cipher.update(wrapped.subarray(modulusBytes)), cipher.final()]);
  } catch {
    return undefined;
  }
}

function decryptOaep(bytes: Buffer, key: KeyObject, oaepHash: string): Buffer {
  return privateDecrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, bytes);
}
