/**
 * Verifies an SLA statement, offline: that it was signed by the key that signs customers' audit streams, that it says one thing only,
 * and that its sums are those of its intervals. docs/sla-statement.md is the format.
 */
import { malformed, openStatement } from './signed-statement';

/** One time in which data could not be used. Members that readers do not know they ignore. */
export interface StatedInterval {
  readonly incidentId: string;
  readonly cause: string;
  readonly party?: string;
  readonly clause?: string;
  readonly lostAt: string;
  readonly detectedAt: string;
  readonly pagedAt?: string;
  readonly toldAt?: string;
  readonly noticeDueAt?: string;
  readonly stoppedAt?: string;
  readonly restoredAt?: string;
  readonly servingAt?: string;
  readonly burntMs: number;
  readonly excludedMs: number;
  readonly [member: string]: unknown;
}

export interface SlaStatement {
  readonly customerId: string;
  readonly from: string;
  readonly to: string;
  readonly issuedAt: string;
  readonly serviceLevel: { readonly targetPercent: number; readonly exclude: readonly string[] };
  readonly budgetMs: number;
  readonly burntMs: number;
  readonly excludedMs: number;
  readonly intervals: readonly StatedInterval[];
  readonly [member: string]: unknown;
}

export interface VerifiedStatement {
  readonly statement: SlaStatement;
  /** SHA-256 of the text, in hex. */
  readonly hash: string;
  /** What does not add up, in sentences; empty where all of it does. */
  readonly faults: readonly string[];
}

const NAME = 'keywright/sla';
const VERSION = 1;

/**
 * @param note The statement as it was handed on.
 * @param publicKey `name+keyid+key`: the one that verifies any audit stream of the provider, or that of statements.
 * @throws Refusal `key-malformed`, `wrong-signer`, `statement-malformed`.
 */
export function verifySlaStatement(note: string | Uint8Array, publicKey: string): VerifiedStatement {
  const { value, hash } = openStatement(note, publicKey, NAME, 'statement');
  if (!isStatement(value)) throw malformed('statement', `is not of version ${VERSION}: use a newer verifier`);
  return { statement: value, hash, faults: faultsOf(value) };
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const isInstant = (value: unknown): value is string =>
  typeof value === 'string' && INSTANT.test(value) && !Number.isNaN(Date.parse(value));
const isMs = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;

function isStatement(value: unknown): value is SlaStatement {
  const { v, customerId, from, to, issuedAt, serviceLevel, budgetMs, burntMs, excludedMs, intervals } = fieldsOf(value);
  const { targetPercent, exclude } = fieldsOf(serviceLevel);
  return (
    v === VERSION &&
    typeof customerId === 'string' &&
    [from, to, issuedAt].every(isInstant) &&
    typeof targetPercent === 'number' &&
    Array.isArray(exclude) &&
    [budgetMs, burntMs, excludedMs].every(isMs) &&
    Array.isArray(intervals) &&
    intervals.every(isInterval)
  );
}

const OPTIONAL_TEXTS = ['party', 'clause'] as const;
const OPTIONAL_INSTANTS = ['pagedAt', 'toldAt', 'noticeDueAt', 'stoppedAt', 'restoredAt', 'servingAt'] as const;

function isInterval(value: unknown): boolean {
  const fields = fieldsOf(value);
  return (
    typeof fields['incidentId'] === 'string' &&
    typeof fields['cause'] === 'string' &&
    [fields['lostAt'], fields['detectedAt']].every(isInstant) &&
    OPTIONAL_TEXTS.every((name) => fields[name] === undefined || typeof fields[name] === 'string') &&
    OPTIONAL_INSTANTS.every((name) => fields[name] === undefined || isInstant(fields[name])) &&
    [fields['burntMs'], fields['excludedMs']].every(isMs)
  );
}

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};

function faultsOf(statement: SlaStatement): readonly string[] {
  const { from, to, serviceLevel, intervals, budgetMs, burntMs, excludedMs, issuedAt } = statement;
  const periodMs = Date.parse(to) - Date.parse(from);
  const counts = intervals.filter(({ clause }) => clause === undefined);
  const excluded = intervals.filter(({ clause }) => clause !== undefined);
  const sums: readonly (readonly [what: string, said: number, is: number])[] = [
    ['budgetMs', budgetMs, Math.round((periodMs * (100 - serviceLevel.targetPercent)) / 100)],
    ['burntMs', burntMs, coveredMs(counts, statement)],
    ['excludedMs', excludedMs, coveredMs(excluded, statement)],
  ];
  return [
    ...(periodMs > 0 ? [] : ['The period ends before it begins.']),
    ...(to <= issuedAt ? [] : ['It was issued before its period was over.']),
    ...sums.flatMap(([what, said, is]) => (said === is ? [] : [`${what} is ${said}, and the intervals give ${is}.`])),
    ...intervals.flatMap((interval) => intervalFaults(interval, statement)),
    ...twice(intervals.map(({ incidentId }) => incidentId)),
  ];
}

/** What AWS is answerable for. */
const CLOUD_OUTAGE: readonly string[] = ['kms-outage', 'sts-outage', 'throttled'];

/** What a clause excludes; of one that this verifier does not know it does not judge. */
function isUnder(clause: string, { cause, party }: StatedInterval): boolean {
  if (clause === 'customer-key') return party === 'customer';
  return clause !== 'cloud-outage' || CLOUD_OUTAGE.includes(cause);
}

/** In this order, where both are there. */
const IN_ORDER = [
  ['lostAt', 'detectedAt'],
  ['lostAt', 'noticeDueAt'],
  ['lostAt', 'stoppedAt'],
  ['detectedAt', 'servingAt'],
  ['stoppedAt', 'servingAt'],
  ['restoredAt', 'servingAt'],
] as const;

function intervalFaults(interval: StatedInterval, statement: SlaStatement): readonly string[] {
  const { incidentId, clause, burntMs, excludedMs } = interval;
  const ms = coveredMs([interval], statement);
  const [burnt, excluded] = clause === undefined ? [ms, 0] : [0, ms];
  const wrongOrder = IN_ORDER.filter(([one, other]) => {
    const [before, after] = [interval[one], interval[other]];
    return before !== undefined && after !== undefined && before > after;
  });
  const about = `Incident ${incidentId}:`;
  return [
    ...(clause === undefined || isUnder(clause, interval)
      ? []
      : [`${about} ${clause} does not exclude ${interval.cause} by ${interval.party ?? 'nobody known'}.`]),
    ...wrongOrder.map(([one, other]) => `${about} ${one} is after ${other}.`),
    ...(burntMs === burnt ? [] : [`${about} burntMs is ${burntMs}, and its instants give ${burnt}.`]),
    ...(excludedMs === excluded ? [] : [`${about} excludedMs is ${excludedMs}, and its instants give ${excluded}.`]),
  ];
}

const twice = (ids: readonly string[]): readonly string[] =>
  [...new Set(ids.filter((id, at) => ids.indexOf(id) !== at))].map((id) => `Incident ${id} is accounted for twice.`);

/** How much of the period is covered by one or more of the intervals, each from when data stores stopped. */
function coveredMs(intervals: readonly StatedInterval[], { from, to }: SlaStatement): number {
  const spans = intervals
    .flatMap(({ stoppedAt, servingAt = to }) => (stoppedAt === undefined ? [] : [{ start: stoppedAt, end: servingAt }]))
    .map(({ start, end }) => ({
      start: Math.max(Date.parse(start), Date.parse(from)),
      end: Math.min(Date.parse(end), Date.parse(to)),
    }))
    .sort((one, other) => one.start - other.start);
  let covered = 0;
  let until = Number.NEGATIVE_INFINITY;
  for (const { start, end } of spans) {
    covered += Math.max(0, end - Math.max(start, until));
    until = Math.max(until, end);
  }
  return covered;
}
