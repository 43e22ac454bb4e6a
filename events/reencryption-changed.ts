import * as z from 'zod/mini';
import { type DetailOf, defineEvent } from './define-event';
import { kmsKeyArn, text } from './fields';

/**
 * A re-encryption job that is not finished stopped, went on, was called off, or became more or less urgent.
 *
 * `parked`: a key cannot be used; the job goes on by itself once it can. `paused`: a person stopped it, and a person lets
 * it go on. Its end is told by data-keys-reencrypted.
 *
 * Published by: functions/reencrypt-data-keys, functions/api. Read by: functions/record-key-events, for the customer's stream.
 * Delivery: at least once, unordered. Deduplicate on factId.
 */
export const reencryptionChanged = defineEvent('reencryption-changed', 1, {
  jobId: text,
  kmsKeyArn,
  toKmsKeyArn: kmsKeyArn,
  customerId: z.optional(text),
  from: z.enum(['running', 'parked', 'paused']),
  to: z.enum(['running', 'parked', 'paused', 'cancelled']),
  /** Who asked for it; absent where the product did it by itself. */
  by: z.optional(text),
  /** How urgent it is from now on; absent where that stays as it was. */
  priority: z.optional(z.enum(['compromise', 'deadline', 'routine'])),
  /** Why it stopped. */
  reason: z.optional(text),
});
export type ReencryptionChanged = DetailOf<typeof reencryptionChanged>;
