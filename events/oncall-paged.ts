import * as z from 'zod/mini';
import { type DetailOf, defineEvent } from './define-event';
import { kmsKeyArn, text } from './fields';

/**
 * On-call was paged: of an incident, that it is over, or how long its key can still be given back.
 *
 * Published by: functions/page-oncall. Read by: people.
 * Delivery: at least once, unordered. Deduplicate on incidentId, about and at.
 */
export const oncallPaged = defineEvent('oncall-paged', 1, {
  incidentId: text,
  kmsKeyArn: z.optional(kmsKeyArn),
  customerId: z.optional(text),
  /** Trouble of our own, from the list of docs/incidents.md. */
  trouble: z.optional(text),
  /** What has the trouble: a region, an account, a channel or a function. */
  subject: z.optional(text),
  /** `grown`: others of the same owner and cause have opened since: it is a storm. `deadline`: how long the key can be given back. */
  about: z.enum(['opened', 'grown', 'deadline', 'closed']),
});
export type OncallPaged = DetailOf<typeof oncallPaged>;
