import * as z from 'zod/mini';
import { type DetailOf, defineEvent } from './define-event';
import { text, wholeNumber } from './fields';

/**
 * Somebody set how long applications may keep a customer's plaintext data keys, and what a confirmed loss of the KMS key does to them.
 *
 * Published by: functions/api. Read by: people, the customer's audit stream.
 * Delivery: at least once, unordered. Deduplicate on factId.
 */
export const customerWindowSet = defineEvent('customer-window-set', 1, {
  customerId: text,
  /** How long applications may keep them, in seconds: from 0, where nothing is kept, to 3600. */
  windowSeconds: wholeNumber,
  /** What a confirmed loss does: they are forgotten at once, or kept until the window ends. */
  onLoss: z.enum(['flush', 'keep']),
  /** The principal that AWS names to the function URL. */
  setBy: text,
});
export type CustomerWindowSet = DetailOf<typeof customerWindowSet>;
