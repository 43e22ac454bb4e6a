/** beat: a function says that it did its work. */
import { hasCode } from '../../errors';
import { elapsedMs } from '../../instants';
import type { Clock, ControlStore, Log } from '../../ports';
import type { Beating } from './heartbeat';

export interface BeatPorts {
  readonly control: Pick<ControlStore, 'find' | 'commit'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** A beat that follows another sooner is left out: however often a function runs, it writes twice a minute. */
const EVERY_MS = 30_000;

/**
 * Notes the beat. Safe to repeat, at the same time too: whoever comes first has said it for both. It never throws: a
 * heartbeat that cannot be written is a silence, and no reason for work to fail.
 *
 * @param isFailing Whether part of the run failed; left out: all of it worked.
 */
export async function beat(name: Beating, ports: BeatPorts, isFailing = false): Promise<void> {
  const { control, clock, log } = ports;
  try {
    const now = clock.now();
    const before = await control.find('heartbeat', name);
    const wasFailing = before?.failingSince !== undefined;
    // One from a clock that ran ahead is put right.
    if (before && wasFailing === isFailing && Math.abs(elapsedMs(before.lastAt, now)) < EVERY_MS) return;
    const row = {
      name,
      lastAt: now,
      ...(isFailing && { failingSince: before?.failingSince ?? now }),
      revision: before?.revision ?? 0,
    };
    await control.commit({ writes: [{ entityType: 'heartbeat', row }], facts: [] });
  } catch (error) {
    if (!hasCode(error, 'state.changed-meanwhile'))
      log.warn('a heartbeat is not noted', { name, reason: String(error) });
  }
}
