/** export-sla: a period of a customer's ledger as one signed statement, for whoever settles the contract. */
import type { CheckpointSigner } from '../audit/log/ports';
import { signNote } from '../audit/log/signed-note';
import { invalid } from '../errors';
import { DAY_MS, elapsedMs } from '../instants';
import type { Clock, ControlStore } from '../ports';
import { mustFind } from '../require-row';
import { INTERVALS_READ_MAX, intervalsOf } from '../service-levels/read-budget';
import { effectiveLevel, type Span } from '../service-levels/service-level';
import type { SlaInterval } from '../service-levels/sla-interval';
import { STATEMENT_NAME, statementOf, statementText } from './sla-statement';

export interface StatementPorts {
  readonly control: ControlStore;
  readonly signer: CheckpointSigner;
  readonly clock: Clock;
}

export interface StatementRequest {
  readonly customerId: string;
  /** From this instant … */
  readonly from: string;
  /** … until before this one. */
  readonly to: string;
}

export interface SignedStatement extends StatementRequest {
  /** The statement with its signature. */
  readonly note: string;
  readonly intervals: number;
}

const DAYS_MAX = 400;
/** So many fit an answer of a function URL, whatever their data stores are called. */
const INTERVALS_MAX = 250;

/**
 * Changes nothing. Safe to repeat: a later statement of the same period may know more, and says when it was issued.
 *
 * @throws KeywrightError `input.invalid` naming the field, `state.not-found`; any code that begins with `kms.`.
 */
export async function exportSla(
  { customerId, from, to }: StatementRequest,
  ports: StatementPorts,
): Promise<SignedStatement> {
  const issuedAt = ports.clock.now();
  refusePeriod({ from, to }, issuedAt);
  const { name } = await mustFind('customer', customerId, ports);
  const [level, all] = await Promise.all([
    ports.control.find('service-level', customerId),
    intervalsOf(customerId, ports),
  ]);
  if (all.length === INTERVALS_READ_MAX) throw tooMany(INTERVALS_READ_MAX);
  const intervals = all.filter((interval) => isIn({ from, to }, interval));
  if (intervals.length > INTERVALS_MAX) throw tooMany(intervals.length);
  const period = { from, to };
  const statement = statementOf({ customerId, name, period, intervals, ...effectiveLevel(level), issuedAt });
  const note = await signNote(statementText(statement), STATEMENT_NAME, ports.signer);
  return { customerId, ...period, note, intervals: intervals.length };
}

function refusePeriod({ from, to }: Span, now: string): void {
  if (from >= to) throw invalid('from', 'must be before to. Give the first instant of the period, then its end.');
  if (to > now) throw invalid('to', `must have come: it is ${now} now. Nobody can sign for time that is ahead.`);
  if (elapsedMs(from, to) > DAYS_MAX * DAY_MS)
    throw invalid('from', `must be at most ${DAYS_MAX} days before to. Ask for a part.`);
}

const tooMany = (count: number) =>
  invalid(
    'from',
    `${count} intervals or more are too many for one statement of ${INTERVALS_MAX}. Ask for shorter periods.`,
  );

const isIn = ({ from, to }: Span, { lostAt, servingAt }: SlaInterval): boolean =>
  lostAt < to && (servingAt === undefined || servingAt > from);
