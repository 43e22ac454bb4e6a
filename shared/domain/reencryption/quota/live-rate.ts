/** How fast applications call KMS, by counts that only grow. */

import { defined } from '../../optional-fields';
import type { Counted, LiveRate } from './kms-quota';
import { baselineAfter } from './latency-baseline';
import type { LiveCount } from './ports';

/** Counted more often than this, chance would look like change. */
const COUNT_MS = 240;
/** A rate is taken over so long: twice as long as applications wait with a report, so that every process is in it. */
const OVER_MS = 1_000;
/** Counts are kept for so long, so that a second can be compared with the one before it. */
const KEPT_MS = 2_600;
/** A report older than this says nothing about now: whoever reported may be gone. */
const REPORTED_MS = 3_600_000;
/** Requests come by chance: so many standard deviations more than usual may come in any second. */
const DEVIATIONS = 3;
/** How much of a surge is remembered from one counting to the next. */
const SURGE_KEPT = 0.9;

/** @returns `before` itself when it is too early to count again; undefined when nobody tells. */
export function liveRateAfter(
  before: LiveRate | undefined,
  count: LiveCount | undefined,
  nowMs: number,
): LiveRate | undefined {
  if (!count || nowMs - count.reportedAtMs > REPORTED_MS) return undefined;
  const { calls, throttled, latencyMs } = count;
  const now: Counted = { atMs: nowMs, calls, throttled, latencyMs };
  if (!before) return { counts: [now], surge: 0 };
  const last = before.counts.at(-1);
  if (last && nowMs - last.atMs < COUNT_MS) return before;
  const counts = [...before.counts.filter(({ atMs }) => nowMs - atMs <= KEPT_MS), now];
  const baselineMs = baselineAfter(before.baselineMs, between(last, now), nowMs - (last?.atMs ?? nowMs));
  return {
    counts,
    ...rateOf(counts),
    surge: Math.max(0, riseOf(counts), before.surge * SURGE_KEPT),
    ...defined({ baselineMs }),
  };
}

/** What came from one counting to the next. */
export const between = (before: Counted | undefined, after: Counted | undefined): Omit<Counted, 'atMs'> => {
  if (!before || !after) return { calls: 0, throttled: 0, latencyMs: 0 };
  return {
    calls: Math.max(0, after.calls - before.calls),
    throttled: Math.max(0, after.throttled - before.throttled),
    latencyMs: Math.max(0, after.latencyMs - before.latencyMs),
  };
};

/** How much more than now may come in the next second. */
export const mayCome = ({ perSecond = 0, surge }: LiveRate): number => surge + DEVIATIONS * Math.sqrt(perSecond);

function rateOf(counts: readonly Counted[]): { readonly perSecond?: number } {
  const perSecond = rateBefore(counts, counts.at(-1));
  return perSecond === undefined ? {} : { perSecond };
}

/** How much more came in the last second than in the one before. */
function riseOf(counts: readonly Counted[]): number {
  const last = counts.at(-1);
  const middle = last && longBefore(counts, last);
  const [now, before] = [rateBefore(counts, last), rateBefore(counts, middle)];
  return now === undefined || before === undefined ? 0 : now - before;
}

function rateBefore(counts: readonly Counted[], end: Counted | undefined): number | undefined {
  const start = end && longBefore(counts, end);
  return start && (between(start, end).calls * 1000) / (end.atMs - start.atMs);
}

const longBefore = (counts: readonly Counted[], { atMs }: Counted): Counted | undefined =>
  counts.findLast((count) => atMs - count.atMs >= OVER_MS);
