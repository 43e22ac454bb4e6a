/** Signs checkpoints with an Ed25519 key of this machine: for streams that are made from log files, outside AWS. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { CheckpointSigner } from '../domain/audit/log/ports';
import { KeywrightError } from '../domain/errors';

/** SubjectPublicKeyInfo ends in the 32 bytes of the key. Source: RFC 8410, section 4. */
const PUBLIC_KEY_BYTES = 32;

/**
 * @param privateKeyPem PKCS #8.
 * @throws KeywrightError `input.invalid` when it is no Ed25519 key.
 */
export function localCheckpointSigner(privateKeyPem: string): CheckpointSigner {
  const privateKey = readKey(privateKeyPem);
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return {
    sign: async (message) => sign(null, message, privateKey),
    publicKey: async () => spki.subarray(-PUBLIC_KEY_BYTES),
  };
}

/** A new key, PKCS #8 in PEM. It is a secret. */
export function newSigningKeyPem(): string {
  return generateKeyPairSync('ed25519', {
    privateKeyEncoding: { format: 'pem', type: 'pkcs8' },
    publicKeyEncoding: { format: 'pem', type: 'spki' },
  }).privateKey;
}

function readKey(pem: string): KeyObject {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // The parser's own error may quote the key.
  }
  throw new KeywrightError('input.invalid', 'The signing key must be an Ed25519 private key, PKCS #8 in PEM.');
}
