/**
 * Proofs by dry runs of KMS, which checks everything and then does nothing. One that would succeed ends with an error of its own.
 * Source: KMS developer guide, "Testing your permissions".
 */
import { GenerateDataKeyCommand, ReEncryptCommand } from '@aws-sdk/client-kms';
import type { KeyRef } from '../domain/keys/kms-key';
import type { KeyProver } from '../domain/keys/ports';
import type { RoleClients } from './kms-clients';
import { askKms } from './kms-errors';

/** Dry runs by the client that reaches a key. */
export function kmsKeyProver(clients: RoleClients): KeyProver {
  return {
    async proveGenerate(key, context) {
      const request = new GenerateDataKeyCommand({
        KeyId: key.kmsKeyArn,
        KeySpec: 'AES_256',
        EncryptionContext: { ...context },
        DryRun: true,
      });
      await proven('GenerateDataKey', key, () => clients.of(key).send(request));
    },

    async proveReencrypt(key, wrapped, context) {
      const request = new ReEncryptCommand({
        CiphertextBlob: wrapped,
        SourceKeyId: key.kmsKeyArn,
        SourceEncryptionContext: { ...context },
        DestinationKeyId: key.kmsKeyArn,
        DestinationEncryptionContext: { ...context },
        DryRun: true,
      });
      await proven('ReEncrypt', key, () => clients.of(key).send(request));
    },

    proveRole: (key) => clients.assumeAnew(key),
  };
}

const PROVEN = 'DryRunOperationException';

const proven = (operation: string, { kmsKeyArn }: KeyRef, ask: () => Promise<unknown>): Promise<unknown> =>
  askKms(operation, { kmsKeyArn }, () =>
    ask().catch((error: unknown) => {
      if (!(error instanceof Error) || error.name !== PROVEN) throw error;
    }),
  );
