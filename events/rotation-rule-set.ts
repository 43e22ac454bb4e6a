import * as z from 'zod/mini';
import { type DetailOf, defineEvent } from './define-event';
import { rotationStrategy, text, wholeNumber } from './fields';

/**
 * Somebody set the terms by which the keys of an option, of a customer, or one key are rotated.
 *
 * Published by: functions/api. Read by: people.
 * Delivery: at least once, unordered. Deduplicate on factId.
 */
export const rotationRuleSet = defineEvent('rotation-rule-set', 1, {
  /** `option/<option>`, `customer/<customerId>` or `key/<kmsKeyArn>`. */
  scope: text,
  customerId: z.optional(text),
  strategy: rotationStrategy,
  /** How often, in days. */
  periodDays: wholeNumber,
  reencrypt: z.boolean(),
  /** The principal that AWS names to the function URL. */
  setBy: text,
});
export type RotationRuleSet = DetailOf<typeof rotationRuleSet>;
