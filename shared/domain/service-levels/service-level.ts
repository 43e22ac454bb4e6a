/** What a customer was promised: how much of the time their data can be read and written, and whose time does not count. */
import type { Party } from '../../../events/fields';
import type { Cause } from '../availability/verdict';
import { invalid } from '../errors';
import { DAY_MS, later, MINUTE_MS, type NEVER } from '../instants';

interface ClauseTerms {
  /** Whose the time is. */
  readonly whose: string;
  /** Completes "Time does not count that …". */
  readonly means: string;
  /** Whose acts it excludes. Absent: anybody's. */
  readonly parties?: readonly Party[];
  /** Which causes it excludes. Absent: any. */
  readonly causes?: readonly Cause[];
}

/** The closed list of clauses by which time is the customer's own, or nobody's, and is not burnt. */
export const CLAUSES = {
  'customer-key': {
    whose: 'the customer’s own',
    means: 'the customer takes by an act of their own: on their key, its policy, or the role that they opened to us',
    parties: ['customer'],
  },
  'cloud-outage': {
    whose: 'AWS’s',
    means: 'AWS takes: KMS or STS does not answer, or throttles',
    // Not `network`: where no answer reaches us the way to AWS may as well be ours, and what nobody knows counts.
    causes: ['kms-outage', 'sts-outage', 'throttled'],
  },
} as const satisfies Record<string, ClauseTerms>;
export type Clause = keyof typeof CLAUSES;
export const CLAUSE_NAMES = Object.keys(CLAUSES) as readonly Clause[];

/** Over which time availability is measured: the days that end now, or the month in UTC. */
export type SlaWindow = { readonly days: number } | { readonly calendar: 'month' };

/** The terms themselves. */
export interface SlaTerms {
  /** Percent of the window, more than 0 and less than 100. */
  readonly targetPercent: number;
  readonly window: SlaWindow;
  readonly exclude: readonly Clause[];
  /** Within how many minutes of a loss the customer is to be told. */
  readonly noticeMinutes?: number;
  /** The contract's own word for how much the customer weighs, such as `gold`. */
  readonly tier?: string;
  /** How often their keys are probed at the least. */
  readonly probeEverySeconds?: number;
}

/** @throws KeywrightError `input.invalid`, naming the field. */
export function refuseBadTier(field: string, tier: string): void {
  if (!/^[a-z0-9-]{1,40}$/.test(tier))
    throw invalid(field, 'must be one word of lower-case letters, digits and hyphens, such as gold.');
}

/** One row a customer. */
export interface ServiceLevel extends SlaTerms {
  readonly customerId: string;
  /** The principal who set it. */
  readonly setBy: string;
  readonly setAt: string;
  /** Never due: rows that are due are the ones that are listed. */
  readonly dueAt: typeof NEVER;
  readonly revision: number;
}

/** Of customers with whom nothing was agreed: nothing is excluded, so that nobody's time is taken for theirs. */
export const DEFAULT_TERMS: SlaTerms = { targetPercent: 99.9, window: { days: 30 }, exclude: [] };

/** What holds for a customer, and whether it was agreed. */
export interface EffectiveLevel {
  readonly terms: SlaTerms;
  readonly isDefault: boolean;
}

/** @param level Undefined: nothing was agreed. */
export function effectiveLevel(level: ServiceLevel | undefined): EffectiveLevel {
  if (level === undefined) return { terms: DEFAULT_TERMS, isDefault: true };
  const { customerId: _whose, setBy: _by, setAt: _at, dueAt: _listed, revision: _store, ...terms } = level;
  return { terms, isDefault: false };
}

interface Loss {
  readonly cause: Cause;
  readonly party?: Party;
}

/** The clause by which time that is lost so is not burnt; undefined: it counts, also where nobody knows whose act it is. */
export const excludingClause = ({ exclude }: Pick<SlaTerms, 'exclude'>, loss: Loss): Clause | undefined =>
  exclude.find((clause) => isExcludedBy(CLAUSES[clause], loss));

const isExcludedBy = ({ parties, causes }: ClauseTerms, { cause, party }: Loss): boolean =>
  (parties === undefined || (party !== undefined && parties.includes(party))) &&
  (causes === undefined || causes.includes(cause));

/** By when the customer is to be told of a loss; undefined: nothing is agreed about it. */
export const noticeDueOf = ({ noticeMinutes }: Pick<SlaTerms, 'noticeMinutes'>, lostAt: string): string | undefined =>
  noticeMinutes === undefined ? undefined : later(lostAt, noticeMinutes * MINUTE_MS);

/** A stretch of time: from an instant until before another. */
export interface Span {
  readonly from: string;
  readonly to: string;
}

/** The window that an instant is in. */
export function windowAt(window: SlaWindow, now: string): Span {
  if ('days' in window) return { from: new Date(Date.parse(now) - window.days * DAY_MS).toISOString(), to: now };
  const date = new Date(now);
  const monthAt = (months: number) =>
    new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months)).toISOString();
  return { from: monthAt(0), to: monthAt(1) };
}
