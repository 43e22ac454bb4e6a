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

/** Whether answers take clearly longer than they did. Too few answers say nothing. */
export const isSlow = ({ calls, latencyMs }: Answers, baselineMs: number | undefined): boolean =>
  calls >= ANSWERS_LEAST && baselineMs !== undefined && latencyMs / calls > baselineMs * SLOW_FACTOR;

/** @param ms Over how long these answers came. */
export function baselineAfter(
  baselineMs: number | undefined,
  { calls, latencyMs }: Answers,
  ms: number,
): number | undefined {
  if (calls < ANSWERS_LEAST) return baselineMs;
  const meanMs = latencyMs / calls;
  if (baselineMs === undefined) return meanMs;
  const memoryMs = meanMs > baselineMs ? SLOWER_MS : FASTER_MS;
  return baselineMs + (meanMs - baselineMs) * (1 - Math.exp(-ms / memoryMs));
}
