/** The key that signs the checkpoints of replayed streams: a file of its own, made when it is first needed. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readFileWithin } from 'safe-files/read-file';
import { localCheckpointSigner, newSigningKeyPem } from '../../shared/adapters/local-checkpoint-signer';
import type { CheckpointSigner } from '../../shared/domain/audit/log/ports';
import { writeIfChanged } from './output-files';

const OWNER_ONLY = 0o600;

/** A key in PEM has some hundred bytes; people write notes around it. */
const KEY_BYTES_MAX = 64 * 1024;

/** No customer's folder begins with a point. */
export function defaultKeyFile(out: string): string {
  return join(out, '.keywright', 'signing-key.pem');
}

/**
 * The signer of a key file. A missing file is made, readable by its owner alone: it is a secret, and whoever loses it
 * cannot go on with the streams it signed.
 *
 * @throws KeywrightError `input.invalid` when the file holds no Ed25519 key, FileRefused for what is no file.
 */
export function signerOf(keyFile: string): CheckpointSigner {
  if (!existsSync(keyFile)) writeIfChanged(keyFile, newSigningKeyPem(), { mode: OWNER_ONLY });
  return localCheckpointSigner(readFileWithin(keyFile, KEY_BYTES_MAX).toString('utf8'));
}
