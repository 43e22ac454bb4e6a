import * as z from 'zod/mini';
import { type DetailOf, defineEvent } from './define-event';
import { kmsKeyArn, text } from './fields';

/**
 * A retirement certificate was issued: whether a KMS key may be disabled or deleted, with the checks that say so, signed.
 *
 * Published by: functions/retire-key, functions/delete-key. Read by: customers, people.
 * Delivery: at least once, unordered. Deduplicate on certificateHash.
 */
export const retirementCertified = defineEvent('retirement-certified', 1, {
  kmsKeyArn,
  customerId: z.optional(text),
  /** What the certificate says. */
  verdict: z.enum(['needed', 'safe-to-disable', 'safe-to-delete', 'deletion-scheduled']),
  /** SHA-256 of the certificate's text, in hex: what approvals are bound to. */
  certificateHash: text,
  /** The certificate itself, a signed note: `keywright retire verify` checks it offline. */
  certificate: text,
});
export type RetirementCertified = DetailOf<typeof retirementCertified>;
