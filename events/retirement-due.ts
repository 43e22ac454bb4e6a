import * as z from 'zod/mini';
import { type DetailOf, defineEvent } from './define-event';
import { kmsKeyArn, wholeNumber } from './fields';

/**
 * A person wants the retirement of a KMS key to go on now, or approved its next step; or the verification it waits for goes on.
 *
 * Published by: functions/api, functions/approve-retirement, functions/delete-key, functions/retire-key. Read by: functions/retire-key.
 * Delivery: at least once, unordered. Deduplicate on kmsKeyArn and part: what is not due does nothing.
 */
export const retirementDue = defineEvent('retirement-due', 1, {
  kmsKeyArn,
  /** The part of a verification that comes next, where one takes more than one part. */
  part: z.optional(wholeNumber),
});
export type RetirementDue = DetailOf<typeof retirementDue>;
