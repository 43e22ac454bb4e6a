import * as z from 'zod/mini';
import { type DetailOf, defineEvent } from './define-event';
import { accountId, kmsKeyArn, text, wholeNumber } from './fields';

const counts = z.record(text, wholeNumber);

/**
 * What a customer’s keys and their audit stream cost in a month, in units and in millionths of a US dollar, once and for all.
 *
 * Published by: functions/meter-usage. Read by: customers, people.
 * Delivery: at least once, unordered. Deduplicate on customerId and month.
 */
export const costShareRecorded = defineEvent('cost-share-recorded', 1, {
  customerId: text,
  /** `2026-11`, UTC. */
  month: z.string().check(z.regex(/^\d{4}-\d{2}$/, 'must be a month, such as 2026-11')),
  /** The account that AWS charges: its keys and its requests are counted. */
  payerAccountId: accountId,
  /** The edition of the price table. */
  prices: text,
  /** The index of the first entry of the customer’s log that was counted. */
  fromIndex: wholeNumber,
  /** The index before which counting ended. */
  logSize: wholeNumber,
  /** What was counted in those entries. */
  usage: z.object({
    entries: wholeNumber,
    /** By operation, failed ones among them. */
    requests: counts,
    /** The same requests, by what they cost. */
    requestsByClass: counts,
    failedRequests: wholeNumber,
    /** In records of other accounts: AWS charges those. */
    requestsOfOthers: wholeNumber,
    /** Data keys that KMS made; they cost the request. */
    dataKeys: wholeNumber,
    rotations: wholeNumber,
    bytes: wholeNumber,
    byteHours: wholeNumber,
  }),
  /** The keys of the payer’s account that the log names, and the customer’s part of what each costs. */
  keys: z.array(
    z.object({
      kmsKeyArn,
      hours: wholeNumber,
      /** Hours of the key material that its first two rotations added. */
      materialHours: wholeNumber,
      uses: wholeNumber,
      /** Uses of all who share it; absent: nobody else does. */
      usesOfAll: z.optional(wholeNumber),
      microUsd: wholeNumber,
    }),
  ),
  /** How often a key was named that is not counted, since there are more than 60. */
  keysLeftOut: wholeNumber,
  /** What each part costs; `microUsd` is absent where the table has no price. */
  lines: z.array(z.object({ item: text, unit: text, units: wholeNumber, microUsd: z.optional(wholeNumber) })),
  /** The sum of the lines. */
  totalMicroUsd: wholeNumber,
});
export type CostShareRecorded = DetailOf<typeof costShareRecorded>;
