/**
 * SLA statements: what a period took of a customer, as the contract accounts for it, signed for the contract team.
 *
 * A statement is a signed note, as a retirement certificate is: the name of its kind, then its statement as canonical JSON, a line
 * each. The key that signs customers' audit streams signs it, under a name of its own. docs/sla-statement.md is the format.
 */
import { canonicalJson, type Json } from '../audit/canonical-json';
import { budgetOver } from '../service-levels/budget';
import type { EffectiveLevel, Span } from '../service-levels/service-level';
import type { SlaInterval } from '../service-levels/sla-interval';

/** The first line of every statement, and the name of its signer. */
export const STATEMENT_NAME = 'keywright/sla';

export interface StatementOf extends EffectiveLevel {
  readonly customerId: string;
  readonly name: string;
  readonly period: Span;
  readonly intervals: readonly SlaInterval[];
  readonly issuedAt: string;
}

/** The text that a statement signs: its name, then the statement on one line. */
export const statementText = (statement: Json): string => `${STATEMENT_NAME}\n${canonicalJson(statement)}\n`;

/** All that is said of the period: each interval with what it took, and the sum, in which time that two took is counted once. */
export function statementOf({ customerId, name, period, intervals, terms, isDefault, issuedAt }: StatementOf): Json {
  const { burntMs, excludedMs, budgetMs, incidents } = budgetOver(period, terms.targetPercent, intervals);
  const took = new Map(incidents.map((one) => [one.incidentId, one]));
  const { window, exclude } = terms;
  return {
    v: 1,
    customerId,
    name,
    ...period,
    issuedAt,
    serviceLevel: {
      targetPercent: terms.targetPercent,
      window: 'days' in window ? `${window.days}d` : window.calendar,
      exclude: [...exclude],
      isDefault,
    },
    budgetMs,
    burntMs,
    excludedMs,
    intervals: intervals.map((interval) => {
      const { burntMs: burnt = 0, excludedMs: excluded = 0 } = took.get(interval.incidentId) ?? {};
      return { ...intervalShown(interval), burntMs: burnt, excludedMs: excluded };
    }),
  };
}

function intervalShown({
  customerId: _whose,
  revision: _store,
  dataStores,
  restsOn,
  actedBy,
  ...interval
}: SlaInterval) {
  return {
    ...interval,
    ...(actedBy && { actedBy: { ...actedBy } }),
    dataStores: dataStores.map((store) => ({ ...store })),
    restsOn: restsOn.map((one) => ({ ...one })),
  };
}
