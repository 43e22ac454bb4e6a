import { type Clock, movableClock } from './clock';
import type { Store } from './store';

/** A clock whose lead over the machine's outlives the process: what was in the past stays there. */
export function keptClock(store: Store, aheadMs = 0): Clock {
  const kept = store.table<number>('clock');
  const clock = movableClock(Date.now, Math.max(aheadMs, kept.get('aheadMs') ?? 0));
  if (clock.aheadMs > 0) kept.set('aheadMs', clock.aheadMs);
  return {
    now: clock.now,
    get aheadMs() {
      return clock.aheadMs;
    },
    advance(ms) {
      clock.advance(ms);
      kept.set('aheadMs', clock.aheadMs);
    },
  };
}
