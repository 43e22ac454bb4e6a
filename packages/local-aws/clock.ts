/**
 * The one clock of local AWS.
 *
 * It follows the machine's clock and can be moved forward, never back, so that a waiting period of days passes in a
 * moment. Everything that is due at an instant is found by comparing with `now()`; nothing sleeps for its due time.
 */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Moves the clock forward. Everything that became due in between happens on the next tick. */
  advance(ms: number): void;
  /** How far this clock is ahead of the machine's, in milliseconds. */
  readonly aheadMs: number;
}

export function movableClock(machine: () => number = Date.now, aheadMs = 0): Clock {
  let ahead = aheadMs;
  return {
    now: () => machine() + ahead,
    advance(ms) {
      if (!Number.isFinite(ms) || ms < 0) throw new RangeError('A clock moves forward only: ms must be zero or more.');
      ahead += ms;
    },
    get aheadMs() {
      return ahead;
    },
  };
}

/** The text form of AWS's records and of this product's facts: UTC with milliseconds. */
export function instantOf(ms: number): string {
  return new Date(ms).toISOString();
}
