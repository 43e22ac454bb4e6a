/** note-ignored: that events of another account are left out, and why, so that `keywright status` shows it. */
import { hasCode } from '../../errors';
import { DAY_MS, elapsedMs, later, MINUTE_MS } from '../../instants';
import { type WorkDuePorts, workDue } from '../../work-due-rows';
import type { IgnoredSender } from './ignored-sender';
import type { ForwardedPorts } from './note-forwarded';

/** What is left out sooner after the last is not noted: a flood costs a write a minute. */
const EVERY_MS = MINUTE_MS;

/** Reasons quote what others wrote. */
const REASON_CHARACTERS_MAX = 200;

/** Safe to repeat. It never throws: no record waits for this. */
export async function noteIgnored(
  { accountId, reason }: Pick<IgnoredSender, 'accountId' | 'reason'>,
  { control, clock, log }: ForwardedPorts,
): Promise<void> {
  try {
    const now = clock.now();
    const before = await control.find('ignored-sender', accountId);
    const silentMs = before && Math.abs(elapsedMs(before.lastAt, now));
    if (silentMs !== undefined && silentMs < EVERY_MS) return;
    const since = before && silentMs !== undefined && silentMs < DAY_MS ? before.since : now;
    const row: IgnoredSender = {
      accountId,
      since,
      lastAt: now,
      reason: reason.slice(0, REASON_CHARACTERS_MAX),
      dueAt: later(now, DAY_MS),
      revision: before?.revision ?? 0,
    };
    await control.commit({ writes: [{ entityType: 'ignored-sender', row }], facts: [] });
  } catch (error) {
    if (!hasCode(error, 'state.changed-meanwhile'))
      log.warn('that events are left out is not noted', { accountId, reason: String(error) });
  }
}

/** Those of whom nothing was left out for a day are shown no more. Safe to repeat. */
export async function forgetIgnored(ports: WorkDuePorts): Promise<void> {
  await workDue(
    'ignored-sender',
    { max: 100, concurrency: 10, forMs: 5_000 },
    async ({ dueAt: _over, ...row }) => {
      await ports.control.commit({ writes: [{ entityType: 'ignored-sender', row }], facts: [] });
    },
    ports,
  );
}
