/** A backup that an operator says needs a KMS key. */
import type { Moves } from '../legal-moves';

/** One whose `retainUntil` has passed needs its key no more either. */
export type BackupState = 'kept' | 'released';

export const BACKUP_MOVES = {
  entityType: 'declared-backup',
  stateOf: ({ releasedAt }) => (releasedAt === undefined ? 'kept' : 'released'),
  states: {
    kept: { initial: true, next: ['released'] },
    released: { next: ['kept'] },
  },
} as const satisfies Moves<DeclaredBackup, BackupState>;

export interface DeclaredBackup {
  /** Given by whoever declares it, and unique among all backups. */
  readonly backupId: string;
  readonly kmsKeyArn: string;
  readonly customerId?: string;
  /** What it is, in words. */
  readonly description: string;
  /** Until when it is kept: after that it needs the key no more. */
  readonly retainUntil: string;
  readonly declaredBy: string;
  readonly declaredAt: string;
  readonly releasedAt?: string;
  readonly revision: number;
}
