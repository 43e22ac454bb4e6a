/**
 * When a destination that took nothing is tried again. Source: Standard Webhooks 1.0, "Deliverability and reliability": ten attempts
 * within 75 hours, each wait with some jitter.
 */
import { later } from '../instants';
import { stableHash } from '../stable-hash';

const [SECOND, MINUTE, HOUR] = [1_000, 60_000, 3_600_000];

/** After the first attempt that failed, after the second, and so on. */
export const RETRY_WAITS_MS: readonly number[] = [
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
];

/** A destination may ask for as long as a day. */
const RETRY_AFTER_MAX_MS = 24 * HOUR;
const JITTER = 0.1;

/**
 * The next attempt after so many that failed; undefined when there is none any more.
 *
 * @param name Spreads subscriptions that failed together: up to a tenth of the wait, the same each time.
 * @param retryAfterMs What the destination asked for: never sooner.
 */
export function nextAttempt(failures: number, name: string, now: string, retryAfterMs = 0): string | undefined {
  const wait = RETRY_WAITS_MS[failures - 1];
  if (wait === undefined) return undefined;
  const spread = (stableHash(`${name} ${failures}`) % 1_000) / 1_000;
  const jittered = Math.round(wait * (1 + JITTER * spread));
  return later(now, Math.max(jittered, Math.min(retryAfterMs, RETRY_AFTER_MAX_MS)));
}
