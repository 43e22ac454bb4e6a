/**
 * A clock that is never set back, for how long something is kept.
 *
 * Time passes by whichever of two clocks says that more of it did: the one on the wall may be set back, and the one that only counts
 * stands still while the machine sleeps. So a window may end too soon, and never too late.
 */
export function steadyClock(wallMs: () => number, countedMs: () => number): () => number {
  let now = wallMs();
  let last = { wall: now, counted: countedMs() };
  return () => {
    const next = { wall: wallMs(), counted: countedMs() };
    now += Math.max(0, next.wall - last.wall, next.counted - last.counted);
    last = next;
    return now;
  };
}
