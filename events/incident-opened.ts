import * as z from 'zod/mini';
import { type DetailOf, defineEvent } from './define-event';
import { instant, kmsKeyArn, party, text, wholeNumber } from './fields';

/**
 * A KMS key stopped serving and customers are affected, its policy allows less than we need, or a policy of our own keeps us
 * from looking at it. Or there is trouble of our own: then it names the trouble and what has it, and no key.
 *
 * Published by: functions/assess-key, functions/probe-keys. Read by: functions/page-oncall.
 * Delivery: at least once, unordered. Deduplicate on incidentId.
 */
export const incidentOpened = defineEvent('incident-opened', 1, {
  incidentId: text,
  kmsKeyArn: z.optional(kmsKeyArn),
  customerId: z.optional(text),
  cause: z.optional(text),
  party: z.optional(party),
  /** How many data stores of the customer it stops; absent where customers share the key. */
  dataStoreCount: z.optional(wholeNumber),
  /** The first of the customer's data stores that it stops; absent where customers share the key. */
  dataStoreIds: z.optional(z.array(text)),
  /** Until when the key can be given back; absent where nothing ends. */
  recoverableUntil: z.optional(instant),
  /** Trouble of our own, from the list of docs/incidents.md. */
  trouble: z.optional(text),
  /** What has the trouble: a region, an account, a channel or a function. */
  subject: z.optional(text),
  /** The incident that it takes the place of: the loss is now of the whole key. */
  follows: z.optional(text),
  /** The incident that leads the storm that it is part of: on-call is paged for that one. */
  partOf: z.optional(text),
});
export type IncidentOpened = DetailOf<typeof incidentOpened>;
