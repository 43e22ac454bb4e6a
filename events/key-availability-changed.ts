import * as z from 'zod/mini';
import { type DetailOf, defineEvent } from './define-event';
import { availability, confidence, kmsKeyArn, party, text } from './fields';

/**
 * The availability of a KMS key changed, confirmed with our own credentials.
 *
 * Published by: functions/assess-key, functions/probe-keys. Read by: customers, the envelope library.
 * Delivery: at least once, unordered. Deduplicate on kmsKeyArn and at.
 */
export const keyAvailabilityChanged = defineEvent('key-availability-changed', 1, {
  kmsKeyArn,
  customerId: z.optional(text),
  from: availability,
  to: availability,
  cause: z.optional(text),
  party: z.optional(party),
  confidence: z.optional(confidence),
  evidence: text,
});
export type KeyAvailabilityChanged = DetailOf<typeof keyAvailabilityChanged>;
