/** Secrets of channels, encrypted by a KMS key of the stack under an encryption context that names the channel. */
import { DecryptCommand, EncryptCommand, type KMSClient } from '@aws-sdk/client-kms';
import type { SecretOpener, SecretSealer } from '../domain/availability/ports';
import { KeywrightError } from '../domain/errors';

/** The role policies ask for it: no call of ours opens a secret without saying whose it is. */
const CONTEXT_KEY = 'keywright:channel';

/** Encrypts secrets: it can open none. KMS takes up to 4096 bytes. */
export const kmsSecretSealer = (client: Pick<KMSClient, 'send'>, keyArn: string): SecretSealer => ({
  async seal(secret, name) {
    const request = { KeyId: keyArn, Plaintext: Buffer.from(secret), EncryptionContext: { [CONTEXT_KEY]: name } };
    const { CiphertextBlob } = await client.send(new EncryptCommand(request)).catch(refused('encrypt', name));
    if (!CiphertextBlob) throw refusedBy('encrypt', name, 'an empty answer');
    return CiphertextBlob;
  },
});

/** As many are kept in memory as there may be channels: a page about an outage of KMS does not wait for it. */
const KEPT_MAX = 100;

/** Opens secrets, and keeps those that it has opened. */
export function kmsSecretOpener(client: Pick<KMSClient, 'send'>, keyArn: string): SecretOpener {
  const kept = new Map<string, string>();
  return {
    async open(sealed, name) {
      const id = `${name} ${Buffer.from(sealed).toString('base64')}`;
      const known = kept.get(id);
      if (known !== undefined) return known;
      const request = { KeyId: keyArn, CiphertextBlob: sealed, EncryptionContext: { [CONTEXT_KEY]: name } };
      const { Plaintext } = await client.send(new DecryptCommand(request)).catch(refused('decrypt', name));
      if (!Plaintext) throw refusedBy('decrypt', name, 'an empty answer');
      const secret = Buffer.from(Plaintext).toString('utf8');
      if (kept.size >= KEPT_MAX) kept.clear();
      kept.set(id, secret);
      return secret;
    },
  };
}

const refused = (act: string, name: string) => (error: unknown) => {
  throw refusedBy(act, name, error instanceof Error ? error.name : 'an error');
};

const refusedBy = (act: string, channel: string, reason: string) =>
  new KeywrightError('secret.not-opened', `KMS did not ${act} the secret of the channel ${channel}: ${reason}.`, {
    channel,
    reason,
  });
