import * as z from 'zod/mini';
import { type DetailOf, defineEvent } from './define-event';
import { kmsKeyArn, text } from './fields';

/**
 * On-call was paged.
 *
 * Published by: functions/page-oncall. Read by: people.
 * Delivery: at least once, unordered. Deduplicate on incidentId and about.
 */
export const oncallPaged = defineEvent('oncall-paged', 1, {
  incidentId: text,
  kmsKeyArn: z.optional(kmsKeyArn),
  customerId: z.optional(text),
  /** Trouble of our own, from the list of docs/incidents.md. */
  trouble: z.optional(text),
  /** What has the trouble: a region, an account, a channel or a function. */
  subject: z.optional(text),
  /** `grown`: others of the same owner and cause have opened since: it is a storm. */
  about: z.enum(['opened', 'grown', 'closed']),
});
export type OncallPaged = DetailOf<typeof oncallPaged>;
