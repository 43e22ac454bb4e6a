/**
 * How much of a quota is left over, and how boldly it is used.
 *
 * What applications ask of KMS is counted, so that the rest is known rather than felt for: a request that is throttled is
 * throttled at random, ours or theirs. What was counted is a moment old; what it may have risen by since is left free.
 * Throttled requests and rising latency come on top, because not every caller reports: both make us slower at once, and
 * faster again only little by little.
 */
import { type KmsQuota, type LiveRate, type Outlook, sizeOf } from '../kms-quota';
import type { LiveCount } from '../ports';

export const OUTLOOK = {
  /** Counted more often than this, chance would look like change. */
  countMs: 400,
  /** Slowed down more often than this, what helps would not be waited for. */
  slowMs: 500,
  /** Never used: what nobody counts, and what arrives unevenly. */
  margin: 0.02,
  /** A report older than this says nothing about now: whoever reported may be gone. */
  toldMs: 3_600_000,
  /** The most that is used while nobody tells what applications use. */
  untold: 0.5,
  paceAtStart: 0.1,
  paceLeast: 0.02,
  /** What a second without trouble adds. */
  pacePerSecond: 0.1,
  onThrottled: 0.5,
  onSlow: 0.8,
  /** An average answer that takes so many times longer than usual means that others wait, too. */
  slowFactor: 1.5,
  /** How long what is slow takes to become usual, and what is fast. */
  slowerUsualMs: 600_000,
  fasterUsualMs: 5_000,
  /** How much of a surge is remembered from one counting to the next. */
  surgeKept: 0.9,
  /** A quota that nobody has used for so long is approached slowly again. */
  forgottenMs: 60_000,
} as const;

/** What a worker has heard since it was here last. */
export interface Heard {
  /** Absent: nobody tells. */
  readonly live?: LiveCount;
  /** Our own requests. */
  readonly calls: number;
  readonly throttled: number;
  readonly latencyMs: number;
}

export const outlookAtStart = (nowMs: number): Outlook => ({ atMs: nowMs, pace: OUTLOOK.paceAtStart, slowedAtMs: 0 });

export function outlookAfter(before: Outlook, heard: Heard, nowMs: number): Outlook {
  const known = nowMs - before.atMs > OUTLOOK.forgottenMs ? outlookAtStart(nowMs) : before;
  const live = liveAfter(known.live, heard.live, nowMs);
  const counted =
    live !== known.live ? { calls: delta('calls', known, live), latencyMs: delta('latencyMs', known, live) } : NONE;
  const slow = isSlow(heard, known.usualMs) || isSlow(counted, known.live?.usualMs);
  const throttled = heard.throttled > 0 || delta('throttled', known, live) > 0;
  const usualMs = usualAfter(known.usualMs, heard, nowMs - known.atMs);
  return {
    ...paceAfter(known, throttled ? OUTLOOK.onThrottled : slow ? OUTLOOK.onSlow : undefined, nowMs),
    atMs: nowMs,
    ...(live && { live }),
    ...(usualMs !== undefined && { usualMs }),
  };
}

/** Requests a second that all workers together may send. */
export function allowanceOf(
  quota: Pick<KmsQuota, 'quotaId' | 'perSecond' | 'spared'>,
  { pace, live }: Outlook,
): number {
  const size = sizeOf(quota);
  const free = size * (1 - OUTLOOK.margin) - (quota.spared ?? 0);
  const boldly = live && live.perSecond === undefined ? OUTLOOK.paceLeast : pace;
  const left =
    live?.perSecond === undefined ? Math.min(free, size * OUTLOOK.untold) : free - live.perSecond - live.surge;
  return Math.max(0, left * boldly);
}

interface Answers {
  readonly calls: number;
  readonly latencyMs: number;
}
const NONE: Answers = { calls: 0, latencyMs: 0 };

const delta = (field: 'calls' | 'throttled' | 'latencyMs', { live: before }: Outlook, after: LiveRate | undefined) =>
  before && after ? after[field] - before[field] : 0;

const isSlow = ({ calls, latencyMs }: Answers, usualMs: number | undefined): boolean =>
  calls > 0 && usualMs !== undefined && latencyMs / calls > usualMs * OUTLOOK.slowFactor;

function paceAfter({ pace, slowedAtMs, atMs }: Outlook, factor: number | undefined, nowMs: number) {
  if (factor === undefined) {
    return { pace: Math.min(1, pace + (OUTLOOK.pacePerSecond * (nowMs - atMs)) / 1000), slowedAtMs };
  }
  if (nowMs - slowedAtMs < OUTLOOK.slowMs) return { pace, slowedAtMs };
  return { pace: Math.max(OUTLOOK.paceLeast, pace * factor), slowedAtMs: nowMs };
}

function liveAfter(before: LiveRate | undefined, count: LiveCount | undefined, nowMs: number): LiveRate | undefined {
  if (!count || nowMs - count.reportedAtMs > OUTLOOK.toldMs) return undefined;
  const { calls, throttled, latencyMs } = count;
  const atStart = { atMs: nowMs, calls, throttled, latencyMs };
  if (!before) return { ...atStart, surge: 0 };
  const ms = nowMs - before.atMs;
  if (ms < OUTLOOK.countMs) return before;
  const perSecond = (Math.max(0, calls - before.calls) * 1000) / ms;
  const rose = perSecond - (before.perSecond ?? perSecond);
  const usualMs = usualAfter(
    before.usualMs,
    { calls: calls - before.calls, latencyMs: latencyMs - before.latencyMs },
    ms,
  );
  return {
    ...atStart,
    perSecond,
    surge: Math.max(0, rose, before.surge * OUTLOOK.surgeKept),
    ...(usualMs !== undefined && { usualMs }),
  };
}

/** Follows what is fast at once and what is slow reluctantly: an hour of slowness is no new normal. */
function usualAfter(usualMs: number | undefined, { calls, latencyMs }: Answers, ms: number): number | undefined {
  if (calls <= 0) return usualMs;
  const meanMs = latencyMs / calls;
  if (usualMs === undefined) return meanMs;
  const memoryMs = meanMs > usualMs ? OUTLOOK.slowerUsualMs : OUTLOOK.fasterUsualMs;
  return usualMs + (meanMs - usualMs) * (1 - Math.exp(-ms / memoryMs));
}
