import { type DetailOf, defineEvent } from './define-event';
import { kmsKeyArn } from './fields';

/**
 * A person wants the retirement of a KMS key to go on now, or approved its next step.
 *
 * Published by: functions/api, functions/delete-key. Read by: functions/retire-key.
 * Delivery: at least once, unordered. Deduplicate on kmsKeyArn: what is not due does nothing.
 */
export const retirementDue = defineEvent('retirement-due', 1, { kmsKeyArn });
export type RetirementDue = DetailOf<typeof retirementDue>;
