/** note-forwarded: an account of a customer told us something, so the way from there to here is open. */
import { hasCode } from '../../errors';
import { elapsedMs, later, MINUTE_MS } from '../../instants';
import type { Clock, ControlStore, Log } from '../../ports';
import type { Forwarder } from './forwarder';

export interface ForwardedPorts {
  readonly control: Pick<ControlStore, 'find' | 'commit'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** An account that the sender of an event was found to be, and whose it is. */
export interface Heard {
  readonly accountId: string;
  readonly customerId: string;
  readonly isHeartbeat: boolean;
}

/** The kit sends a heartbeat every five minutes: two may be lost. */
const SILENT_MS = 15 * MINUTE_MS;

/** What follows sooner is left out: a busy account costs a write a minute. */
const EVERY_MS = MINUTE_MS;

/**
 * Notes when something last came. An account that never sent a heartbeat is never missed: it may have nothing to say. Safe to
 * repeat. It never throws: no record waits for this.
 */
export async function noteForwarded(
  { accountId, customerId, isHeartbeat }: Heard,
  ports: ForwardedPorts,
): Promise<void> {
  const { control, clock, log } = ports;
  try {
    const now = clock.now();
    const before = await control.find('forwarder', accountId);
    const beats = isHeartbeat || before?.beats === true;
    // One from a clock that ran ahead is put right.
    if (before && before.beats === beats && Math.abs(elapsedMs(before.lastAt, now)) < EVERY_MS) return;
    const row: Forwarder = {
      accountId,
      customerId,
      lastAt: now,
      beats,
      ...(beats && { dueAt: later(now, SILENT_MS) }),
      revision: before?.revision ?? 0,
    };
    await control.commit({ writes: [{ entityType: 'forwarder', row }], facts: [] });
  } catch (error) {
    if (!hasCode(error, 'state.changed-meanwhile'))
      log.warn('that an account forwards is not noted', { accountId, reason: String(error) });
  }
}
