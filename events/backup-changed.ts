import * as z from 'zod/mini';
import { type DetailOf, defineEvent } from './define-event';
import { instant, kmsKeyArn, text } from './fields';

/**
 * An operator declared that a backup needs a KMS key, or that it no longer does.
 *
 * Published by: functions/api. Read by: customers, people.
 * Delivery: at least once, unordered. Deduplicate on factId.
 */
export const backupChanged = defineEvent('backup-changed', 1, {
  kmsKeyArn,
  customerId: z.optional(text),
  /** The backup's name, given by whoever declared it. */
  backupId: text,
  to: z.enum(['declared', 'released']),
  /** What it is, in words. */
  description: text,
  /** Until when it is kept: after that it needs the key no more. */
  retainUntil: instant,
  /** Who said so: the principal that AWS names to the function URL. */
  by: text,
});
export type BackupChanged = DetailOf<typeof backupChanged>;
