/** Several channels: who is paged by which, what happens where one fails, and what each of them knows in the end. */
import type { KeyIncident } from '../../../../../shared/domain/availability/incidents/incident';
import type { Channel } from '../../../../../shared/domain/availability/paging/channel';
import { dueWhileOwed } from '../../../../../shared/domain/availability/paging/owed-page';
import { pageIncident, pageKeyChange, pageOwed } from '../../../../../shared/domain/availability/paging/page-oncall';
import { aChannel, after, anArn, anIncident, aWatch, countedIds, NOW, silentLog } from '../../../../support/make';
import { memoryControlStore } from '../../../../support/memory-control-store';
import { memoryPager, memoryPaging, ONCALL_TOPIC } from '../../../../support/memory-pager';

const MINUTE_MS = 60_000;

function world(channels: readonly Channel[], fields: Partial<KeyIncident> = {}) {
  const control = memoryControlStore();
  const { pagedAt: _not, ...incident } = anIncident({ dueAt: NOW, ...fields });
  control.given('incident', { ...incident, ...('pagedAt' in fields && { pagedAt: fields.pagedAt }) } as KeyIncident);
  if (channels.length > 0) control.given('page-channels', { owner: 'oncall', channels, revision: 1 });
  const pager = memoryPager();
  let now = NOW;
  const ports = { ...memoryPaging(pager), control, clock: { now: () => now }, ids: countedIds(), log: silentLog };
  return {
    control,
    pager,
    ports,
    sent: () => pager.pages.map(({ target, about }) => `${target} ${about}`).sort(),
    page: () => pageIncident('incident-1', ports),
    async pass(minutes: number) {
      for (let minute = 0; minute < minutes; minute += 1) {
        now = after(MINUTE_MS, now);
        await pageOwed(ports);
      }
    },
    change(change: Partial<KeyIncident>) {
      const [row] = control.all('incident');
      control.given('incident', dueWhileOwed({ ...(row as KeyIncident), ...change }, now));
    },
    incident: () => control.all('incident')[0],
    failing: () => control.all('page-channels')[0]?.failing,
  };
}

test('every first channel is paged once, and the others stay silent', async () => {
  const { sent, page, pass } = world([
    aChannel('one'),
    aChannel('two'),
    aChannel('spare', { role: 'fallback' }),
    aChannel('boss', { role: 'escalation', afterMinutes: 60 }),
  ]);

  for (let delivery = 0; delivery < 3; delivery += 1) await page();
  await pass(50);

  expect(sent()).toEqual(['one opened', 'two opened']);
});

test('where a first channel fails the fallbacks are tried at once in their order, until one takes it', async () => {
  const { sent, page, pager, failing, incident } = world([
    aChannel('one'),
    aChannel('first spare', { role: 'fallback' }),
    aChannel('second spare', { role: 'fallback' }),
    aChannel('third spare', { role: 'fallback' }),
  ]);
  pager.breakDown('one', 'first spare');

  await page();

  expect(sent()).toEqual(['second spare opened']);
  expect(incident()).toMatchObject({ pagedAt: NOW });
  expect(failing()).toEqual({
    one: { since: NOW, reason: 'The topic did not answer.' },
    'first spare': { since: NOW, reason: 'The topic did not answer.' },
  });
});

test('that a channel fails is noted whatever its name is', async () => {
  const it = world([aChannel('constructor'), aChannel('two')]);
  it.pager.breakDown('constructor');
  await it.page();
  expect(it.failing()).toEqual({ constructor: { since: NOW, reason: 'The topic did not answer.' } });

  it.pager.breakDown();
  await it.pass(1);
  expect(it.failing()).toBeUndefined();
});

test.each([
  ['its page was claimed', { dueAt: after(60 * MINUTE_MS) }, { claimedUntil: after(60 * MINUTE_MS) }],
  ['its row was put off', { dueAt: after(60 * MINUTE_MS) }, {}],
])(
  'where a clock ran an hour ahead when %s, it is paged all the same, as soon as anything asks',
  async (_, put, claim) => {
    const it = world([], put);
    it.control.given('page-delivery', { incidentId: 'incident-1', channels: {}, ...claim, revision: 1 });

    await it.page();

    expect(it.sent()).toEqual([`${ONCALL_TOPIC} opened`]);
  },
);

test('what somebody is sending is left to them', async () => {
  const it = world([], { dueAt: after(45_000) });
  it.control.given('page-delivery', {
    incidentId: 'incident-1',
    channels: {},
    claimedUntil: after(45_000),
    dueAt: after(45_000),
    revision: 1,
  });

  await it.page();

  expect(it.sent()).toEqual([]);
});

test('the topic of the stack is the last resort, and no index is asked', async () => {
  const { sent, ports, pager, control } = world([aChannel('one'), aChannel('spare', { role: 'fallback' })]);
  pager.breakDown('one', 'spare');
  const away = () => {
    throw new Error('the index is away');
  };

  await pageIncident('incident-1', {
    ...ports,
    control: { ...control, due: away, page: away, ofCustomer: away, ofKmsKey: away },
  });

  expect(sent()).toEqual([`${ONCALL_TOPIC} opened`]);
});

test('a channel that failed is tried every minute while the incident is open, is noted once it takes it, and nobody else is sent it twice', async () => {
  const { sent, page, pass, pager, failing } = world([aChannel('one'), aChannel('two')]);
  pager.breakDown('one');
  await page();
  await pass(60);
  expect(sent()).toEqual([`${ONCALL_TOPIC} opened`, 'two opened']);
  expect(failing()).toMatchObject({ one: { since: NOW } });

  pager.breakDown();
  await pass(2);

  expect(sent()).toEqual([`${ONCALL_TOPIC} opened`, 'one opened', 'two opened']);
  expect(failing()).toBeUndefined();
});

test('a page that no channel takes is owed until one does, whichever that is', async () => {
  const { sent, page, pass, pager, incident } = world([aChannel('one')]);
  pager.breakDown('one', ONCALL_TOPIC);
  await expect(page()).rejects.toMatchObject({
    code: 'page.not-sent',
    details: { channels: ['one', ONCALL_TOPIC].map((name) => (name === ONCALL_TOPIC ? 'default' : name)) },
  });
  await pass(30);
  expect(incident()).not.toHaveProperty('pagedAt');

  pager.breakDown(ONCALL_TOPIC);
  await pass(2);

  expect(sent()).toEqual(['one opened']);
  expect(incident()).toHaveProperty('pagedAt');
});

test.each([
  ['takes no warnings', { severities: ['critical'] }],
  ['is not for this hour', { hours: { days: ['tue'], from: '13:30', to: '14:00' }, timeZone: 'Europe/Berlin' }],
] as const)('a channel that %s is left out, and somebody is paged all the same', async (_title, fields) => {
  // It is Tuesday, 12:00 UTC, and 13:00 in Berlin.
  const { sent, page } = world([aChannel('one', fields as Partial<Channel>)], { cause: 'own-permissions' });

  await page();

  expect(sent()).toEqual([`${ONCALL_TOPIC} opened`]);
});

test('a channel whose hours begin while the incident is open is paged then', async () => {
  const hours = { days: ['tue'], from: '13:30', to: '14:00' } as const;
  const { sent, page, pass } = world([aChannel('one', { hours, timeZone: 'Europe/Berlin' })]);
  await page();

  await pass(46);

  expect(sent()).toEqual([`${ONCALL_TOPIC} opened`, 'one opened']);
});

const BOSS = [
  aChannel('one'),
  aChannel('boss', { role: 'escalation' }),
  aChannel('director', { role: 'escalation', afterMinutes: 30 }),
];

test('a critical incident that nobody acknowledges is escalated step by step, each once', async () => {
  const { sent, page, pass } = world(BOSS);
  await page();
  await pass(14);
  expect(sent()).toEqual(['one opened']);

  await pass(2);
  expect(sent()).toEqual(['boss opened', 'one opened']);
  await pass(60);

  expect(sent()).toEqual(['boss opened', 'director opened', 'one opened']);
});

test.each([
  ['is acknowledged', { acknowledged: { by: 'ada', at: NOW, note: 'on it' } }],
  ['is a warning', { cause: 'own-permissions' }],
  ['is over', { state: 'closed', recoveredAt: NOW }],
] as const)('an incident that %s is not escalated', async (_title, change) => {
  const { sent, page, pass, change: changed } = world(BOSS);
  await page();
  changed(change as Partial<KeyIncident>);

  await pass(60);

  expect(sent().filter((page) => /boss|director/.test(page))).toEqual([]);
});

test('who took the opening is told that it is over, once, and nobody else', async () => {
  const { sent, page, pass, pager, change } = world([
    aChannel('one'),
    aChannel('two'),
    aChannel('boss', { role: 'escalation' }),
  ]);
  pager.breakDown('two');
  await page();
  change({ state: 'closed', recoveredAt: NOW });
  await page();
  await pass(5);

  expect(sent()).toEqual([`${ONCALL_TOPIC} closed`, `${ONCALL_TOPIC} opened`, 'one closed', 'one opened']);
});

test('a channel that fails when the incident is over is told later, and the others once', async () => {
  const { sent, page, pass, pager, change, control } = world([aChannel('one'), aChannel('two')]);
  await page();
  pager.breakDown('two');
  change({ state: 'closed', recoveredAt: NOW });
  await page();
  await pass(20);
  pager.breakDown();
  await pass(3);

  expect(sent()).toEqual(['one closed', 'one opened', 'two closed', 'two opened']);
  expect(await control.due('page-delivery', '9999', 10)).toEqual([]);
});

test('a channel that never takes it is given up a day after the end', async () => {
  const { page, pass, pager, change, control } = world([aChannel('one'), aChannel('two')]);
  await page();
  pager.breakDown('two');
  change({ state: 'closed', recoveredAt: NOW });
  await pass(25 * 60);

  expect(await control.due('page-delivery', '9999', 10)).toEqual([]);
});

test('channels that update in place are told who has it and what changed, the others are not', async () => {
  const { sent, page, pass, change } = world([
    aChannel('one'),
    aChannel('chat', { kind: 'slack' }),
    aChannel('mail', { kind: 'sns' }),
  ]);
  await page();
  change({ cause: 'key-pending-deletion' });
  await page();
  change({ acknowledged: { by: 'ada', at: NOW, note: 'on it' } });
  await page();
  await pass(40);

  expect(sent()).toEqual(['chat opened', 'mail opened', 'one acknowledged', 'one opened', 'one updated']);
});

test('that somebody has it in hand is told once, whatever changes after it, and a key that is back only just is no change', async () => {
  const { sent, page, pass, change } = world([aChannel('one')]);
  await page();
  change({ acknowledged: { by: 'ada', at: NOW, note: 'on it' } });
  await page();
  change({ cause: 'key-pending-deletion' });
  await page();
  change({ state: 'recovering', recoveredAt: NOW, returns: 1 });
  await page();
  await pass(40);

  expect(sent()).toEqual(['one acknowledged', 'one opened', 'one updated']);
});

test('a channel that is late with the opening of an incident that somebody has in hand is told so after it', async () => {
  const { pager, page, pass, change } = world([aChannel('one'), aChannel('two')]);
  pager.breakDown('two');
  await page();
  change({ acknowledged: { by: 'ada', at: NOW, note: 'on it' } });
  await page();

  pager.breakDown();
  await pass(4);

  expect(pager.pages.filter(({ target }) => target === 'two').map(({ about }) => about)).toEqual([
    'opened',
    'acknowledged',
  ]);
});

test('a key whose loss is another one by now is told at once, and one without an open incident is not', async () => {
  const { sent, page, change, control, ports } = world([aChannel('one')]);
  await page();
  control.given('key-watch', aWatch({ openIncidentId: 'incident-1' }), aWatch({ kmsKeyArn: anArn('well') }));
  change({ cause: 'key-pending-deletion' });

  await pageKeyChange(anArn('well'), ports);
  await pageKeyChange(anArn('unknown'), ports);
  expect(sent()).toEqual(['one opened']);
  await pageKeyChange(anArn(), ports);

  expect(sent()).toEqual(['one opened', 'one updated']);
});

test('facts that come at the same time send an update once', async () => {
  const { sent, page, change } = world([aChannel('one')]);
  await page();
  change({ cause: 'key-pending-deletion' });

  await Promise.all([page(), page(), page()]);

  expect(sent()).toEqual(['one opened', 'one updated']);
});

test('a channel fails since its first page that was not taken, whatever else fails later', async () => {
  const { page, pass, pager, failing, change } = world([aChannel('one'), aChannel('two')]);
  pager.breakDown('one');
  await page();
  await pass(5);
  pager.breakDown('one', 'two');
  change({ cause: 'key-pending-deletion' });
  await pass(5);

  expect(failing()).toMatchObject({ one: { since: NOW }, two: { since: after(6 * MINUTE_MS) } });
});

test('who took the opening of an incident is told the end by the one that took its place, though nobody was paged for that one', async () => {
  const { control, ports, pager, page } = world([aChannel('mail', { kind: 'sns' })]);
  await page();
  const [first] = control.all('incident');
  const { dueAt: _none, ...over } = { ...(first as KeyIncident), state: 'closed', followedBy: 'incident-2' } as const;
  const { pagedAt: _not, ...second } = anIncident({ incidentId: 'incident-2', follows: 'incident-1', dueAt: NOW });
  control.given('incident', over, { ...second, pagedSince: NOW, state: 'closed', recoveredAt: NOW });

  await pageIncident('incident-2', ports);

  expect(pager.pages.map(({ target, about, incidentId }) => [target, about, incidentId])).toEqual([
    ['mail', 'opened', 'incident-1'],
    ['mail', 'closed', 'incident-2'],
  ]);
});

test('a change that no fact told of is told within a quarter of an hour', async () => {
  const { sent, page, pass, change } = world([aChannel('one')]);
  await page();
  change({ cause: 'key-pending-deletion' });

  await pass(16);

  expect(sent()).toEqual(['one opened', 'one updated']);
});

test('an incident that takes the place of another: alerts of both are resolved, people are told once that it is over', async () => {
  const { control, ports, pager, pass, page } = world([
    aChannel('alert', { kind: 'pagerduty' }),
    aChannel('mail', { kind: 'sns' }),
  ]);
  await page();
  const [first] = control.all('incident');
  const { dueAt: _none, ...over } = { ...(first as KeyIncident), state: 'closed', followedBy: 'incident-2' } as const;
  control.given('incident', over);
  const { pagedAt, ...second } = anIncident({ incidentId: 'incident-2', follows: 'incident-1', dueAt: NOW });
  control.given('incident', { ...second, pagedSince: NOW });
  await pageIncident('incident-2', ports);
  const [, open] = control.all('incident');
  control.given('incident', dueWhileOwed({ ...(open as KeyIncident), state: 'closed', recoveredAt: NOW }, NOW));
  await pass(5);

  expect(pager.pages.map(({ target, about, incidentId }) => `${target} ${about} ${incidentId}`).sort()).toEqual([
    'alert closed incident-1',
    'alert closed incident-2',
    'alert opened incident-1',
    'alert opened incident-2',
    'mail closed incident-2',
    'mail opened incident-1',
    'mail opened incident-2',
  ]);
});

test('dying between the page and its note sends it again with the same ids', async () => {
  const { ports, pager, pass } = world([aChannel('one')]);
  const dying = {
    ...ports,
    ids: {
      next: () => {
        throw new Error('killed');
      },
    },
  };
  await expect(pageIncident('incident-1', dying)).rejects.toThrow('killed');

  await pass(3);

  expect(pager.pages.map(({ messageId, target }) => [messageId, target])).toEqual([
    ['incident-1.opened', 'one'],
    ['incident-1.opened', 'one'],
  ]);
});

test('each reads the time of their own clock, and what to do first', async () => {
  const { pager, page } = world([aChannel('one', { timeZone: 'Asia/Kolkata' })]);
  await page();

  const [sent] = pager.pages;
  expect(sent?.body).toContain('2026-11-24 12:00:00 UTC (17:30 Asia/Kolkata)');
  expect(sent?.body.split('\n')[2]).toMatch(/^Next step: /);
  expect(sent?.body).toContain('Runbook:    docs/runbooks/key-disabled.md');
  expect(sent).toMatchObject({
    severity: 'critical',
    runbook: 'docs/runbooks/key-disabled.md',
    details: { cause: 'key-disabled' },
  });
});
