/**
 * declare-backup: an operator says that a backup needs a KMS key. Nobody but them can know: while it is kept, the key is
 * not retired, and one that was disabled or waits for its deletion is put back into use first.
 */

import { backupChanged } from '../../../events/backup-changed';
import { refusal } from '../errors';
import type { KmsKey } from '../keys/kms-key';
import { transition } from '../legal-moves';
import { defined } from '../optional-fields';
import { newFact } from '../outbox/new-fact';
import type { Write } from '../ports';
import { mustFind } from '../require-row';
import { retryOnConflict } from '../retry-on-conflict';
import { BACKUP_MOVES, type DeclaredBackup } from './declared-backup';
import type { Retirement } from './retirement';
import { type BringBackPorts, backToWatching, enableInKms, inUse, watchAgain } from './steps/restore-key';

export interface BackupDeclaration
  extends Pick<DeclaredBackup, 'backupId' | 'kmsKeyArn' | 'description' | 'retainUntil'> {
  readonly by: string;
  /** Tells what would happen, and touches nothing. */
  readonly dryRun?: boolean;
}

/** They stand in the key's own row: many backups of one kind are declared as one. */
const BACKUPS_MAX = 100;

/**
 * Declares a backup, or until when it is kept from now on. Safe to repeat.
 *
 * @throws KeywrightError `input.invalid`, `state.not-found`, `state.forbids`: nothing was touched. Any code that begins
 *   with `kms.` when the key cannot be put back into use: nothing was declared then, try again.
 */
export async function declareBackup(declaration: BackupDeclaration, ports: BringBackPorts): Promise<DeclaredBackup> {
  const { backupId, kmsKeyArn, description, retainUntil, by, dryRun } = declaration;
  return retryOnConflict(async () => {
    const now = ports.clock.now();
    if (!(retainUntil > now))
      throw refusal('input.invalid', 'retainUntil', 'must be an instant that is still to come.');
    const key = await mustFind('kms-key', kmsKeyArn, ports, 'key');
    const before = await ports.control.find('declared-backup', backupId);
    const retirement = await ports.control.find('retirement', kmsKeyArn);
    refuse(key, retirement, before, backupId);
    if (
      before &&
      before.releasedAt === undefined &&
      before.description === description &&
      before.retainUntil === retainUntil
    )
      return before;
    const { customerId } = key;
    const row = transition(BACKUP_MOVES, before, {
      backupId,
      kmsKeyArn,
      ...defined({ customerId }),
      description,
      retainUntil,
      declaredBy: by,
      declaredAt: now,
      revision: before?.revision ?? 0,
    });
    if (dryRun) return row;
    await enableInKms(key, ports);
    const back = await backInUse(retirement, `needed by backup ${backupId}`, ports);
    const backupIds = [...new Set([...(key.backupIds ?? []), backupId])];
    await ports.control.commit({
      // The key's row is always part of it: who is about to disable the key finds out.
      writes: [
        { entityType: 'declared-backup', row },
        { entityType: 'kms-key', row: { ...(key.state === 'active' ? key : inUse(key)), backupIds } },
        ...back.writes,
      ],
      facts: [changedFact(row, 'declared', by, ports), ...back.facts],
    });
    return row;
  });
}

/**
 * Says that a backup needs its key no more. Safe to repeat.
 *
 * @throws KeywrightError `state.not-found`: nothing was touched.
 */
export async function releaseBackup(
  { backupId, by, dryRun }: Pick<BackupDeclaration, 'backupId' | 'by' | 'dryRun'>,
  ports: Pick<BringBackPorts, 'control' | 'clock' | 'ids'>,
): Promise<DeclaredBackup> {
  return retryOnConflict(async () => {
    const backup = await mustFind('declared-backup', backupId, ports);
    if (backup.releasedAt !== undefined || dryRun) return backup;
    const key = await mustFind('kms-key', backup.kmsKeyArn, ports, 'key');
    const row = transition(BACKUP_MOVES, backup, { ...backup, releasedAt: ports.clock.now() });
    const backupIds = (key.backupIds ?? []).filter((id) => id !== backupId);
    await ports.control.commit({
      writes: [
        { entityType: 'declared-backup', row },
        { entityType: 'kms-key', row: { ...key, backupIds } },
      ],
      facts: [changedFact(row, 'released', by, ports)],
    });
    return row;
  });
}

function refuse(
  key: KmsKey,
  retirement: Retirement | undefined,
  before: DeclaredBackup | undefined,
  backupId: string,
): void {
  if (retirement?.stage === 'deleted')
    throw refusal('state.forbids', 'key', 'KMS has deleted it. Nothing opens this backup.');
  if (before && before.kmsKeyArn !== key.kmsKeyArn) {
    throw refusal(
      'state.forbids',
      'backupId',
      `${backupId} is a backup under ${before.kmsKeyArn}. Give this one another name.`,
    );
  }
  const backupIds = key.backupIds ?? [];
  if (backupIds.length < BACKUPS_MAX || backupIds.includes(backupId)) return;
  throw refusal(
    'state.forbids',
    'backupId',
    `the key has ${BACKUPS_MAX} backups. Release some, or declare several as one.`,
  );
}

/** A retirement that had found nothing begins again. */
async function backInUse(retirement: Retirement | undefined, reason: string, ports: BringBackPorts) {
  if (!retirement || retirement.stage === 'watching') return { writes: [], facts: [] };
  const { row, fact } = backToWatching(retirement, { reason }, ports);
  const writes: Write[] = [{ entityType: 'retirement', row }, ...(await watchAgain(retirement.kmsKeyArn, ports))];
  return { writes, facts: [fact] };
}

function changedFact(
  { kmsKeyArn, customerId, backupId, description, retainUntil }: DeclaredBackup,
  to: 'declared' | 'released',
  by: string,
  ports: Pick<BringBackPorts, 'clock' | 'ids'>,
) {
  return newFact(backupChanged, ports, {
    kmsKeyArn,
    customerId,
    backupId,
    to,
    description,
    retainUntil,
    by,
  });
}
