import * as z from 'zod/mini';
import { type DetailOf, defineEvent } from './define-event';
import { text } from './fields';

/**
 * Somebody added, replaced or removed a channel that pages or notices go to.
 *
 * Published by: functions/api. Read by: customers, people.
 * Delivery: at least once, unordered. Deduplicate on factId.
 */
export const channelChanged = defineEvent('channel-changed', 1, {
  /** Whose security contact it is; absent of on-call’s. */
  customerId: z.optional(text),
  /** Its name among its owner’s. */
  channel: text,
  /** `pagerduty`, for example. */
  kind: text,
  /** One that is replaced is added. */
  change: z.enum(['added', 'removed']),
  /** The principal who asked. */
  changedBy: text,
});
export type ChannelChanged = DetailOf<typeof channelChanged>;
