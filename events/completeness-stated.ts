import * as z from 'zod/mini';
import { gapReason } from './audit-gap-found';
import { type DetailOf, defineEvent } from './define-event';
import { accountId, instant, text, wholeNumber } from './fields';

/**
 * What a customer's stream holds of a day, held against the log files of our CloudTrail trail.
 *
 * Published by: functions/reconcile-trail. Read by: customers.
 * Delivery: at least once. Deduplicate on customerId, accountId, region and day.
 */
export const completenessStated = defineEvent('completeness-stated', 1, {
  customerId: text,
  /** Whose trail it is: the provider's. */
  accountId,
  /** The region of the trail. */
  region: text,
  /** The day (UTC), `2026-11-24`: the hours below ended on it. */
  day: text,
  /** Each hour as its digest bounds it. */
  hours: z.array(
    z.object({
      from: instant,
      to: instant,
      /** Whether the hour's digest follows the one before it; `begun`: it is the first that was followed. */
      chain: z.enum(['begun', 'linked', 'broken', 'missing']),
      /** Records in the hour's log files that were in the stream before. */
      fromEvents: wholeNumber,
      /** Records that the log files alone brought: their provenance says `late`. */
      late: wholeNumber,
      gapCount: wholeNumber,
      reasons: z.array(gapReason),
    }),
  ),
  /** The sum over the hours. */
  fromEvents: wholeNumber,
  /** The sum over the hours. */
  late: wholeNumber,
  /** The sum over the hours. */
  gapCount: wholeNumber,
  /** Every hour has a digest that CloudTrail signed and that follows the one before it, and there is no gap. */
  isComplete: z.boolean(),
  /** Entries of the stream that came since the statement before this one: from the first index on, and before the end. */
  firstIndex: wholeNumber,
  /** The size of the stream when the day was stated. */
  endIndex: wholeNumber,
});
export type CompletenessStated = DetailOf<typeof completenessStated>;
