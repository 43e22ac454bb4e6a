/**
 * How much a loss weighs by what is ahead of it: a table, the first row that fits.
 *
 * What customers miss pages, whoever's time it is: a clause says who pays, not whether somebody is to get up. What only burns the
 * budget pages when it is used up before somebody who was paged can have reached the key's owner.
 */
import { later } from '../../instants';
import { PROJECTION_MS } from '../../service-levels/budget';
import type { LossOutlook } from './loss-outlook';

interface Ahead {
  /** Something that customers miss stops within `PROJECTION_MS`, or at a time that AWS does not publish. */
  readonly customersMissIt: boolean;
  /** Somebody's budget is used up within `PROJECTION_MS`. */
  readonly budgetIsUsedUp: boolean;
  /** The time is burnt. */
  readonly counts: boolean;
  /** Anything at all stops within `PROJECTION_MS`. */
  readonly somethingStops: boolean;
  /** The data is lost for good at a known time. */
  readonly hasDeadline: boolean;
}

interface Rule {
  readonly fits: (ahead: Ahead) => boolean;
  readonly severity: 'critical' | 'warning' | 'info';
  readonly because: string;
}

/** Public for its test, which holds each row against the one before. */
export const SEVERITY_RULES: readonly Rule[] = [
  { fits: (is) => is.customersMissIt, severity: 'critical', because: 'customers miss what stops' },
  { fits: (is) => is.budgetIsUsedUp, severity: 'critical', because: 'the budget is used up within four hours' },
  { fits: (is) => is.hasDeadline, severity: 'warning', because: 'the data is lost for good unless the key comes back' },
  { fits: (is) => is.counts, severity: 'warning', because: 'the time is burnt' },
  { fits: (is) => is.somethingStops, severity: 'warning', because: 'data stores stop, though the time is not burnt' },
  { fits: () => true, severity: 'info', because: 'nothing stops by itself, and the time is not burnt' },
];

interface WeighedIncident {
  readonly detectedAt: string;
  readonly recoverableUntil?: string;
}

/** The first rule that fits. */
export function severityRule(outlook: LossOutlook, incident: WeighedIncident): Rule {
  const ahead = aheadOf(outlook, incident);
  const [rule] = SEVERITY_RULES.filter(({ fits }) => fits(ahead));
  return rule as Rule;
}

function aheadOf({ stopping, budget }: LossOutlook, { detectedAt, recoverableUntil }: WeighedIncident): Ahead {
  const soon = later(detectedAt, PROJECTION_MS);
  const soonest = stopping.filter(
    ({ stops, stopsAt }) => stops === 'unpublished' || (stopsAt !== undefined && stopsAt <= soon),
  );
  return {
    customersMissIt: soonest.some(({ customerFacing }) => customerFacing > 0),
    budgetIsUsedUp: budget?.usedUpAt !== undefined && budget.usedUpAt <= soon,
    counts: budget === undefined || budget.clause === undefined,
    somethingStops: soonest.length > 0,
    hasDeadline: recoverableUntil !== undefined,
  };
}
