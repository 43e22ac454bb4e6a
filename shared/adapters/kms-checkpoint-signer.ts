/** Signs checkpoints with an Ed25519 key that never leaves KMS. */
import { GetPublicKeyCommand, type KMSClient, SignCommand } from '@aws-sdk/client-kms';
import type { CheckpointSigner } from '../domain/audit/log/ports';
import { KeywrightError } from '../domain/errors';
import { askKms } from './kms-errors';

/** SubjectPublicKeyInfo of an Ed25519 key, before its 32 bytes. Source: RFC 8410, section 4. */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const PUBLIC_KEY_BYTES = 32;

/**
 * @param kmsKeyArn A key of ours, of spec ECC_NIST_EDWARDS25519.
 * @throws KeywrightError, from its methods, any code that begins with `kms.`.
 */
export function kmsCheckpointSigner(client: Pick<KMSClient, 'send'>, kmsKeyArn: string): CheckpointSigner {
  let publicKey: Uint8Array | undefined;
  return {
    async sign(message) {
      // Plain Ed25519 wants the message itself. Source: KMS API reference, Sign, MessageType.
      const request = {
        KeyId: kmsKeyArn,
        Message: message,
        MessageType: 'RAW',
        SigningAlgorithm: 'ED25519_SHA_512',
      } as const;
      const { Signature: signature } = await askKms('Sign', { kmsKeyArn }, () => client.send(new SignCommand(request)));
      if (signature === undefined) throw noAnswer('a signature', kmsKeyArn);
      return signature;
    },
    /** Asked once: the public key of a KMS key never changes. */
    async publicKey() {
      publicKey ??= await askPublicKey(client, kmsKeyArn);
      return publicKey;
    },
  };
}

async function askPublicKey(client: Pick<KMSClient, 'send'>, kmsKeyArn: string): Promise<Uint8Array> {
  const request = new GetPublicKeyCommand({ KeyId: kmsKeyArn });
  const { PublicKey: spki } = await askKms('GetPublicKey', { kmsKeyArn }, () => client.send(request));
  if (spki === undefined) throw noAnswer('a public key', kmsKeyArn);
  const key = Buffer.from(spki);
  if (key.length === SPKI_PREFIX.length + PUBLIC_KEY_BYTES && key.subarray(0, SPKI_PREFIX.length).equals(SPKI_PREFIX)) {
    return key.subarray(SPKI_PREFIX.length);
  }
  const message = 'The signing key must be an Ed25519 key. Make one with the key spec ECC_NIST_EDWARDS25519.';
  throw new KeywrightError('kms.unsupported', message, { kmsKeyArn });
}

const noAnswer = (what: string, kmsKeyArn: string): KeywrightError =>
  new KeywrightError('kms.unreachable', `KMS answered without ${what}.`, { kmsKeyArn });
