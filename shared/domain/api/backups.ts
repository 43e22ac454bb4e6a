/** Backups that need a KMS key: an operator says which there are, and when one is over. */

import * as z from 'zod/mini';
import { instant } from '../../../events/fields';
import type { KmsKey } from '../keys/kms-key';
import { declareBackup, releaseBackup } from '../retirement/declare-backup';
import type { DeclaredBackup } from '../retirement/declared-backup';
import type { BringBackPorts } from '../retirement/steps/restore-key';
import { dryRun, id, keyName, sentence } from './fields';
import { type FindKeyPorts, findKey } from './find-key';
import { listed } from './list';
import { keysMeant } from './list-keys';
import { defineOperation } from './operation';

/** `over`: it was kept until a date that has passed. A backup that is over or released needs its key no more. */
export type ShownBackup = Omit<DeclaredBackup, 'revision'> & { readonly state: 'kept' | 'over' | 'released' };

export const declareBackupOperation = defineOperation(
  'declare-backup',
  {
    key: keyName,
    backupId: id,
    description: sentence('must say what the backup is, in words'),
    retainUntil: instant,
    dryRun,
  },
  async (input, { principal: by }, ports: FindKeyPorts & BringBackPorts) => {
    const { backupId, description, retainUntil } = input;
    const { kmsKeyArn } = await findKey(input.key, ports);
    const declared = { backupId, kmsKeyArn, description, retainUntil, by, dryRun: input.dryRun === true };
    return shown(await declareBackup(declared, ports), ports.clock.now());
  },
);

export const releaseBackupOperation = defineOperation(
  'release-backup',
  { backupId: id, dryRun },
  async (input, { principal: by }, ports: BringBackPorts) => {
    const released = { backupId: input.backupId, by, dryRun: input.dryRun === true };
    return shown(await releaseBackup(released, ports), ports.clock.now());
  },
);

export const listBackups = defineOperation(
  'list-backups',
  { key: z.optional(keyName), customerId: z.optional(id) },
  async (input, _caller, ports: FindKeyPorts & Pick<BringBackPorts, 'clock'>) => {
    const { rows, more } = await listed(backupsOf(await keysMeant(input, ports), ports));
    const now = ports.clock.now();
    return { backups: rows.map((row) => shown(row, now)), more };
  },
);

/** The backups that still need the key, by the index: one of the last moments may be missing. */
export async function keptBackups(
  key: KmsKey,
  ports: Pick<FindKeyPorts, 'control'> & { readonly clock: { now(): string } },
): Promise<readonly DeclaredBackup[]> {
  const { rows } = await listed(backupsOf([key], ports));
  const now = ports.clock.now();
  return rows.filter((row) => stateOf(row, now) === 'kept');
}

async function* backupsOf(
  keys: readonly Pick<KmsKey, 'kmsKeyArn'>[],
  { control }: Pick<FindKeyPorts, 'control'>,
): AsyncIterable<DeclaredBackup> {
  for (const { kmsKeyArn } of keys) yield* control.ofKmsKey('declared-backup', kmsKeyArn);
}

function stateOf({ releasedAt, retainUntil }: Omit<DeclaredBackup, 'revision'>, now: string): ShownBackup['state'] {
  if (releasedAt !== undefined) return 'released';
  return retainUntil > now ? 'kept' : 'over';
}

const shown = ({ revision: _store, ...backup }: DeclaredBackup, now: string): ShownBackup => ({
  ...backup,
  state: stateOf(backup, now),
});
