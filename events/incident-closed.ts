import * as z from 'zod/mini';
import { type DetailOf, defineEvent } from './define-event';
import { instant, kmsKeyArn, party, text } from './fields';

/**
 * A KMS key is available again.
 *
 * Published by: functions/assess-key. Read by: functions/page-oncall.
 * Delivery: at least once, unordered. Deduplicate on incidentId.
 */
export const incidentClosed = defineEvent('incident-closed', 1, {
  incidentId: text,
  kmsKeyArn,
  customerId: z.optional(text),
  cause: text,
  party: z.optional(party),
  recoveredAt: instant,
});
export type IncidentClosed = DetailOf<typeof incidentClosed>;
