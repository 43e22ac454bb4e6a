/** Which other accounts sent what was left out, each with the reason of the last: a key or an account that nobody registered. */
import { isObject } from '../../../events/cloudtrail-shape';
import { HEARTBEAT_SOURCE } from '../../../events/forwarder-heartbeat';
import type { IgnoredSender } from '../availability/self-watch/ignored-sender';
import type { Heard } from '../availability/self-watch/note-forwarded';

/** An event as it came, and why it was left out. */
export interface IgnoredEvent {
  readonly event: unknown;
  readonly reason: string;
}

type Sender = Pick<IgnoredSender, 'accountId' | 'reason'>;

/** @param heard whose heartbeats were believed: those are left out of streams, and are what they should be. */
export function ignoredSenders(
  ignored: readonly IgnoredEvent[],
  ownAccountId: string,
  heard: readonly Heard[],
): readonly Sender[] {
  const believed = new Set(heard.filter(({ isHeartbeat }) => isHeartbeat).map(({ accountId }) => accountId));
  const senders = new Map<string, Sender>();
  for (const { event, reason } of ignored) {
    if (!isObject(event)) continue;
    const { account: accountId, source } = event;
    if (typeof accountId !== 'string' || !ACCOUNT.test(accountId) || accountId === ownAccountId) continue;
    if (source === HEARTBEAT_SOURCE && believed.has(accountId)) continue;
    senders.set(accountId, { accountId, reason });
  }
  return [...senders.values()];
}

const ACCOUNT = /^\d{12}$/;
