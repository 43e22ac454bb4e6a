import * as z from 'zod/mini';
import { type DetailOf, defineEvent } from './define-event';
import { instant, kmsKeyArn, party, text } from './fields';

/**
 * A KMS key is available again, or trouble of our own is over.
 *
 * Published by: functions/assess-key, functions/probe-keys. Read by: functions/page-oncall.
 * Delivery: at least once, unordered. Deduplicate on incidentId.
 */
export const incidentClosed = defineEvent('incident-closed', 1, {
  incidentId: text,
  kmsKeyArn: z.optional(kmsKeyArn),
  customerId: z.optional(text),
  cause: z.optional(text),
  party: z.optional(party),
  /** Trouble of our own, from the list of docs/incidents.md. */
  trouble: z.optional(text),
  /** What had the trouble: a region, an account, a channel or a function. */
  subject: z.optional(text),
  recoveredAt: instant,
});
export type IncidentClosed = DetailOf<typeof incidentClosed>;
