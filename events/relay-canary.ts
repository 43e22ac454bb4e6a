import { type DetailOf, defineEvent } from './define-event';

/**
 * Nothing happened: it proves that facts come out of the outbox, over the bus and into a queue.
 *
 * Published by: functions/watch-ourselves. Read by: functions/watch-ourselves, functions/record-key-events.
 * Delivery: at least once, unordered. Deduplicate on factId.
 */
export const relayCanary = defineEvent('relay-canary', 1, {});
export type RelayCanary = DetailOf<typeof relayCanary>;
