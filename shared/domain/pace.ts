/**
 * How fast re-encryption may go: faster while KMS answers as usual, slower at once when it does not.
 *
 * Additive increase and multiplicative decrease, as TCP shares a line with others that nobody knows of. Rising latency
 * is the early sign and slows a little; a throttled request is the late one and halves.
 */
export interface PaceState {
  /** Requests a second. */
  readonly perSecond: number;
  /** How long an answer usually takes; undefined before the first. */
  readonly usualMs?: number;
}

export interface Heard {
  readonly throttled: boolean;
  readonly latencyMs: number;
}

export const PACE = {
  /** Slow enough to be noticed by nobody. */
  startPerSecond: 100,
  leastPerSecond: 1,
  /** For each process. A tenth of the smallest regional quota of symmetric operations. Source: KMS request quotas. */
  mostPerSecond: 1_000,
  /** What each answer adds. */
  step: 1,
  /** An answer that takes so many times longer than usual means that others wait too. */
  slowFactor: 3,
  onSlow: 0.95,
  onThrottled: 0.5,
  /** Weight of the newest answer in what is usual. */
  memory: 0.05,
} as const;

export const PACE_AT_START: PaceState = { perSecond: PACE.startPerSecond };

/** The pace after one more answer. */
export function paceAfter({ perSecond, usualMs }: PaceState, { throttled, latencyMs }: Heard): PaceState {
  if (throttled) return kept(perSecond * PACE.onThrottled, usualMs);
  const usual = usualMs === undefined ? latencyMs : usualMs + (latencyMs - usualMs) * PACE.memory;
  const slow = usualMs !== undefined && latencyMs > usualMs * PACE.slowFactor;
  return kept(slow ? perSecond * PACE.onSlow : perSecond + PACE.step, usual);
}

function kept(perSecond: number, usualMs: number | undefined): PaceState {
  const within = Math.min(PACE.mostPerSecond, Math.max(PACE.leastPerSecond, perSecond));
  return { perSecond: within, ...(usualMs !== undefined && { usualMs }) };
}
