/** `keywright audit public-key`: what the provider hands to a customer, once, by a channel that both trust. */
import { existsSync } from 'node:fs';
import { Command, Option } from 'commander';
import { UsageError } from 'keywright-verify/logs';
import { kmsCheckpointSigner } from '../../shared/adapters/kms-checkpoint-signer';
import { originOf } from '../../shared/domain/audit/log/checkpoint';
import type { CheckpointSigner } from '../../shared/domain/audit/log/ports';
import { verifierKey } from '../../shared/domain/audit/log/signed-note';
import { printable } from '../output/printable-text';
import { signerOf } from '../replay/signing-key';
import { explained } from './explained';

const HELP = `
The key is asked of what signs: AuditSigningKeyArn among the outputs of the
stack, or the file that replay signs with. A log is never asked: whoever forged
it would answer.

Examples:
  $ keywright audit public-key acme --kms-key arn:aws:kms:…:key/… > acme.pub
  $ keywright audit public-key acme globex \\
      --signing-key ./streams/.keywright/signing-key.pem
`;

interface Options {
  readonly kmsKey?: string;
  readonly signingKey?: string;
  readonly json?: boolean;
}

export const publicKeyCommand = () =>
  new Command('public-key')
    .description("print the public key of customers' logs, a line for each")
    .argument('<customer...>', 'ids of customers')
    .addOption(new Option('--kms-key <arn>', 'the key in KMS that signs the logs').conflicts('signingKey'))
    .option('--signing-key <file>', 'the Ed25519 key (PEM) that `keywright replay` signs with')
    .option('--json', 'print them as JSON')
    .addHelpText('after', HELP)
    .action(
      explained(async (customerIds: readonly string[], options: Options) => {
        const publicKey = await (await signerNamed(options)).publicKey();
        const keys = customerIds.map((customerId) => ({
          customerId,
          publicKey: verifierKey(originOf(customerId), publicKey),
        }));
        const lines = keys.map((key) => `${printable(key.publicKey)}\n`).join('');
        process.stdout.write(options.json ? `${JSON.stringify(keys, null, 2)}\n` : lines);
      }),
    );

/** A key that is not there is not made. */
async function signerNamed({ kmsKey, signingKey }: Options): Promise<Pick<CheckpointSigner, 'publicKey'>> {
  if (kmsKey !== undefined) {
    // What speaks to AWS is loaded by the commands that do.
    const { KMSClient } = await import('@aws-sdk/client-kms');
    return kmsCheckpointSigner(new KMSClient(), kmsKey);
  }
  if (signingKey === undefined) throw new UsageError('Give --kms-key or --signing-key: what signs the logs.');
  if (!existsSync(signingKey)) throw new UsageError(`There is no file ${signingKey}.`);
  return signerOf(signingKey);
}
