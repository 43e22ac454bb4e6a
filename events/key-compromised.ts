import * as z from 'zod/mini';
import { type DetailOf, defineEvent } from './define-event';
import { instant, kmsKeyArn, text } from './fields';

/**
 * A person declared that somebody else may have used a KMS key. Its replacement begins at once. What it protected
 * follows, a `data-store-exposed.v1` each.
 *
 * Published by: functions/api. Read by: functions/contain-compromise, customers, people.
 * Delivery: at least once, unordered. Deduplicate on compromiseId.
 */
export const keyCompromised = defineEvent('key-compromised', 1, {
  /** The compromise: every fact about it carries the same one. */
  compromiseId: text,
  kmsKeyArn,
  customerId: z.optional(text),
  reason: text,
  /** From when on somebody else may have used it; absent: always. */
  since: z.optional(instant),
  /** Who declared it: the caller’s ARN. */
  declaredBy: text,
});
export type KeyCompromised = DetailOf<typeof keyCompromised>;
