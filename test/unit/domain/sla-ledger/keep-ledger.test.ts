import type { KeyIncident } from '../../../../shared/domain/availability/incidents/incident';
import { NEVER } from '../../../../shared/domain/instants';
import type { ControlStore } from '../../../../shared/domain/ports';
import { budgetOf } from '../../../../shared/domain/service-levels/budget';
import { effectiveLevel } from '../../../../shared/domain/service-levels/service-level';
import { keepDueLedgers, keepLedger } from '../../../../shared/domain/sla-ledger/keep-ledger';
import {
  aCustomer,
  aDataStore,
  anArn,
  anIncident,
  countedIds,
  after as inMs,
  NOW,
  ofKeys,
  silentLog,
} from '../../../support/make';
import { memoryControlStore } from '../../../support/memory-control-store';
import { testClock } from '../../../support/rotation-world';

const MINUTE_MS = 60_000;
const ID = 'incident-1';
const opened = { incidentId: ID, fact: 'incident-opened.v1', factId: 'fact-1' };
const paged = { incidentId: ID, fact: 'oncall-paged.v1', factId: 'fact-2' };
const closed = { incidentId: ID, fact: 'incident-closed.v1', factId: 'fact-3' };

const OUTLOOK = {
  lostAt: NOW,
  stopping: [{ stops: 'known', stopsAt: NOW, dataStores: 1, customerFacing: 1 }],
} as const;

function world(fields: Partial<KeyIncident> = {}) {
  const control = memoryControlStore();
  control.given('customer', aCustomer());
  control.given('data-store', aDataStore(), aDataStore({ dataStoreId: 'db', kind: 'rds' }));
  const chosen = { customerId: 'acme', windowSeconds: 300, onLoss: 'keep' } as const;
  control.given('customer-window', { ...chosen, setBy: 'ada', setAt: NOW, revision: 1 });
  const { pagedAt: _later, ...open } = anIncident({ outlook: OUTLOOK, revision: 1, ...fields });
  control.given('incident', open);
  const clock = testClock();
  const ports = { control: control as ControlStore, clock, ids: countedIds(), log: silentLog };
  const change = (more: Partial<KeyIncident>) => {
    const [before] = ofKeys(control.all('incident'));
    if (before) control.given('incident', { ...before, ...more });
  };
  const tell = (toldAt: string, customerId = 'acme') => {
    const what = { incidentId: ID, kmsKeyArn: anArn(), about: 'opened', state: 'sent', attempts: 0 } as const;
    const stores = { dataStores: [], dataStoreCount: 1, createdAt: NOW };
    control.given('customer-notice', { ...what, ...stores, customerId, toldAt, revision: 1 });
  };
  return { control, clock, ports, change, tell, interval: () => control.all('sla-interval')[0] };
}

const recorded = ({ control }: ReturnType<typeof world>) =>
  control.outbox.filter(({ detailType }) => detailType === 'sla-interval-recorded.v1').map(({ detail }) => detail);

test('an interval says when what was lost, whose act it is, when what stops, and which facts it rests on', async () => {
  const it = world();

  await keepLedger(opened, it.ports);

  expect(it.interval()).toMatchObject({
    incidentId: ID,
    customerId: 'acme',
    cause: 'key-disabled',
    party: 'customer',
    lostAt: NOW,
    detectedAt: inMs(2_000),
    stoppedAt: inMs(5 * MINUTE_MS),
    dataStoreCount: 2,
    dataStores: [
      { dataStoreId: 'db', kind: 'rds', stopsAt: inMs(120 * MINUTE_MS) },
      { dataStoreId: 'documents', kind: 'application', stopsAt: inMs(5 * MINUTE_MS) },
    ],
    restsOn: [{ fact: 'incident-opened.v1', factId: 'fact-1' }],
  });
  expect(recorded(it)).toMatchObject([{ incidentId: ID, customerId: 'acme', recording: 1 }]);
});

test('it follows its incident: paged, told, restored and over, each told into the customer’s stream', async () => {
  const it = world();
  await keepLedger(opened, it.ports);
  it.change({ pagedAt: inMs(4_000) });
  it.tell(inMs(5_000));
  await keepLedger(paged, it.ports);
  const end = inMs(20 * MINUTE_MS);
  it.change({ state: 'closed', recoveredAt: end });
  await keepLedger(closed, it.ports);

  expect(it.interval()).toMatchObject({
    pagedAt: inMs(4_000),
    toldAt: inMs(5_000),
    restoredAt: end,
    servingAt: end,
    restsOn: [{ factId: 'fact-1' }, { factId: 'fact-2' }, { factId: 'fact-3' }],
  });
  expect(recorded(it).map(({ recording }) => recording)).toEqual([1, 2, 3]);
  const budget = budgetOf('acme', effectiveLevel(undefined), it.control.all('sla-interval'), inMs(60 * MINUTE_MS));
  expect(budget.burntMs).toBe(15 * MINUTE_MS);
});

test('of a key that several share each is told by their own notice, whenever the last of them was', async () => {
  const it = world();
  it.control.given('data-store', aDataStore({ customerId: 'globex' }));
  it.tell(inMs(5_000));
  it.change({ customerToldAt: inMs(86_400_000) });

  await keepLedger(opened, it.ports);

  expect(it.control.all('sla-interval').map(({ customerId, toldAt }) => [customerId, toldAt])).toEqual([
    ['acme', inMs(5_000)],
    ['globex', undefined],
  ]);
});

test('a fact that comes again changes nothing, in whatever order', async () => {
  const it = world();
  await keepLedger(opened, it.ports);
  it.change({ state: 'closed', recoveredAt: inMs(20 * MINUTE_MS) });
  await keepLedger(closed, it.ports);
  const before = [it.interval(), recorded(it).length];

  for (const told of [opened, closed, opened]) await keepLedger(told, it.ports);

  expect([it.interval(), recorded(it).length]).toEqual(before);
});

test('a key that was back before anything stopped has an interval in which nothing is burnt', async () => {
  const it = world();
  it.change({ state: 'closed', recoveredAt: inMs(MINUTE_MS) });

  await keepLedger(opened, it.ports);

  expect(it.interval()).toMatchObject({ servingAt: inMs(MINUTE_MS) });
  expect(it.interval()).not.toHaveProperty('stoppedAt');
});

test('the clause that excludes the time stands on the interval, and stays once it is over', async () => {
  const it = world();
  const level = (exclude: readonly 'customer-key'[]) =>
    it.control.given('service-level', {
      customerId: 'acme',
      targetPercent: 99.9,
      window: { days: 30 },
      exclude,
      setBy: 'ada',
      setAt: NOW,
      dueAt: NEVER,
      revision: 1,
    });
  await keepLedger(opened, it.ports);
  expect(it.interval()).not.toHaveProperty('clause');

  level(['customer-key']);
  await keepLedger(paged, it.ports);
  expect(it.interval()).toMatchObject({ clause: 'customer-key' });

  it.change({ state: 'closed', recoveredAt: inMs(20 * MINUTE_MS) });
  await keepLedger(closed, it.ports);
  level([]);
  await keepLedger({ ...paged, factId: 'fact-4' }, it.ports);
  expect(it.interval()).toMatchObject({ clause: 'customer-key' });
});

test('where another hand took the key meanwhile one time ends where the other begins', async () => {
  const it = world();
  const at = inMs(10 * MINUTE_MS);
  await keepLedger(opened, it.ports);
  it.change({ state: 'closed', followedBy: 'incident-2' });
  const second = anIncident({
    incidentId: 'incident-2',
    party: 'provider',
    follows: ID,
    outlook: OUTLOOK,
    revision: 1,
  });
  it.control.given('incident', { ...second, signalledAt: at, detectedAt: at });

  await keepLedger(closed, it.ports);
  await keepLedger({ ...opened, incidentId: 'incident-2', factId: 'fact-4' }, it.ports);

  expect(it.control.all('sla-interval')).toMatchObject([
    { incidentId: ID, stoppedAt: inMs(5 * MINUTE_MS), servingAt: at },
    { incidentId: 'incident-2', party: 'provider', stoppedAt: at },
  ]);
});

test('a key that still serves takes nobody’s time', async () => {
  const it = world({ outlook: { lostAt: NOW, stopping: [] }, cause: 'own-permissions', party: 'provider' });

  await keepLedger(opened, it.ports);

  expect(it.interval()).toBeDefined();
  expect(it.interval()).not.toHaveProperty('stoppedAt');
});

test('of those who share a key each is told only of themselves', async () => {
  const it = world();
  it.control.given('data-store', aDataStore({ customerId: 'globex', dataStoreId: 'secret-of-globex' }));

  await keepLedger(opened, it.ports);

  const [acme, globex] = it.control.all('sla-interval');
  expect(JSON.stringify(acme)).not.toContain('globex');
  expect(JSON.stringify(globex)).not.toContain('acme');
  expect(recorded(it).map(({ customerId }) => customerId)).toEqual(['acme', 'globex']);
  for (const detail of recorded(it)) expect(JSON.stringify(detail)).not.toMatch(/acme.*globex|globex.*acme/);
});

/** A key that so many customers share, some with names that sort apart from what follows them. */
function shared(customers: number) {
  const it = world();
  for (let at = 0; at < customers; at += 1) {
    const customerId = at % 2 === 0 ? `c${at}` : `c${at - 1}-${at}`;
    for (const dataStoreId of ['a', 'b']) it.control.given('data-store', aDataStore({ customerId, dataStoreId }));
  }
  return it;
}

test('a key that hundreds share is worked in changes that a transaction holds, each customer once', async () => {
  const it = shared(300);
  const sizes: number[] = [];
  const commit: ControlStore['commit'] = (change) => {
    sizes.push(change.writes.length + change.facts.length);
    return it.control.commit(change);
  };

  await keepLedger(opened, { ...it.ports, control: { ...it.control, commit } });

  expect(it.control.all('sla-interval')).toHaveLength(301);
  expect(recorded(it)).toHaveLength(301);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(90);
});

test.each([1, 2, 3, 5])(
  'what dies in commit %d goes on when it is due, and everybody’s interval is written once',
  async (dies) => {
    const it = shared(200);
    let commits = 0;
    const commit: ControlStore['commit'] = async (change) => {
      commits += 1;
      if (commits === dies) throw new Error('died');
      await it.control.commit(change);
      if (commits === dies + 1) throw new Error('died after its commit');
    };
    await keepLedger(opened, { ...it.ports, control: { ...it.control, commit } }).catch(() => undefined);
    await keepLedger(opened, { ...it.ports, control: { ...it.control, commit } }).catch(() => undefined);

    it.clock.advance(MINUTE_MS);
    await keepDueLedgers(it.ports);

    expect(it.control.all('sla-interval')).toHaveLength(201);
    expect(recorded(it)).toHaveLength(201);
  },
);

test('a customer whose data stores moved to another key meanwhile is told when it is over, as everybody is', async () => {
  const it = shared(60);
  await keepLedger(opened, it.ports);
  for (const store of it.control.all('data-store'))
    it.control.given('data-store', { ...store, kmsKeyArn: anArn('new') });
  const end = inMs(20 * MINUTE_MS);
  it.change({ state: 'closed', recoveredAt: end });

  await keepLedger(closed, it.ports);

  const intervals = it.control.all('sla-interval');
  expect(intervals).toHaveLength(61);
  expect(intervals.filter(({ servingAt, dataStoreCount }) => servingAt === end && dataStoreCount === 2)).toHaveLength(
    61,
  );
  expect(await it.control.due('ledger-round', NEVER, 10)).toEqual([]);
});

test('what no fact tells of is found while the incident is open, and nothing is due once it is over', async () => {
  const it = world();
  await keepLedger(opened, it.ports);
  it.change({ party: 'provider' });
  it.tell(inMs(6_000));

  await keepDueLedgers(it.ports);
  expect(it.interval()).toMatchObject({ party: 'customer' });
  it.clock.advance(5 * MINUTE_MS);
  await keepDueLedgers(it.ports);
  expect(it.interval()).toMatchObject({ party: 'provider', toldAt: inMs(6_000) });
  it.clock.advance(5 * MINUTE_MS);
  await keepDueLedgers(it.ports);
  expect(recorded(it)).toHaveLength(2);

  it.change({ state: 'closed', recoveredAt: inMs(20 * MINUTE_MS) });
  await keepLedger(closed, it.ports);
  expect(await it.control.due('ledger-round', NEVER, 10)).toEqual([]);
});

test('a fact about an incident that is none leaves nothing behind that is due', async () => {
  const it = world();

  await keepLedger({ ...opened, incidentId: 'nobody' }, it.ports);

  expect(it.control.all('sla-interval')).toEqual([]);
  expect(await it.control.due('ledger-round', NEVER, 10)).toEqual([]);
});

describe('the duty to tell the customer', () => {
  const agreed = (noticeMinutes: number) =>
    ({ targetPercent: 99.9, window: { days: 30 }, exclude: [], noticeMinutes, customerId: 'acme' }) as const;
  const set = { setBy: 'ada', setAt: NOW, dueAt: NEVER, revision: 1 } as const;
  const noticeOf = (it: ReturnType<typeof world>, now: string) => {
    const intervals = it.control.all('sla-interval');
    return budgetOf('acme', { terms: agreed(15), isDefault: false }, intervals, now).incidents[0]?.notice;
  };

  test.each<[string, number | undefined, number, string]>([
    ['told within it', 10, 60, 'kept'],
    ['told after it', 16, 60, 'breached'],
    ['not told while there is time', undefined, 14, 'ahead'],
    ['not told when the time is over', undefined, 16, 'breached'],
  ])('%s: after %p minutes, seen after %p', async (_, toldAfter, seenAfter, duty) => {
    const it = world({ signalledAt: NOW, detectedAt: NOW });
    it.control.given('service-level', { ...agreed(15), ...set });
    if (toldAfter !== undefined) it.tell(inMs(toldAfter * MINUTE_MS));

    await keepLedger(opened, it.ports);

    expect(it.interval()).toMatchObject({ noticeDueAt: inMs(15 * MINUTE_MS) });
    expect(noticeOf(it, inMs(seenAfter * MINUTE_MS))).toBe(duty);
    expect(recorded(it).at(-1)).toMatchObject({ noticeDueAt: inMs(15 * MINUTE_MS) });
  });

  test('what was over before anybody had to tell is no breach, and keeps the duty that it had', async () => {
    const it = world({ signalledAt: NOW, detectedAt: NOW });
    it.control.given('service-level', { ...agreed(15), ...set });
    await keepLedger(opened, it.ports);
    it.change({ state: 'closed', recoveredAt: inMs(5 * MINUTE_MS) });
    await keepLedger(closed, it.ports);
    it.control.given('service-level', { ...agreed(1), ...set });
    await keepLedger({ ...closed, factId: 'fact-4' }, it.ports);

    expect(it.interval()).toMatchObject({ noticeDueAt: inMs(15 * MINUTE_MS) });
    expect(noticeOf(it, inMs(60 * MINUTE_MS))).toBe('spared');
  });

  test('where nothing is agreed there is none', async () => {
    const it = world();

    await keepLedger(opened, it.ports);

    expect(it.interval()).not.toHaveProperty('noticeDueAt');
    expect(noticeOf(it, inMs(60 * MINUTE_MS))).toBeUndefined();
  });
});
