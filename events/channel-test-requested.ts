import { type DetailOf, defineEvent } from './define-event';
import { text } from './fields';

/**
 * Somebody wants to see a test page in a channel.
 *
 * Published by: functions/api. Read by: functions/page-oncall.
 * Delivery: at least once, unordered. Deduplicate on testId.
 */
export const channelTestRequested = defineEvent('channel-test-requested', 1, {
  /** Whose channel: `oncall`, or `customer/` and a customer’s id. */
  owner: text,
  /** Its name among its owner’s. */
  channel: text,
  /** The same on the channel’s row. */
  testId: text,
});
export type ChannelTestRequested = DetailOf<typeof channelTestRequested>;
