import { budgetOf, unionMs } from '../../../../shared/domain/service-levels/budget';
import {
  DEFAULT_TERMS,
  excludingClause,
  type SlaTerms,
  windowAt,
} from '../../../../shared/domain/service-levels/service-level';
import type { SlaInterval } from '../../../../shared/domain/service-levels/sla-interval';
import { anArn, after as inMs, NOW } from '../../../support/make';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const ago = (minutes: number) => inMs(-minutes * MINUTE_MS);

const anInterval = (fields: Partial<SlaInterval>): SlaInterval => ({
  incidentId: 'i-1',
  customerId: 'acme',
  kmsKeyArn: anArn(),
  cause: 'key-disabled',
  party: 'provider',
  lostAt: ago(60),
  detectedAt: ago(60),
  dataStoreCount: 1,
  dataStores: [],
  restsOn: [],
  revision: 1,
  ...fields,
});

const TERMS: SlaTerms = { targetPercent: 99.95, window: { days: 30 }, exclude: ['customer-key'] };
const of = (intervals: readonly SlaInterval[], terms = TERMS) =>
  budgetOf('acme', { terms, isDefault: false }, intervals, NOW);

test('99.95 % of 30 days leave 21 minutes and 36 seconds', () => {
  expect(of([])).toMatchObject({
    budgetMs: 21.6 * MINUTE_MS,
    leftMs: 21.6 * MINUTE_MS,
    burntMs: 0,
    isNearlyBurnt: false,
  });
});

test('time is burnt from when data stores stop, not from when the key was lost', () => {
  const lost = anInterval({ lostAt: ago(60), stoppedAt: ago(55), servingAt: ago(50) });

  expect(of([lost])).toMatchObject({
    burntMs: 5 * MINUTE_MS,
    incidents: [{ incidentId: 'i-1', burntMs: 5 * MINUTE_MS }],
  });
});

test('a key that was back before anything stopped burnt nothing', () => {
  expect(of([anInterval({ stoppedAt: ago(50), servingAt: ago(55) })])).toMatchObject({ burntMs: 0 });
});

test('the customer’s own time under a clause is told, and not burnt', () => {
  const own = anInterval({ party: 'customer', clause: 'customer-key', stoppedAt: ago(30), servingAt: ago(10) });

  expect(of([own])).toMatchObject({
    burntMs: 0,
    excludedMs: 20 * MINUTE_MS,
    incidents: [{ clause: 'customer-key', burntMs: 0, excludedMs: 20 * MINUTE_MS }],
  });
});

test('two keys that are away at once burn their time once', () => {
  const both = [
    anInterval({ incidentId: 'i-1', stoppedAt: ago(20), servingAt: ago(10) }),
    anInterval({ incidentId: 'i-2', stoppedAt: ago(15), servingAt: ago(5) }),
  ];

  expect(of(both).burntMs).toBe(15 * MINUTE_MS);
});

test('what goes on says when the budget is used up, and what will be burnt in four hours', () => {
  const goesOn = anInterval({ stoppedAt: ago(20) });

  expect(of([goesOn])).toMatchObject({
    burntMs: 20 * MINUTE_MS,
    projectedMs: 260 * MINUTE_MS,
    usedUpAt: inMs(1.6 * MINUTE_MS),
    isNearlyBurnt: true,
  });
});

test('what has not stopped yet is used up later by as much', () => {
  const soon = anInterval({ stoppedAt: inMs(5 * MINUTE_MS) });

  expect(of([soon])).toMatchObject({ burntMs: 0, projectedMs: 235 * MINUTE_MS, usedUpAt: inMs(26.6 * MINUTE_MS) });
});

test('a service level that is missed has less than nothing left, since an instant that is past', () => {
  const { leftMs, usedUpAt } = of([anInterval({ stoppedAt: ago(30) })]);

  expect(leftMs).toBe(-8.4 * MINUTE_MS);
  expect(usedUpAt).toBe(inMs(-8.4 * MINUTE_MS));
});

test('of what began before the window the part within it counts', () => {
  const old = anInterval({ stoppedAt: inMs(-31 * DAY_MS), servingAt: inMs(-30 * DAY_MS + MINUTE_MS) });
  const over = anInterval({ incidentId: 'i-0', stoppedAt: inMs(-32 * DAY_MS), servingAt: inMs(-31 * DAY_MS) });

  const budget = of([over, old]);

  expect(budget.burntMs).toBe(MINUTE_MS);
  expect(budget.incidents.map(({ incidentId }) => incidentId)).toEqual(['i-1']);
});

test('a calendar month begins and ends in UTC, and its budget is that of its own length', () => {
  const month: SlaTerms = { ...TERMS, window: { calendar: 'month' } };

  expect(of([], month)).toMatchObject({
    window: { from: '2026-11-01T00:00:00.000Z', to: '2026-12-01T00:00:00.000Z' },
    budgetMs: 21.6 * MINUTE_MS,
  });
  expect(windowAt({ calendar: 'month' }, '2026-12-31T23:59:59.999Z').to).toBe('2027-01-01T00:00:00.000Z');
});

test.each([
  ['customer-key', { cause: 'key-disabled', party: 'customer' }, 'customer-key'],
  ['customer-key', { cause: 'key-disabled', party: 'provider' }, undefined],
  ['customer-key', { cause: 'access-denied', party: 'unknown' }, undefined],
  ['customer-key', { cause: 'key-disabled' }, undefined],
  ['cloud-outage', { cause: 'kms-outage', party: 'unknown' }, 'cloud-outage'],
  ['cloud-outage', { cause: 'sts-outage', party: 'unknown' }, 'cloud-outage'],
  ['cloud-outage', { cause: 'network', party: 'unknown' }, undefined],
  ['cloud-outage', { cause: 'key-disabled', party: 'customer' }, undefined],
] as const)('clause %s of a loss %j: %s', (clause, loss, expected) => {
  expect(excludingClause({ exclude: [clause] }, loss)).toBe(expected);
});

test('by the default nobody’s time is excluded', () => {
  expect(excludingClause(DEFAULT_TERMS, { cause: 'key-disabled', party: 'customer' })).toBeUndefined();
});

test('stretches that touch, contain and follow each other are covered once', () => {
  const span = (from: number, to: number) => ({ from: inMs(from), to: inMs(to) });

  expect(unionMs([span(50, 60), span(0, 40), span(10, 20), span(40, 50), span(70, 71)])).toBe(61);
});
