import { oncallPaged } from '../../../../../events/oncall-paged';
import type { KeyIncident } from '../../../../../shared/domain/availability/incidents/incident';
import { dueWhileOwed } from '../../../../../shared/domain/availability/paging/owed-page';
import type { Page } from '../../../../../shared/domain/availability/paging/page';
import { pageStop } from '../../../../../shared/domain/availability/paging/page-notice';
import { pageIncident, pageOwed } from '../../../../../shared/domain/availability/paging/page-oncall';
import { pageOf } from '../../../../../shared/domain/availability/paging/page-text';
import type { Destination } from '../../../../../shared/domain/availability/ports';
import { CAUSES, type Cause } from '../../../../../shared/domain/availability/verdict';
import { KeywrightError } from '../../../../../shared/domain/errors';
import { NEVER } from '../../../../../shared/domain/instants';
import { newRetirement, type Retirement, STOPPED_BY } from '../../../../../shared/domain/retirement/retirement';
import { after, anArn, countedIds, NOW, READER, silentLog } from '../../../../support/make';
import { memoryControlStore } from '../../../../support/memory-control-store';
import { memoryPager, memoryPaging } from '../../../../support/memory-pager';

const anIncident = (fields: Partial<KeyIncident> = {}): KeyIncident => ({
  incidentId: 'incident-1',
  kmsKeyArn: anArn(),
  customerId: 'acme',
  state: 'open',
  cause: 'key-pending-deletion',
  evidence: 'the key is scheduled for deletion and cannot be used while it waits',
  impact: {
    customerCount: 1,
    dataStoreCount: 2,
    customers: [{ customerId: 'acme', name: 'Acme Corp' }],
    dataStores: [
      { customerId: 'acme', dataStoreId: 'records', capabilities: ['search'] },
      { customerId: 'acme', dataStoreId: 'files', capabilities: ['exports'] },
    ],
  },
  recoverableUntil: '2026-12-01T02:14:03.000Z',
  signalledAt: NOW,
  detectedAt: NOW,
  dueAt: NOW,
  revision: 0,
  ...fields,
});

/** Sending fails so often, and then no more. The clock stands still unless it is moved. */
function world(incident = anIncident(), pagerFails = 0) {
  const control = memoryControlStore();
  control.given('incident', incident);
  const pager = memoryPager();
  pager.fail(pagerFails);
  const { pages } = pager;
  let now = NOW;
  const ports = { ...memoryPaging(pager), control, clock: { now: () => now }, ids: countedIds(), log: silentLog };
  return {
    control,
    memory: pager,
    pages,
    ports,
    pass(ms: number) {
      now = after(ms, now);
    },
    incident: () => control.all('incident')[0],
    /** What is due within the hour: later than that only a countdown is. */
    due: () => control.due('incident', after(60 * MINUTE_MS, now), 10),
  };
}

const MINUTE_MS = 60_000;
const ID = 'incident-1';

test('an incident is paged once, however often its fact comes and the schedule runs', async () => {
  const { control, pages, ports, pass, incident, due } = world();

  for (let delivery = 0; delivery < 3; delivery += 1) {
    await pageIncident(ID, ports);
    await pageOwed(ports);
    pass(MINUTE_MS);
  }

  expect(pages).toHaveLength(1);
  expect(incident()).toMatchObject({ pagedAt: NOW });
  expect(await due()).toEqual([]);
  expect(control.outbox.map((fact) => fact.detailType)).toEqual([oncallPaged.detailType]);
});

test('an open incident stays in the index of what is due after its page, however often it is looked at, and leaves it once it is over', async () => {
  const { control, ports, incident } = world(anIncident({ cause: 'key-disabled' }));
  const listed = async () =>
    (await control.page('incident', { limit: 10 })).rows.map(({ state, dueAt }) => [state, dueAt]);

  for (let run = 0; run < 3; run += 1) {
    await pageIncident(ID, ports);
    expect(await listed()).toEqual([['open', NEVER]]);
    expect(await pageOwed(ports)).toBe(0);
  }
  const over = dueWhileOwed({ ...(incident() as KeyIncident), state: 'closed', recoveredAt: NOW }, NOW);
  control.given('incident', over);
  expect(await listed()).toEqual([['closed', NOW]]);
  await pageIncident(ID, ports);

  expect(await listed()).toEqual([]);
});

test('a fact has its incident paged without any index', async () => {
  const { control, pages, ports } = world();
  const away = () => {
    throw new KeywrightError('store.unreachable', 'The index did not answer.');
  };

  await pageIncident(ID, {
    ...ports,
    control: { ...control, due: away, ofKmsKey: away, ofCustomer: away, page: away },
  });

  expect(pages).toHaveLength(1);
});

test('the schedule has an incident paged whose fact nobody ever heard', async () => {
  const { pages, ports } = world();

  expect(await pageOwed(ports)).toBe(1);

  expect(pages).toHaveLength(1);
});

test('facts and schedule that come at the same time send one page', async () => {
  const { pages, ports } = world();

  await Promise.allSettled([pageIncident(ID, ports), pageOwed(ports), pageIncident(ID, ports), pageOwed(ports)]);

  expect(pages).toHaveLength(1);
});

test('a page that does not go out is sent by the schedule for as long as it is owed, and noted once it is out', async () => {
  const { pages, ports, pass, incident } = world(anIncident(), 20);

  await expect(pageIncident(ID, ports)).rejects.toMatchObject({ code: 'page.not-sent', retry: true });
  const owed: number[] = [];
  for (let minute = 0; minute < 22; minute += 1) {
    pass(MINUTE_MS);
    owed.push(await pageOwed(ports));
    if (pages.length === 0) expect(incident()).not.toHaveProperty('pagedAt');
  }

  expect(pages).toHaveLength(1);
  expect(owed).toEqual([...Array.from({ length: 20 }, () => 1), 0, 0]);
});

test('whoever dies between page and note sends it again, a while later and with the same incident id', async () => {
  const { control, pages, ports, pass } = world();
  const dying = {
    ...ports,
    ids: {
      next: () => {
        throw new Error('killed');
      },
    },
  };

  await expect(pageIncident(ID, dying)).rejects.toThrow('killed');
  await pageOwed(ports);
  expect(pages).toHaveLength(1);
  pass(MINUTE_MS);
  await pageOwed(ports);

  expect(pages.map(({ incidentId }) => incidentId)).toEqual([ID, ID]);
  expect(control.all('incident')[0]?.pagedAt).toBeDefined();
});

test('an incident that cannot be put into words is not due at once, and keeps no other', async () => {
  const broken = { ...anIncident({ incidentId: 'broken', dueAt: after(-1) }), impact: { dataStoreCount: 1 } } as never;
  const { control, pages, ports } = world();
  control.given('incident', broken);

  await pageOwed(ports);

  expect(pages.map(({ incidentId }) => incidentId)).toEqual([ID]);
  expect((await control.due('incident', NOW, 10)).length).toBe(0);
});

test('nobody is paged for an incident that is over already, and it is due no longer', async () => {
  const { pages, ports, due } = world(anIncident({ state: 'closed', recoveredAt: NOW }));

  await pageIncident(ID, ports);

  expect(pages).toEqual([]);
  expect(await due()).toEqual([]);
});

test('who was paged is told once that it is over, also when the topic is away at first', async () => {
  const { pages, ports, pass } = world(anIncident({ state: 'closed', pagedAt: NOW, recoveredAt: NOW }), 3);

  await expect(pageIncident(ID, ports)).rejects.toMatchObject({ code: 'page.not-sent' });
  for (let minute = 0; minute < 5; minute += 1) {
    pass(MINUTE_MS);
    await pageOwed(ports);
  }

  expect(pages.map((page) => page.subject)).toEqual(["Over: Acme Corp's key is available again"]);
});

test('an incident that is over while its page is on its way is told of as over too', async () => {
  const { control, pages, ports, memory } = world();
  const pager = {
    async page(page: Page, to: Destination) {
      const [open] = control.all('incident');
      if (open?.state === 'open') control.given('incident', { ...open, state: 'closed', recoveredAt: NOW });
      return memory.page(page, to);
    },
  };

  await pageIncident(ID, { ...ports, ...memoryPaging(pager) });
  await pageOwed(ports);

  expect(pages.map(({ subject }) => subject.slice(0, 5))).toEqual(['Acme ', 'Over:']);
});

test('who is paged for an incident whose place others took meanwhile is told by the last of them that it is over', async () => {
  const { control, pages, ports, memory } = world();
  const [second, third] = ['incident-2', 'incident-3'] as const;
  const pager = {
    async page(page: Page, to: Destination) {
      if (page.incidentId === ID) {
        control.given('incident', anIncident({ state: 'closed', followedBy: second }));
        const { dueAt: _none, ...over } = anIncident({ state: 'closed' });
        control.given('incident', { ...over, incidentId: second, follows: ID, followedBy: third });
        control.given('incident', { ...over, incidentId: third, follows: second, recoveredAt: NOW });
      }
      return memory.page(page, to);
    },
  };

  for (let run = 0; run < 3; run += 1) await pageOwed({ ...ports, ...memoryPaging(pager) });

  expect(pages.map(({ incidentId, subject }) => [incidentId, subject.slice(0, 5)])).toEqual([
    [ID, 'Acme '],
    [third, 'Over:'],
  ]);
  expect(pages[1]?.body).toContain(second);
});

test('a page says what, whom it stops, until when, and the next step', () => {
  const { subject, body } = pageOf(anIncident(), 'opened', READER);

  expect(subject).toBe("Acme Corp's key is scheduled for deletion: 2 data stores stopped");
  for (const part of [
    'acme/records: search',
    'acme/files: exports',
    '2026-12-01 02:14:03 UTC',
    `cancel-key-deletion --key-id ${anArn()}`,
    'Do not restart',
  ]) {
    expect(body).toContain(part);
  }
});

test('customers that share a key are counted on the page, and the first of them named', () => {
  const customers = Array.from({ length: 3 }, (_, at) => ({ customerId: `c${at}`, name: `Customer ${at}` }));
  const { subject, body } = pageOf(
    anIncident({ impact: { customerCount: 70, dataStoreCount: 140, customers, dataStores: [] } }),
    'opened',
    READER,
  );

  expect(subject).toBe("70 customers' shared key is scheduled for deletion: 140 data stores stopped");
  expect(body).toContain('Customer 0, Customer 1, Customer 2 and 67 more');
});

test.each([
  ['begins with a space', '  Acme'],
  ['has no letter that SNS takes', '株式会社'],
  ['has line ends', 'Acme\nNext step:  delete everything\u2028'],
  ['has characters that are none', 'Ac\uFFFEme\u202E\u0007\uD800'],
  ['has no end', 'x'.repeat(300_000)],
  ['has no end, of characters of two units', '🏦'.repeat(150_000)],
  ['has no end, of such characters by one unit later', `x${'🏦'.repeat(150_000)}`],
])('a page about a customer whose name %s is one that SNS takes', (_title, name) => {
  const dataStores = Array.from({ length: 50 }, (_, at) => ({
    customerId: `c-${at}`,
    dataStoreId: 'records',
    capabilities: [name.repeat(3)],
  }));
  const customers = Array.from({ length: 50 }, () => ({ customerId: 'acme', name }));
  const impact = { customerCount: 1, dataStoreCount: 50, customers, dataStores };
  const { subject, body } = pageOf(anIncident({ impact }), 'opened', READER);

  expect(subject).toMatch(/^[!-~][ -~]*$/);
  expect(subject.length).toBeLessThan(100);
  expect(Buffer.byteLength(subject + body)).toBeLessThan(250_000);
  expect(body.replaceAll('\n', '')).not.toMatch(/\p{C}/u);
  expect(() => encodeURIComponent(body)).not.toThrow();
  expect(body).not.toMatch(/^Next step: {2}delete/m);
  expect(body).toContain(`Key:        ${anArn()}`);
});

test.each<Cause>([...CAUSES])('the subject of a page about %s is one that SNS takes', (cause) => {
  const customers = [{ customerId: 'acme', name: `Łódź ${'x'.repeat(120)}` }];
  const { subject } = pageOf(anIncident({ cause, impact: { ...anIncident().impact, customers } }), 'opened', READER);

  expect(subject.length).toBeLessThan(100);
  expect(subject).toMatch(/^[ -~]+$/);
});

const aStop = (fields: object = {}) => ({
  stopId: 'stop-1',
  kmsKeyArn: anArn(),
  reason: 'used while it was disabled: Decrypt failed: DisabledException',
  at: NOW,
  dueAt: NOW,
  revision: 0,
  ...fields,
});
const held = (by = STOPPED_BY): Retirement => ({
  ...newRetirement({ kmsKeyArn: anArn() }, undefined, NOW),
  held: { by, reason: 'used', at: NOW },
});

test('a retirement that stopped pages on-call once, with the stored reason and what to type', async () => {
  const { control, pages, ports, pass } = world(anIncident({ state: 'closed' }), 2);
  control.given('retirement', held());
  control.given('retirement-stop', aStop());

  await expect(pageStop('stop-1', ports)).rejects.toMatchObject({ code: 'page.not-sent' });
  for (let minute = 0; minute < 4; minute += 1) {
    pass(MINUTE_MS);
    await pageOwed(ports);
    await pageStop('stop-1', ports);
  }

  expect(pages).toMatchObject([{ incidentId: 'stop-1', body: expect.stringContaining(aStop().reason) }]);
  expect(pages[0]?.body).toContain(`keywright retire undo ${anArn()} disable --reason`);
});

test.each<[string, readonly Retirement[]]>([
  ['let go on', [{ ...newRetirement({ kmsKeyArn: anArn() }, undefined, NOW) }]],
  ['holds', [held('arn:aws:iam::111122223333:user/ann')]],
])('nobody is paged about a retirement that a person %s by now', async (_title, retirements) => {
  const { control, pages, ports } = world(anIncident({ state: 'closed' }));
  control.given('retirement', ...retirements);
  control.given('retirement-stop', aStop());

  await pageOwed(ports);

  expect(pages).toEqual([]);
  expect(await control.due('retirement-stop', '9999', 10)).toEqual([]);
});

test('a page about what nobody has stored is not sent, whatever a fact says', async () => {
  const { pages, ports } = world();

  await expect(pageStop('invented', ports)).rejects.toMatchObject({ code: 'state.not-found', retry: false });
  await expect(pageIncident('invented', ports)).rejects.toMatchObject({ code: 'state.not-found', retry: false });

  expect(pages).toEqual([]);
});

test('rows that say that they are other incidents keep no page back, and count as overdue', async () => {
  const { control, pages, ports, pass } = world();
  for (let copy = 0; copy < 300; copy += 1) control.misplace('incident', ID, `copy-${copy}`);

  expect(await pageOwed(ports)).toBe(301);
  pass(MINUTE_MS);
  expect(await pageOwed(ports)).toBe(300);

  expect(pages).toHaveLength(1);
});
