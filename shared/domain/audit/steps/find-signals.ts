/** Step 3: what hints that a key's availability changed. */
import { type Own, type Signal, signalOf, signalOfRole } from '../../availability/key-signals';
import type { KeySignal } from '../../availability/raise-signal';
import type { Attributed, KeyEvent } from './key-event';

/** A signal for each registered key that the event tells of, if it tells of a change at all. */
export function findSignals({ event, kmsKeyArns }: Attributed, own: Own): readonly KeySignal[] {
  if (event.kind === 'fact') return [];
  const signal = signalIn(event, own);
  return signal ? kmsKeyArns.map((kmsKeyArn) => ({ ...signal, kmsKeyArn, at: event.at })) : [];
}

function signalIn(event: Exclude<KeyEvent, { kind: 'fact' }>, own: Own): Signal | undefined {
  if (event.kind === 'record') return signalOf(event.use, own);
  if (event.kind === 'role') return signalOfRole(event.change);
  return { signal: 'native-event', observed: `${event.detailType} in account ${event.account}` };
}
