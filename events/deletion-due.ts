import { type DetailOf, defineEvent } from './define-event';
import { kmsKeyArn } from './fields';

/**
 * The deletion of a KMS key was approved by a second person, and is to be scheduled in KMS.
 *
 * Published by: functions/api, functions/retire-key. Read by: functions/delete-key.
 * Delivery: at least once, unordered. Deduplicate on kmsKeyArn: what was not approved is not done.
 */
export const deletionDue = defineEvent('deletion-due', 1, { kmsKeyArn });
export type DeletionDue = DetailOf<typeof deletionDue>;
