/** A backup that an operator says needs a KMS key. */

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
