/** Time that passes as fast as the work in it is done, in steps of a millisecond as timers have them. */

export interface VirtualTime {
  nowMs(): number;
  waitMs(ms: number): Promise<void>;
  /** Lets time pass. `everyMs` runs at the end of each millisecond. */
  pass(ms: number, everyMs: () => void): Promise<void>;
}

/** An instant like any other. */
const START_MS = Date.UTC(2026, 10, 24);

export function virtualTime(): VirtualTime {
  const waiting = new Map<number, (() => void)[]>();
  let nowMs = START_MS;

  return {
    nowMs: () => nowMs,
    waitMs: (ms) =>
      new Promise((resolve) => {
        const at = nowMs + Math.max(1, Math.trunc(ms));
        const others = waiting.get(at);
        if (others) others.push(resolve);
        else waiting.set(at, [resolve]);
      }),
    async pass(ms, everyMs) {
      await settled();
      for (const endMs = nowMs + ms; nowMs < endMs; ) {
        nowMs += 1;
        const due = waiting.get(nowMs) ?? [];
        waiting.delete(nowMs);
        for (const resolve of due) resolve();
        if (due.length > 0) await settled();
        everyMs();
      }
    },
  };
}

/** What was begun goes as far as it goes without waiting. */
const settled = () => new Promise((resolve) => setImmediate(resolve));
