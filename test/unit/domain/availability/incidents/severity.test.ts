import type {
  BudgetAhead,
  LossOutlook,
  Stopping,
} from '../../../../../shared/domain/availability/incidents/loss-outlook';
import { severityOf, weightOf } from '../../../../../shared/domain/availability/incidents/severity';
import { SEVERITY_RULES } from '../../../../../shared/domain/availability/incidents/severity-rules';
import { owedPage } from '../../../../../shared/domain/availability/paging/owed-page';
import { pageOf } from '../../../../../shared/domain/availability/paging/page-text';
import { anIncident, after as inMs, NOW, READER } from '../../../../support/make';

const HOUR_MS = 3_600_000;

const facing = (fields: Partial<Stopping> = {}): Stopping => ({
  stops: 'known',
  stopsAt: inMs(300_000),
  dataStores: 3,
  customerFacing: 2,
  ...fields,
});
const unseen = (fields: Partial<Stopping> = {}) => facing({ customerFacing: 0, ...fields });
const aBudget = (fields: Partial<BudgetAhead> = {}): BudgetAhead => ({
  customerId: 'acme',
  targetPercent: 99.95,
  window: { days: 30 },
  isDefault: false,
  leftMs: 1_260_000,
  usedUpAt: inMs(1_560_000),
  ...fields,
});
const large = { leftMs: 100 * HOUR_MS, usedUpAt: inMs(100 * HOUR_MS) };
const { usedUpAt: _burnt, ...notBurnt } = aBudget({ clause: 'customer-key' });

const incident = (outlook: Partial<LossOutlook>, fields = {}) =>
  anIncident({ outlook: { lostAt: NOW, stopping: [], ...outlook }, ...fields });

test.each<[string, Partial<LossOutlook>, object, string]>([
  ['customers miss it in five minutes, ours', { stopping: [facing()], budget: aBudget() }, {}, 'critical'],
  ['customers miss it, under a clause', { stopping: [facing()], budget: notBurnt }, {}, 'critical'],
  ['customers miss it, much budget left', { stopping: [facing()], budget: aBudget(large) }, {}, 'critical'],
  [
    'customers miss it in two hours: RDS',
    { stopping: [facing({ stopsAt: inMs(2 * HOUR_MS) })], budget: notBurnt },
    {},
    'critical',
  ],
  [
    'customers miss it at a time that nobody publishes',
    { stopping: [facing({ stops: 'unpublished', stopsAt: undefined } as never)], budget: notBurnt },
    {},
    'critical',
  ],
  ['nobody sees it, and the budget is used up soon', { stopping: [unseen()], budget: aBudget() }, {}, 'critical'],
  ['nobody sees it, and there is much budget', { stopping: [unseen()], budget: aBudget(large) }, {}, 'warning'],
  ['nobody sees it, under a clause', { stopping: [unseen()], budget: notBurnt }, {}, 'warning'],
  [
    'it stops when it is attached again, and counts',
    { stopping: [facing({ stops: 'next-use', stopsAt: undefined } as never)], budget: aBudget(large) },
    {},
    'warning',
  ],
  [
    'it stops when it is attached again, under a clause',
    { stopping: [facing({ stops: 'next-use', stopsAt: undefined } as never)], budget: notBurnt },
    {},
    'info',
  ],
  [
    'the same, and the key is to be deleted',
    { stopping: [facing({ stops: 'next-use', stopsAt: undefined } as never)], budget: notBurnt },
    { recoverableUntil: inMs(24 * HOUR_MS) },
    'warning',
  ],
  ['the policy lost something, and the key serves', { budget: aBudget() }, { lost: [] }, 'warning'],
  ['a policy of our own refuses us', { budget: aBudget() }, { cause: 'own-permissions' }, 'warning'],
])('%s: %s', (_, outlook, fields, severity) => {
  expect(severityOf(incident(outlook, fields))).toBe(severity);
});

test('an incident of an older build weighs as it did', () => {
  expect(severityOf(anIncident())).toBe('critical');
});

test('every rule but the last decides something that those after it would decide otherwise', () => {
  const because = SEVERITY_RULES.map((rule) => rule.because);

  expect(new Set(because).size).toBe(because.length);
  expect(SEVERITY_RULES.at(-1)?.severity).toBe('info');
});

test('what is only recorded pages nobody; what weighs more later does', () => {
  const recorded = {
    stopping: [facing({ stops: 'next-use', stopsAt: undefined } as never)],
    budget: notBurnt,
  } as const;
  const { pagedAt: _never, ...open } = incident(recorded);

  expect(owedPage(open)).toBeUndefined();
  expect(owedPage({ ...open, outlook: { lostAt: NOW, stopping: [facing()], budget: notBurnt } })).toBe('opened');
});

test('the page says when how many data stores stop, the contract, what is left, and whose time it is', () => {
  const { body } = pageOf(incident({ stopping: [facing()], budget: notBurnt }), 'opened', READER);

  expect(body).toMatch(/^Severity: {3}critical: customers miss what stops$/m);
  expect(body).toMatch(
    /^Stops: +reads and writes of 3 data stores \(2 customer-facing\) fail from 2026-11-24 12:05:00 UTC$/m,
  );
  expect(body).toMatch(/^Contract: +acme: 99\.95 % of 30 days, 21 min of budget left$/m);
  expect(body).toMatch(/^Whose time: the customer’s own under clause "customer key": not burnt$/m);
});

test('time that is burnt says so, and when the budget is used up', () => {
  const { body } = pageOf(incident({ stopping: [unseen()], budget: aBudget() }), 'opened', READER);

  expect(body).toMatch(/^Contract: .*used up at 2026-11-24 12:26:00 UTC$/m);
  expect(body).toMatch(/^Whose time: burnt: no clause excludes it$/m);
  expect(weightOf(incident({ stopping: [unseen()], budget: aBudget() })).because).toMatch(/used up within four hours/);
});
