/** Each silence, alone, becomes one incident of our own that pages once; where all is well nothing is said. */
import { relayCanary } from '../../../../../events/relay-canary';
import { pageOwed } from '../../../../../shared/domain/availability/paging/page-oncall';
import { beat } from '../../../../../shared/domain/availability/self-watch/beat';
import { BEATING, type Beating, beatsOf } from '../../../../../shared/domain/availability/self-watch/heartbeat';
import { canaryReturned, watchOurselves } from '../../../../../shared/domain/availability/self-watch/watch-ourselves';
import { after, anArn, anIncident, aWatch, countedIds, NOW, silentLog } from '../../../../support/make';
import { memoryControlStore } from '../../../../support/memory-control-store';
import { memoryPager, memoryPaging } from '../../../../support/memory-pager';

const MINUTE_MS = 60_000;

function world() {
  const control = memoryControlStore();
  const pager = memoryPager();
  let now = NOW;
  const ports = { ...memoryPaging(pager), control, clock: { now: () => now }, ids: countedIds(), log: silentLog };
  const pass = (ms: number) => {
    now = after(ms, now);
  };
  let late = 0;
  return {
    control,
    pager,
    ports,
    pass,
    late: () => late,
    open: () => control.all('incident').filter(({ state }) => state === 'open'),
    /** So many minutes, in which all functions but the dead ones do their work. */
    async minutes(count: number, dead: readonly Beating[] = []) {
      for (let minute = 0; minute < count; minute += 1) {
        for (const name of BEATING) if (name !== 'relay-facts' && !dead.includes(name)) await beat(name, ports);
        late = await watchOurselves(ports);
        const canary = control.outbox.filter(({ detailType }) => detailType === relayCanary.detailType).at(-1);
        pass(2_000);
        if (!dead.includes('relay-facts')) await canaryReturned(relayCanary.read(canary?.detail), ports);
        if (!dead.includes('page-oncall')) await pageOwed(ports);
        pass(MINUTE_MS - 2_000);
      }
    },
  };
}

test('where everything works nothing is said, from the first run on', async () => {
  const it = world();

  await it.minutes(15);

  expect(it.control.all('incident')).toEqual([]);
  expect(it.late()).toBe(0);
});

test.each([
  ['probe-keys', 'probes-silent', beatsOf('probe-keys')],
  ['probe-keys', 'probes-silent', beatsOf('probe-keys', 2)],
  ['republish-facts', 'republish-silent', beatsOf('republish-facts')],
  ['relay-facts', 'relay-silent', beatsOf('relay-facts')],
  ['record-key-events', 'recording-silent', beatsOf('record-key-events')],
] as const)(
  'that %s is dead is paged within five minutes, once, and told to be over: %s, %p',
  async (name, trouble, dead) => {
    const it = world();
    await it.minutes(3);

    await it.minutes(4, dead);
    const evidence = expect.stringContaining(`nothing of ${dead.join(', ')} since`);
    expect(it.open()).toMatchObject([{ kind: 'operator', trouble, subject: name, evidence }]);
    await it.minutes(10, dead);
    await it.minutes(8);

    expect(it.control.all('incident')).toMatchObject([{ trouble, state: 'closed' }]);
    expect(it.pager.pages).toHaveLength(2);
  },
);

test('that a part of the probes stands still while the others beat is paged, and told to be over', async () => {
  const it = world();
  it.control.given('key-watch', aWatch({ dueAt: after(2 * MINUTE_MS) }));
  await it.minutes(7);
  expect(it.open()).toEqual([]);
  await it.minutes(2);
  expect(it.open()).toMatchObject([
    { trouble: 'probes-silent', subject: 'probe-keys', signalledAt: after(2 * MINUTE_MS) },
  ]);

  it.control.given('key-watch', aWatch({ dueAt: after(90 * MINUTE_MS) }));
  await it.minutes(8);

  expect(it.control.all('incident')).toMatchObject([{ trouble: 'probes-silent', state: 'closed' }]);
  expect(it.pager.pages).toHaveLength(2);
});

test('after everything was away nobody is called silent who runs again', async () => {
  const it = world();
  await it.minutes(2);
  it.pass(91 * 24 * 60 * MINUTE_MS);

  // Whoever watches may come first; its canary comes back.
  await watchOurselves(it.ports);
  const canary = it.control.outbox.filter(({ detailType }) => detailType === relayCanary.detailType).at(-1);
  await canaryReturned(relayCanary.read(canary?.detail), it.ports);
  await it.minutes(3);

  expect(it.control.all('incident')).toEqual([]);
});

test('a function whose last beat is dated ahead, and that is dead, is silent, too', async () => {
  const it = world();
  it.control.given('heartbeat', { name: 'probe-keys/0', lastAt: after(86_400_000), revision: 1 });

  await it.minutes(5, ['probe-keys/0']);

  expect(it.open()).toMatchObject([{ trouble: 'probes-silent' }]);
});

test('a warning that nobody is told of is a page that is late', async () => {
  const it = world();
  const warning = {
    warningId: 'w-1',
    kind: 'alias-moved',
    kmsKeyArn: anArn(),
    says: 'x',
    at: NOW,
    dueAt: NOW,
  } as const;
  it.control.given('early-warning', { ...warning, revision: 1 });
  await it.minutes(7, ['page-oncall']);
  expect(it.late()).toBe(1);
});

const fallsSilent = (it: ReturnType<typeof world>, at: number, minute: number) => {
  const forwarder = { accountId: `${444400000000 + at}`, customerId: `c-${at}`, beats: true, revision: 1 };
  it.control.given('forwarder', { ...forwarder, lastAt: NOW, dueAt: after(minute * MINUTE_MS) });
};
const comeAgain = (it: ReturnType<typeof world>) => {
  for (const { dueAt: _due, ...row } of it.control.all('forwarder'))
    it.control.given('forwarder', { ...row, dueAt: after(600 * MINUTE_MS) });
};
const subjects = (it: ReturnType<typeof world>) =>
  it.open().flatMap((one) => (one.kind === 'operator' ? [one.subject] : []));

test('a few accounts of customers that fall silent are told one by one', async () => {
  const it = world();
  for (let at = 0; at < 3; at += 1) fallsSilent(it, at, 1);
  await it.minutes(3);
  expect(subjects(it)).toHaveLength(3);
});

test('hundreds of accounts that fall silent at once are one page, with those that come later, and one once all are back', async () => {
  const it = world();
  for (let at = 0; at < 300; at += 1) fallsSilent(it, at, 1 + (at % 5));
  await it.minutes(12);
  expect(subjects(it)).toEqual(['several accounts of customers']);
  expect(it.pager.pages).toHaveLength(1);
  expect(it.pager.pages[0]?.body).toMatch(/60 accounts are silent, so look at our own bus/);

  comeAgain(it);
  await it.minutes(8);
  expect(it.open()).toEqual([]);
  expect(it.pager.pages).toHaveLength(2);
});

test('an account that was told apart before stays apart, and is not told to be over with the others', async () => {
  const it = world();
  fallsSilent(it, 0, 1);
  await it.minutes(3);
  for (let at = 1; at < 9; at += 1) fallsSilent(it, at, 4);
  await it.minutes(10);
  expect(subjects(it).sort()).toEqual(['account 444400000000 of customer c-0', 'several accounts of customers']);
  expect(it.pager.pages.map(({ about }) => about)).toEqual(['opened', 'opened']);
});

test('a function that never ran since the product was deployed is silent, too', async () => {
  const it = world();

  await it.minutes(5, beatsOf('probe-keys'));

  expect(it.open()).toMatchObject([{ trouble: 'probes-silent' }]);
});

test('while pages are not sent they are counted for the alarm that takes another way, and told once they are', async () => {
  const it = world();
  const { pagedAt: _, ...owed } = anIncident({ detectedAt: NOW, dueAt: NOW, customerToldAt: NOW, revision: 1 });
  it.control.given('incident', owed);

  await it.minutes(7, ['page-oncall']);
  expect(it.late()).toBe(1);
  expect(it.open().flatMap((one) => (one.kind === 'operator' ? [one.trouble] : []))).toEqual(['pages-silent']);
  await it.minutes(8);

  expect(it.late()).toBe(0);
  expect(it.pager.pages.map(({ subject }) => subject).sort()).toEqual([
    expect.stringContaining('Acme'),
    expect.stringMatching(/^Over: Pages are sent again/),
    expect.stringMatching(/^Pages that are owed are not sent/),
  ]);
});

test('a canary that comes back by the slow way does not prove the fast one', async () => {
  const it = world();
  await it.minutes(1);
  const before = it.control.all('heartbeat').find(({ name }) => name === 'relay-facts');
  it.pass(MINUTE_MS);

  await canaryReturned({ at: after(10_000, before?.lastAt) }, it.ports);

  expect(it.control.all('heartbeat').find(({ name }) => name === 'relay-facts')).toEqual(before);
});

test('that keys are compared no more is told once three runs were lost, as a warning, once', async () => {
  const it = world();
  await it.minutes(1);

  await it.minutes(178, ['reconcile-keys']);
  expect(it.open()).toEqual([]);
  await it.minutes(3, ['reconcile-keys']);

  expect(it.open()).toMatchObject([{ trouble: 'reconciliation-silent', subject: 'reconcile-keys' }]);
  await it.minutes(10, ['reconcile-keys']);
  expect(it.pager.pages).toMatchObject([{ severity: 'warning', about: 'opened' }]);
});

test('probes that fail in each run are told after ten minutes', async () => {
  const it = world();
  for (let minute = 0; minute < 12; minute += 1) {
    await beat('probe-keys/3', it.ports, true);
    await it.minutes(1, ['probe-keys/3']);
  }

  expect(it.open()).toMatchObject([{ trouble: 'probes-failing' }]);
});

test('a customer’s account that sent heartbeats and is silent is told, with its customer, and never as their act', async () => {
  const it = world();
  const row = { accountId: '444455556666', customerId: 'globex', lastAt: NOW, beats: true, revision: 1 };
  it.control.given('forwarder', { ...row, dueAt: after(15 * MINUTE_MS) });
  it.control.given('forwarder', { ...row, accountId: '777788889999', beats: false });

  await it.minutes(15);
  expect(it.open()).toEqual([]);
  await it.minutes(2);

  expect(it.open()).toMatchObject([
    { trouble: 'forwarder-silent', subject: 'account 444455556666 of customer globex', keyCount: 0 },
  ]);
  expect(it.open()[0]).not.toHaveProperty('customerId');
});

test('what one finder cannot read keeps the others from nothing, and nothing of it is over', async () => {
  const it = world();
  await it.minutes(1);
  const due: typeof it.control.due = (entityType, ...rest) =>
    entityType === 'forwarder' ? Promise.reject(new Error('throttled')) : it.control.due(entityType, ...rest);
  for (let minute = 0; minute < 10; minute += 2) {
    it.pass(2 * MINUTE_MS);
    await expect(watchOurselves({ ...it.ports, control: { ...it.control, due } })).rejects.toThrow('throttled');
  }

  expect(it.open().length).toBeGreaterThan(3);
});
