import * as z from 'zod/mini';
import { type DetailOf, defineEvent } from './define-event';
import { kmsKeyArn, wholeNumber } from './fields';

/**
 * The deletion of a KMS key was approved by a second person, and is to be scheduled in KMS; or the verification it waits for goes on.
 *
 * Published by: functions/approve-retirement, functions/retire-key, functions/delete-key. Read by: functions/delete-key.
 * Delivery: at least once, unordered. Deduplicate on kmsKeyArn and part: what was not approved is not done.
 */
export const deletionDue = defineEvent('deletion-due', 1, {
  kmsKeyArn,
  /** The part of a verification that comes next, where one takes more than one part. */
  part: z.optional(wholeNumber),
});
export type DeletionDue = DetailOf<typeof deletionDue>;
