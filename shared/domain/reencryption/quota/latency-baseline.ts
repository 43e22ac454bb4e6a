/** How long an answer usually takes, and whether answers take longer than that. */

export interface Answers {
  readonly calls: number;
  /** What all answers took together. */
  readonly latencyMs: number;
}

/** Fewer answers than this are chance. */
const ANSWERS_LEAST = 30;
/** An average answer that takes so many times longer than usual means that others wait, too. */
const SLOW_FACTOR = 1.5;
/** How long what is slower takes to become usual, and what is faster: an hour of slowness is no new normal. */
const SLOWER_MS = 600_000;
const FASTER_MS = 20_000;

export const isSlow = ({ calls, latencyMs }: Answers, usualMs: number | undefined): boolean =>
  calls >= ANSWERS_LEAST && usualMs !== undefined && latencyMs / calls > usualMs * SLOW_FACTOR;

/** @param ms Over how long these answers came. */
export function usualAfter(usualMs: number | undefined, { calls, latencyMs }: Answers, ms: number): number | undefined {
  if (calls < ANSWERS_LEAST) return usualMs;
  const meanMs = latencyMs / calls;
  if (usualMs === undefined) return meanMs;
  const memoryMs = meanMs > usualMs ? SLOWER_MS : FASTER_MS;
  return usualMs + (meanMs - usualMs) * (1 - Math.exp(-ms / memoryMs));
}
