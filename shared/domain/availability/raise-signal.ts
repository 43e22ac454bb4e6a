/**
 * A hint that a key's availability changed, on its way to `assess-key`, which confirms it before anything follows.
 *
 * However many hints there are, a key is assessed for one of each kind in each slot of time, and for one more after a verdict in it:
 * that one may undo what the verdict is about. The first is never late. What else comes in the slot may be of a change that the
 * assessment did not see: the key's probe is made due for it. And it is noted since when somebody has told: a probe that finds no
 * verdict after that assesses the key itself.
 */
import type { Availability } from '../../../events/fields';
import { keySignalReceived } from '../../../events/key-signal-received';
import { defined } from '../optional-fields';
import { commitOnce } from '../outbox/commit-fact-once';
import type { Clock, ControlStore } from '../ports';
import { retryOnConflict } from '../retry-on-conflict';
import { withAct } from './key-acts';
import type { Signal } from './key-signals';
import type { KeyWatch } from './key-watch';

export interface KeySignal extends Signal {
  readonly kmsKeyArn: string;
  /** When it happened. */
  readonly at: string;
}

export interface RaisePorts {
  readonly control: Pick<ControlStore, 'find' | 'commit'>;
  readonly clock: Clock;
}

/** Six looks a minute and kind, and twice as many where each is news: a key in use fails again within the next slot. */
export const SLOT_MS = 10_000;

/** While a key is known to be away every call that fails says so again, and so on: only what may be news is passed on. */
const OLD_NEWS: Partial<Record<KeySignal['signal'], Availability>> = {
  'own-failure': 'unavailable',
  'own-success': 'available',
};

/**
 * Makes the probe due, which comes within a minute of the slot's end, and commits the signal to the outbox unless one like it is
 * there. Safe to repeat.
 *
 * @throws KeywrightError `store.unreachable`, `state.changed-meanwhile` (both retry).
 */
export async function raiseSignal(raised: KeySignal, ports: RaisePorts): Promise<void> {
  const { kmsKeyArn, at, observed, signal, change } = raised;
  const { control, clock } = ports;
  const known = OLD_NEWS[signal];
  if (known !== undefined && (await control.find('key-watch', kmsKeyArn))?.availability === known) return;
  const now = clock.now();
  // Our clock, not the event's: whoever writes events can write any time into them.
  const slot = Math.floor(Date.parse(now) / SLOT_MS);
  let watch: KeyWatch | undefined;
  try {
    // First: an assessment that has begun would lose to it, and look once more.
    watch = await retryOnConflict(() => bringProbeForward(raised, slot, ports));
  } finally {
    const isAfterVerdict = watch !== undefined && watch.verdict.at >= startOf(slot);
    const name = [kmsKeyArn, signal, ...(change ? [change] : []), slot, ...(isAfterVerdict ? ['after-verdict'] : [])];
    const factId = name.join('/');
    await commitOnce(keySignalReceived.of({ factId, at: now, kmsKeyArn, signal, observed, signalledAt: at }), control);
  }
}

const startOf = (slot: number): string => new Date(slot * SLOT_MS).toISOString();

/**
 * Makes the probe due at the end of the slot, when nothing more can come in it: one write a slot, however often it is asked
 * for, and one for each act. Also where it is due already: a probe that has looked and not yet written of it loses to this write.
 *
 * @returns the watch as it was found.
 */
async function bringProbeForward(
  { kmsKeyArn, act }: KeySignal,
  slot: number,
  { control, clock }: RaisePorts,
): Promise<KeyWatch | undefined> {
  const watch = await control.find('key-watch', kmsKeyArn);
  const dueAt = startOf(slot + 1);
  const acts = act ? withAct(watch?.acts, act) : watch?.acts;
  if (!watch || (watch.dueAt === dueAt && acts === watch.acts)) return watch;
  const row = { ...watch, ...defined({ acts }), dueAt, toldSince: watch.toldSince ?? clock.now() };
  await control.commit({ writes: [{ entityType: 'key-watch', row }], facts: [] });
  return watch;
}
