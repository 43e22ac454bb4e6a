/** What a customer does to import key material: wraps it under the public key of GetParametersForImport. */
import { constants, createCipheriv, createPublicKey, publicEncrypt, randomBytes } from 'node:crypto';
import type { JsonObject } from '../../call';
import type { KmsClient } from './local-kms';

export function wrapOaep(publicKey: string, secret: Uint8Array, oaepHash: 'sha1' | 'sha256' = 'sha256'): string {
  const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' });
  return publicEncrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, secret).toString('base64');
}

/** RSA_AES_KEY_WRAP_SHA_256. Source of the IV: RFC 5649, 3. */
export function wrapWithAes(publicKey: string, secret: Uint8Array): string {
  const aesKey = randomBytes(32);
  const cipher = createCipheriv('id-aes256-wrap-pad', aesKey, Buffer.from('a65959a6', 'hex'));
  const wrapped = Buffer.concat([cipher.update(secret), cipher.final()]);
  return Buffer.concat([Buffer.from(wrapOaep(publicKey, aesKey), 'base64'), wrapped]).toString('base64');
}

/** The input of an ImportKeyMaterial that never expires, unless `more` says so. */
export async function importInput(
  client: KmsClient,
  KeyId: JsonObject[string],
  secret: Uint8Array = randomBytes(32),
  more: JsonObject = {},
): Promise<JsonObject> {
  const wrapping = { WrappingAlgorithm: 'RSAES_OAEP_SHA_256', WrappingKeySpec: 'RSA_2048' };
  const { ImportToken, PublicKey } = await client.call('GetParametersForImport', { KeyId, ...wrapping });
  const EncryptedKeyMaterial = wrapOaep(String(PublicKey), secret);
  return { KeyId, ImportToken, EncryptedKeyMaterial, ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE', ...more };
}
