import * as z from 'zod/mini';
import { type DetailOf, defineEvent } from './define-event';
import { text, wholeNumber } from './fields';

/** What may become of a subscription. */
export const SUBSCRIPTION_CHANGES = [
  'added',
  'paused',
  'resumed',
  'removed',
  'test-requested',
  'resent',
  'secret-rotated',
  'disabled',
] as const;

/**
 * Somebody added or changed where a customer’s entries are sent, or Keywright gave a destination up.
 *
 * Published by: functions/api, functions/deliver-entries. Read by: functions/deliver-entries, functions/tell-customers, customers, people.
 * Delivery: at least once, unordered. Deduplicate on factId.
 */
export const subscriptionChanged = defineEvent('subscription-changed', 1, {
  customerId: text,
  /** Its name among the customer’s. */
  subscription: text,
  /** `webhook`, for example. */
  kind: text,
  /** What became of it. */
  change: z.enum(SUBSCRIPTION_CHANGES),
  /** Of `resent`: the index that is sent next. */
  fromIndex: z.optional(wholeNumber),
  /** Of `disabled`: what the destination did. */
  reason: z.optional(text),
  /** The principal who asked; absent where Keywright did it. */
  changedBy: z.optional(text),
});
export type SubscriptionChanged = DetailOf<typeof subscriptionChanged>;
