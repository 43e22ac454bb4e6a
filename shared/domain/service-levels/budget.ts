/** How much of what a service level leaves over is burnt, by what, and when it will be used up. */
import { elapsedMs, later } from '../instants';
import { defined } from '../optional-fields';
import { type EffectiveLevel, type Span, windowAt } from './service-level';
import { downtimeOf, type NoticeDuty, noticeDutyOf, type SlaInterval } from './sla-interval';

/** How far ahead is projected: by then whoever was paged has reached the key's owner. */
export const PROJECTION_MS = 4 * 3_600_000;

/** With so little of the budget left, or less, people are told wherever they look. */
const NEARLY_BURNT_SHARE = 0.25;

/** What one incident took of the window. Incidents at the same time take the same time: what is burnt counts it once. */
export interface BudgetIncident
  extends Pick<
    SlaInterval,
    | 'incidentId'
    | 'kmsKeyArn'
    | 'cause'
    | 'party'
    | 'clause'
    | 'lostAt'
    | 'toldAt'
    | 'noticeDueAt'
    | 'stoppedAt'
    | 'servingAt'
  > {
  /** Whether they were told in time; absent: nothing is agreed about it. */
  readonly notice?: NoticeDuty;
  readonly burntMs: number;
  readonly excludedMs: number;
}

export interface Budget extends EffectiveLevel {
  readonly customerId: string;
  readonly at: string;
  readonly window: Span;
  /** Milliseconds in which data may be out of reach within the window. */
  readonly budgetMs: number;
  readonly burntMs: number;
  /** Less than zero: the service level is missed. */
  readonly leftMs: number;
  /** Out of reach, and not burnt by a clause. */
  readonly excludedMs: number;
  /** What is burnt at `PROJECTION_MS` from now if what goes on now does so until then. */
  readonly projectedMs: number;
  /** When it is used up if what goes on now does not end; absent where nothing that counts goes on. In the past: it is. */
  readonly usedUpAt?: string;
  readonly isNearlyBurnt: boolean;
  /** Those that reach into the window, the newest first. */
  readonly incidents: readonly BudgetIncident[];
}

/** @param intervals The customer's own; those outside the window are left out. */
export function budgetOf(
  customerId: string,
  level: EffectiveLevel,
  intervals: readonly SlaInterval[],
  now: string,
): Budget {
  const { targetPercent } = level.terms;
  const window = windowAt(level.terms.window, now);
  const until = (to: string) => budgetOver({ from: window.from, to }, targetPercent, intervals);
  const { burntMs, excludedMs, incidents } = until(now);
  const budgetMs = allowedMs(window, targetPercent);
  const leftMs = budgetMs - burntMs;
  const from = burningFrom(intervals);
  return {
    ...level,
    customerId,
    at: now,
    window,
    budgetMs,
    burntMs,
    leftMs,
    excludedMs,
    projectedMs: until(later(now, PROJECTION_MS)).burntMs,
    ...(from !== undefined && { usedUpAt: later(from > now ? from : now, leftMs) }),
    isNearlyBurnt: leftMs <= budgetMs * NEARLY_BURNT_SHARE,
    incidents: [...incidents].sort((one, other) => (one.lostAt < other.lostAt ? 1 : -1)),
  };
}

/** Since when what goes on is burnt, or from when it will be. */
const burningFrom = (intervals: readonly SlaInterval[]): string | undefined =>
  intervals
    .flatMap(({ clause, servingAt, stoppedAt }) =>
      clause === undefined && servingAt === undefined ? (stoppedAt ?? []) : [],
    )
    .sort()[0];

const allowedMs = ({ from, to }: Span, targetPercent: number): number =>
  Math.round((elapsedMs(from, to) * (100 - targetPercent)) / 100);

/** What a period leaves over, and what of it was burnt and excluded. What goes on does so until the period ends. */
export function budgetOver(period: Span, targetPercent: number, intervals: readonly SlaInterval[]) {
  const { from, to } = period;
  const reaching = intervals.filter(({ servingAt }) => servingAt === undefined || servingAt > from);
  const took = (isExcluded: boolean) =>
    unionMs(
      reaching
        .filter(({ clause }) => (clause !== undefined) === isExcluded)
        .flatMap((one) => within(downtimeOf(one, to), from, to)),
    );
  return {
    budgetMs: allowedMs(period, targetPercent),
    burntMs: took(false),
    excludedMs: took(true),
    incidents: reaching.map((one) => incidentIn(one, period)),
  };
}

function incidentIn(interval: SlaInterval, { from, to }: Span): BudgetIncident {
  const { incidentId, kmsKeyArn, cause, party, clause, lostAt, toldAt, noticeDueAt, stoppedAt, servingAt } = interval;
  const ms = unionMs(within(downtimeOf(interval, to), from, to));
  return {
    incidentId,
    kmsKeyArn,
    cause,
    lostAt,
    ...defined({ party, clause, toldAt, noticeDueAt, stoppedAt, servingAt, notice: noticeDutyOf(interval, to) }),
    burntMs: clause === undefined ? ms : 0,
    excludedMs: clause === undefined ? 0 : ms,
  };
}

/** The part of a stretch that is between two instants, if there is any. */
function within(span: Span | undefined, from: string, to: string): readonly Span[] {
  if (span === undefined) return [];
  const part = { from: span.from > from ? span.from : from, to: span.to < to ? span.to : to };
  return part.from < part.to ? [part] : [];
}

/** How long it is that one or more of them cover. */
export function unionMs(spans: readonly Span[]): number {
  let ms = 0;
  let until = '';
  for (const { from, to } of [...spans].sort((one, other) => (one.from < other.from ? -1 : 1))) {
    const start = from > until ? from : until;
    if (to > start) ms += elapsedMs(start, to);
    if (to > until) until = to;
  }
  return ms;
}
