import * as z from 'zod/mini';
import { type DetailOf, defineEvent } from './define-event';
import { instant, kmsKeyArn, party, text, wholeNumber } from './fields';

/**
 * A time in which a customer's data could not be used, or may stop, was written into their ledger, or more became known of it.
 *
 * Published by: functions/keep-ledger. Read by: customers, people.
 * Delivery: at least once, unordered. Deduplicate on incidentId, customerId and recording: the greatest recording is the last.
 */
export const slaIntervalRecorded = defineEvent('sla-interval-recorded', 1, {
  incidentId: text,
  customerId: text,
  kmsKeyArn,
  /** How often it was recorded, from 1. */
  recording: wholeNumber,
  cause: text,
  party: z.optional(party),
  /** Who in the customer's own account did it, by their trail; absent: somebody else, or no event told. */
  actedBy: z.optional(z.object({ operation: text, at: instant, by: text, accountId: text })),
  /** By which clause of the contract the time is not burnt; absent: it counts. */
  clause: z.optional(text),
  /** When the first sign of the loss was seen. */
  lostAt: instant,
  /** When the loss was confirmed. */
  detectedAt: instant,
  /** When on-call was paged. */
  pagedAt: z.optional(instant),
  /** When the customer was told. */
  toldAt: z.optional(instant),
  /** By when the customer was to be told; absent: nothing is agreed about it. */
  noticeDueAt: z.optional(instant),
  /** When the first of the customer's data stores stops, or stopped. */
  stoppedAt: z.optional(instant),
  /** When the key could be used again. */
  restoredAt: z.optional(instant),
  /** When everything served again. */
  servingAt: z.optional(instant),
  /** How many of the customer's data stores depend on the key. */
  dataStoreCount: wholeNumber,
});
export type SlaIntervalRecorded = DetailOf<typeof slaIntervalRecorded>;
