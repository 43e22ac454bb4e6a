import * as z from 'zod/mini';
import { type DetailOf, defineEvent } from './define-event';
import { kmsKeyArn, text } from './fields';

/**
 * A person has an open incident in hand.
 *
 * Published by: functions/api, functions/acknowledge-page. Read by: customers, people.
 * Delivery: at least once, unordered. Deduplicate on incidentId: an incident is acknowledged once.
 */
export const incidentAcknowledged = defineEvent('incident-acknowledged', 1, {
  incidentId: text,
  kmsKeyArn: z.optional(kmsKeyArn),
  customerId: z.optional(text),
  /** Trouble of our own, from the list of docs/incidents.md. */
  trouble: z.optional(text),
  /** What has the trouble: a region, an account, a channel or a function. */
  subject: z.optional(text),
  /** The principal who asked, or `the channel NAME` that the page came to. */
  acknowledgedBy: text,
  /** Who does what, in their words. By a link: what was typed there, of nobody whom we know. */
  note: text,
});
export type IncidentAcknowledged = DetailOf<typeof incidentAcknowledged>;
