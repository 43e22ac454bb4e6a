/** The private and public keys of asymmetric KMS keys, parsed once for each key material. */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { usableMaterial } from '../keys/key-usage';
import type { KeyMaterial, KmsKey } from '../keys/kms-key';

const parsed = new WeakMap<KeyMaterial, KeyObject>();

export function privateKeyOf(key: KmsKey): KeyObject {
  const material = usableMaterial(key);
  const known = parsed.get(material);
  if (known) return known;
  const der = Buffer.from(material.secret ?? '', 'base64');
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  parsed.set(material, privateKey);
  return privateKey;
}

export function publicKeyOf(key: KmsKey): KeyObject {
  return createPublicKey(privateKeyOf(key));
}

/** Base64 of the public key in DER, SubjectPublicKeyInfo: the form of GetPublicKey and GenerateDataKeyPair. */
export function spkiOf(privateKey: KeyObject): string {
  return createPublicKey(privateKey).export({ type: 'spki', format: 'der' }).toString('base64');
}
