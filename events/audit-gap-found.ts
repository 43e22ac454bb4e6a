import * as z from 'zod/mini';
import { type DetailOf, defineEvent } from './define-event';
import { accountId, instant, text, wholeNumber } from './fields';

/** Why something of an hour cannot be had: docs/audit-log-format.md says what each means. */
export const gapReason = z.enum([
  'digest-missing',
  'digest-unreadable',
  'digest-misplaced',
  'digest-key-unknown',
  'digest-signature-invalid',
  'chain-broken',
  'file-missing',
  'file-changed',
  'file-too-large',
  'file-damaged',
  'file-unlisted',
  'not-appended',
]);

/**
 * Of an hour of our CloudTrail trail something cannot be had: whether the customer's stream is complete for that hour is not known.
 * Each customer and the operator are told by a fact of their own.
 *
 * Published by: functions/reconcile-trail. Read by: customers.
 * Delivery: at least once, unordered. Deduplicate on customerId, accountId, region and from.
 */
export const auditGapFound = defineEvent('audit-gap-found', 1, {
  customerId: text,
  /** Whose trail it is: the provider's. */
  accountId,
  /** The region of the trail. */
  region: text,
  /** The hour, as its digest bounds it. */
  from: instant,
  /** When the hour ended. */
  to: instant,
  /** What is missing, the first of it: files by their names from `AWSLogs/` on. */
  gaps: z.array(z.object({ reason: gapReason, object: z.optional(text) })),
  /** How much is missing in all. */
  gapCount: wholeNumber,
});
export type AuditGapFound = DetailOf<typeof auditGapFound>;
