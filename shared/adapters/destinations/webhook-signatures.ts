/**
 * Signatures of Standard Webhooks 1.0: `v1`, HMAC-SHA256 by a secret `whsec_…`; `v1a`, Ed25519 by a key `whsk_…` of which the receiver
 * has the public half, `whpk_…`. Both are over `ID.TIMESTAMP.BODY`. Source: Standard Webhooks 1.0, "Signature scheme".
 */
import { createHmac, createPrivateKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import type { EndpointSecrets } from '../../domain/subscriptions/ports';

/** PKCS #8 around 32 bytes of an Ed25519 key. Source: RFC 8410, section 7. */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');

const [SYMMETRIC, PRIVATE, PUBLIC] = ['whsec_', 'whsk_', 'whpk_'];
const SECRET_BYTES = 32;
const KEY_BYTES = 32;

/** One signature for each secret, apart by a space: while a secret is replaced, both sign. */
export function signaturesOf(secrets: readonly string[], id: string, timestamp: string, body: Uint8Array): string {
  const signed = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]);
  return secrets.map((secret) => signatureOf(secret, signed)).join(' ');
}

function signatureOf(secret: string, signed: Uint8Array): string {
  const key = Buffer.from(secret.slice(secret.indexOf('_') + 1), 'base64');
  if (!secret.startsWith(PRIVATE)) return `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
  // An Ed25519 key is written with its public half behind it, or without.
  const pkcs8 = Buffer.concat([PKCS8_HEAD, key.subarray(0, KEY_BYTES)]);
  return `v1a,${sign(null, signed, createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })).toString('base64')}`;
}

/** New secrets from the system’s source of randomness. */
export const randomEndpointSecrets: EndpointSecrets = {
  make(signing) {
    if (signing === 'v1') {
      const secret = SYMMETRIC + randomBytes(SECRET_BYTES).toString('base64');
      return { secret, shown: secret };
    }
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const seed = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-KEY_BYTES);
    const point = publicKey.export({ format: 'der', type: 'spki' }).subarray(-KEY_BYTES);
    return {
      secret: PRIVATE + Buffer.concat([seed, point]).toString('base64'),
      shown: PUBLIC + point.toString('base64'),
    };
  },
};
