/**
 * How much of a quota is left over, and how boldly it is used.
 *
 * What applications ask of KMS is counted, so that the rest is known rather than felt for: a request over the quota is
 * refused whoever sent it. What was counted is a moment old; what may come on top meanwhile is left free. Throttled
 * requests and rising latency count besides, because not every caller reports: both make us slower at once, and faster
 * again only little by little.
 */

import { defined } from '../../optional-fields';
import { type KmsQuota, type Outlook, sizeOf } from './kms-quota';
import { type Answers, baselineAfter, isSlow } from './latency-baseline';
import { between, liveRateAfter, mayCome } from './live-rate';
import type { LiveCount } from './ports';

export const OUTLOOK = {
  /** Slowed down more often than this, what helps would not be waited for. */
  slowMs: 1_000,
  /** Left free at least: for what nobody counted yet, and for what arrives unevenly. */
  margin: 0.02,
  /** The most that is used while nobody tells what applications use. */
  unreported: 0.5,
  paceAtStart: 0.25,
  paceLeast: 0.02,
  /** What a second without trouble adds: less where only trouble tells how much is too much. */
  pacePerSecond: 0.1,
  pacePerSecondUnreported: 0.01,
  onThrottled: 0.5,
  onSlow: 0.8,
  /** A quota that nobody has used for so long is approached slowly again. */
  forgottenMs: 60_000,
} as const;

/** What a worker has heard since it was here last. */
export interface Heard extends Answers {
  /** Absent: nobody tells. */
  readonly live?: LiveCount;
  /** Our own requests that were refused because of the quota. */
  readonly throttled: number;
}

/** The outlook of whoever knows nothing yet: careful. */
export const outlookAtStart = (nowMs: number): Outlook => ({ atMs: nowMs, pace: OUTLOOK.paceAtStart, slowedAtMs: 0 });

/** The outlook after what was heard since; one that is too old is begun anew. */
export function outlookAfter(before: Outlook, heard: Heard, nowMs: number): Outlook {
  const known = nowMs - before.atMs > OUTLOOK.forgottenMs ? outlookAtStart(nowMs) : before;
  const live = liveRateAfter(known.live, heard.live, nowMs);
  const baselineMs = baselineAfter(known.baselineMs, heard, nowMs - known.atMs);
  const counted = between(known.live?.counts.at(-1), live?.counts.at(-1));
  const factor = slowedBy({
    isThrottled: heard.throttled > 0 || counted.throttled > 0,
    isSlow: isSlow(heard, known.baselineMs) || isSlow(counted, known.live?.baselineMs),
  });
  return {
    ...paceAfter(known, { factor, perSecond: live ? OUTLOOK.pacePerSecond : OUTLOOK.pacePerSecondUnreported }, nowMs),
    atMs: nowMs,
    ...defined({ live, baselineMs }),
  };
}

/** Requests a second that all workers together may send. */
export function allowanceOf(
  quota: Pick<KmsQuota, 'quotaId' | 'perSecond' | 'reserved'>,
  { pace, live }: Outlook,
): number {
  const size = sizeOf(quota);
  const margin = size * OUTLOOK.margin;
  const free = size - (quota.reserved ?? 0);
  const unknown = Math.min(free - margin, size * OUTLOOK.unreported);
  if (!live) return Math.max(0, unknown * pace);
  if (live.perSecond === undefined) return Math.max(0, unknown * OUTLOOK.paceLeast);
  return Math.max(0, (free - live.perSecond - Math.max(margin, mayCome(live))) * pace);
}

function slowedBy({ isThrottled, isSlow }: { readonly isThrottled: boolean; readonly isSlow: boolean }) {
  if (isThrottled) return OUTLOOK.onThrottled;
  return isSlow ? OUTLOOK.onSlow : undefined;
}

interface Change {
  /** Undefined: there was no trouble. */
  readonly factor: number | undefined;
  readonly perSecond: number;
}

function paceAfter({ pace, slowedAtMs, atMs }: Outlook, { factor, perSecond }: Change, nowMs: number) {
  if (factor === undefined) return { pace: Math.min(1, pace + (perSecond * (nowMs - atMs)) / 1000), slowedAtMs };
  if (nowMs - slowedAtMs < OUTLOOK.slowMs) return { pace, slowedAtMs };
  return { pace: Math.max(OUTLOOK.paceLeast, pace * factor), slowedAtMs: nowMs };
}
