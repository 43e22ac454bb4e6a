/** Calls that begin at most so fast: what waits for its turn waits, and nothing is refused. */
import type { Clock, Pause } from './ports';

/**
 * @param callsPerSecond Of everybody who asks this budget.
 * @returns what waits until as many calls may begin.
 */
export function callBudget(
  callsPerSecond: number,
  { clock, pause }: { readonly clock: Clock; readonly pause: Pause },
): (calls: number) => Promise<void> {
  let freeAtMs = 0;
  return async (calls) => {
    const nowMs = Date.parse(clock.now());
    const beginsMs = Math.max(freeAtMs, nowMs);
    freeAtMs = beginsMs + (calls * 1000) / callsPerSecond;
    if (beginsMs > nowMs) await pause.wait(beginsMs - nowMs);
  };
}
