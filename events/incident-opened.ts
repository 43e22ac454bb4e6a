import * as z from 'zod/mini';
import { type DetailOf, defineEvent } from './define-event';
import { kmsKeyArn, party, text } from './fields';

/**
 * A KMS key stopped serving and customers are affected, its policy allows less than we need, or a policy of our own keeps us
 * from looking at it.
 *
 * Published by: functions/assess-key. Read by: functions/page-oncall.
 * Delivery: at least once, unordered. Deduplicate on incidentId.
 */
export const incidentOpened = defineEvent('incident-opened', 1, {
  incidentId: text,
  kmsKeyArn,
  customerId: z.optional(text),
  cause: text,
  party: z.optional(party),
  /** The incident that it takes the place of: the loss is now by another hand, or of the whole key. */
  follows: z.optional(text),
});
export type IncidentOpened = DetailOf<typeof incidentOpened>;
