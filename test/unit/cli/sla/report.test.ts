import { secondsOf } from '../../../../cli/sla/durations';
import { showBudget, showServiceLevels, showSet } from '../../../../cli/sla/report';
import { durationText } from '../../../../shared/domain/duration-text';
import { budgetOf } from '../../../../shared/domain/service-levels/budget';
import type { SlaTerms } from '../../../../shared/domain/service-levels/service-level';
import { anArn, after as inMs, NOW } from '../../../support/make';

const TERMS: SlaTerms = {
  targetPercent: 99.95,
  window: { days: 30 },
  exclude: ['customer-key', 'cloud-outage'],
  noticeMinutes: 15,
  probeEverySeconds: 60,
  tier: 'gold',
};
const lost = {
  incidentId: 'a'.repeat(36),
  customerId: 'acme',
  kmsKeyArn: anArn(),
  cause: 'key-pending-deletion',
  party: 'customer',
  lostAt: inMs(-900_000),
  detectedAt: inMs(-900_000),
  dataStoreCount: 1,
  dataStores: [],
  restsOn: [],
  revision: 1,
} as const;
const budget = budgetOf(
  'acme',
  { terms: TERMS, isDefault: false },
  [
    { ...lost, stoppedAt: inMs(-600_000) },
    { ...lost, clause: 'customer-key', stoppedAt: inMs(-900_000), servingAt: inMs(-300_000) },
  ],
  NOW,
);

test('a budget says what is left, what burnt it and what is not burnt by which clause, in 80 columns', () => {
  const text = showBudget({ name: 'Acme Ltd', ...budget });

  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  expect(text).toMatch(/^Left: +11 min 36 s left of 21 min 36 s$/m);
  expect(text).toMatch(/^Used up: +at 2026-11-24 12:11:36 UTC if it goes on$/m);
  expect(text).toMatch(/^- 10 min burnt: key-pending-deletion \(customer\)$/m);
  expect(text).toMatch(/^- 10 min excluded by clause "customer key"/m);
  expect(text).not.toMatch(/undefined|\[object/);
});

test('where nothing was agreed it is said', () => {
  const none = budgetOf('acme', { terms: { ...TERMS, exclude: [] }, isDefault: true }, [], NOW);

  const text = showBudget({ name: 'Acme Ltd', ...none });

  expect(text).toMatch(/the default, nothing was agreed/);
  expect(text).toMatch(/Nothing is excluded\..*No incident in this window\./s);
});

test('a service level that is missed says by how much', () => {
  const missed = budgetOf('acme', { terms: TERMS, isDefault: false }, [{ ...lost, stoppedAt: inMs(-3_600_000) }], NOW);

  expect(showBudget({ name: 'Acme Ltd', ...missed })).toMatch(/^Left: +missed by 38 min 24 s of 21 min 36 s$/m);
  expect(showServiceLevels({ serviceLevels: [missed], next: 'x' })).toMatch(/-38 min 24 s.*--after 'x'/s);
});

test('what was set is said, and of a dry run that it was not', () => {
  const level = { customerId: 'acme', ...TERMS, setBy: 'ada', setAt: NOW };

  expect(showSet(level, false)).toMatch(/^acme: 99\.95 % of 30 days\.\n {2}Not burnt by clause "customer key"/);
  expect(showSet(level, true)).toMatch(/would be promised\..*Nothing was touched/s);
  for (const term of ['within 15 minutes', 'gold', 'every 60 seconds']) expect(showSet(level, false)).toContain(term);
});

test('a list without anybody says how to begin', () => {
  expect(showServiceLevels({ serviceLevels: [] })).toMatch(/keywright sla set CUSTOMER/);
});

test.each([
  [0, '0 s'],
  [999, '1 s'],
  [90_000, '1 min 30 s'],
  [3_600_000, '1 h'],
  [-61_000, '-1 min 1 s'],
  [7 * 86_400_000 + 60_000, '7 d'],
])('%d ms are %s', (ms, text) => {
  expect(durationText(ms)).toBe(text);
});

test.each([
  ['90s', 90],
  ['15m', 900],
  ['2h', 7_200],
  ['1d', 86_400],
])('%s is %d seconds', (text, seconds) => {
  expect(secondsOf(text)).toBe(seconds);
});

test.each(['15', 'm', '1.5h', '-1m', ''])('"%s" is no duration', (text) => {
  expect(() => secondsOf(text)).toThrow(/number with its unit/);
});

test.each([
  [inMs(-600_000), 'notice kept: told '],
  [inMs(-60_000), 'notice breached: told '],
  [undefined, 'notice breached: not told, due by '],
])('an incident says whether they were told in time: %s', (toldAt, said) => {
  const interval = { ...lost, noticeDueAt: inMs(-300_000), ...(toldAt !== undefined && { toldAt }) };
  const shown = budgetOf('acme', { terms: TERMS, isDefault: false }, [interval], NOW);

  expect(showBudget({ ...shown, name: 'Acme' })).toContain(said);
});
