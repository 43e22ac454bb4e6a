/** A hint that a key's availability changed, on its way to `assess-key`, which confirms it before anything follows. */
import { keySignalled } from '../../events/key-signalled';
import { commitOnce } from './commit-once';
import type { Signal } from './key-signals';
import type { Clock, ControlStore } from './ports';

export interface KeySignal extends Signal {
  readonly kmsKeyArn: string;
  /** What it was read from: the same event raises its signal once. */
  readonly eventId: string;
  /** When it happened. */
  readonly at: string;
}

/**
 * Commits the signal to the outbox. Safe to repeat: an event raises one signal a key.
 *
 * @throws KeywrightError `store.unreachable` (retry).
 */
export async function raiseSignal(
  { kmsKeyArn, eventId, at, observed, signal }: KeySignal,
  { control, clock }: { readonly control: Pick<ControlStore, 'find' | 'commit'>; readonly clock: Clock },
): Promise<void> {
  // While a key is known to be away, every call that fails says so again: only what may be news is passed on.
  const isOwnFailure = signal === 'own-failure';
  if (isOwnFailure && (await control.find('key-watch', kmsKeyArn))?.availability === 'unavailable') return;
  const factId = `${eventId}/${kmsKeyArn}`;
  const fact = keySignalled.of({ factId, at: clock.now(), kmsKeyArn, signal, observed, signalledAt: at });
  await commitOnce(fact, control);
}
