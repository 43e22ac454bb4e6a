import { incidentClosed } from '../../../events/incident-closed';
import { incidentOpened } from '../../../events/incident-opened';
import { oncallPaged } from '../../../events/oncall-paged';
import { retirementStopped } from '../../../events/retirement-stopped';
import { KeywrightError } from '../../../shared/domain/errors';
import { CAUSES, type Cause, type Incident } from '../../../shared/domain/key-watch';
import { pageClosed, pageOpened, pageStopped } from '../../../shared/domain/page-oncall';
import { pageOf } from '../../../shared/domain/page-text';
import { anArn, countedIds, NOW, silentLog } from '../../support/make';
import { memoryControlStore } from '../../support/memory-control-store';

const anIncident = (fields: Partial<Incident> = {}): Incident => ({
  incidentId: 'incident-1',
  kmsKeyArn: anArn(),
  customerId: 'acme',
  state: 'open',
  cause: 'key-pending-deletion',
  evidence: 'the key is scheduled for deletion and can not be used while it waits',
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
  revision: 0,
  ...fields,
});

const about = {
  factId: 'fact-1',
  at: NOW,
  incidentId: 'incident-1',
  kmsKeyArn: anArn(),
  cause: 'key-pending-deletion',
};
const opened = incidentOpened.read(about);
const closed = incidentClosed.read({ ...about, recoveredAt: NOW });

function world(incident = anIncident(), pagerFails = 0) {
  const control = memoryControlStore();
  control.given('incident', incident);
  const pages: { subject: string; body: string }[] = [];
  let failures = pagerFails;
  const pager = {
    async page(page: { incidentId: string; subject: string; body: string }) {
      failures -= 1;
      if (failures >= 0) throw new KeywrightError('page.not-sent', 'The topic did not answer.');
      pages.push(page);
    },
  };
  const ports = { control, pager, clock: { now: () => NOW }, ids: countedIds(), log: silentLog };
  return { control, pages, ports };
}

test('an incident is paged once, however often its fact comes', async () => {
  const { control, pages, ports } = world();

  for (let delivery = 0; delivery < 3; delivery += 1) await pageOpened(opened, ports);

  expect(pages).toHaveLength(1);
  expect(control.all('incident')[0]).toMatchObject({ pagedAt: NOW });
  expect(control.outbox.map((fact) => fact.detailType)).toEqual([oncallPaged.detailType]);
});

test('a page that does not go out is tried again, and is noted only once it is out', async () => {
  const { control, pages, ports } = world(anIncident(), 1);

  await expect(pageOpened(opened, ports)).rejects.toMatchObject({ code: 'page.not-sent', retry: true });
  const before = control.all('incident')[0];
  await pageOpened(opened, ports);

  expect(before).not.toHaveProperty('pagedAt');
  expect(pages).toHaveLength(1);
});

test('nobody is woken for an incident that is over already', async () => {
  const { pages, ports } = world(anIncident({ state: 'closed', recoveredAt: NOW }));

  await pageOpened(opened, ports);

  expect(pages).toEqual([]);
});

test('who was woken is told once that it is over', async () => {
  const { pages, ports } = world(anIncident({ state: 'closed', pagedAt: NOW, recoveredAt: NOW }));

  await pageClosed(closed, ports);
  await pageClosed(closed, ports);

  expect(pages.map((page) => page.subject)).toEqual(["Over: Acme Corp's key serves again"]);
});

test('who was not woken is not told that it is over', async () => {
  const { pages, ports } = world(anIncident({ state: 'closed', recoveredAt: NOW }));

  await pageClosed(closed, ports);

  expect(pages).toEqual([]);
});

test('a page says what, whom it stops, until when, and the next step', () => {
  const { subject, body } = pageOf(anIncident(), 'opened');

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
  );

  expect(subject).toBe("70 customers' shared key is scheduled for deletion: 140 data stores stopped");
  expect(body).toContain('Customer 0, Customer 1, Customer 2 and 67 more');
});

test.each<Cause>([...CAUSES])('the subject of a page about %s is one that SNS takes', (cause) => {
  const customers = [{ customerId: 'acme', name: `Łódź ${'x'.repeat(120)}` }];
  const { subject } = pageOf(anIncident({ cause, impact: { ...anIncident().impact, customers } }), 'opened');

  expect(subject.length).toBeLessThanOrEqual(100);
  expect(subject).toMatch(/^[ -~]+$/);
});

test('a retirement that stopped wakes somebody, with the reason and what to type', async () => {
  const { pages, ports } = world();
  const reason = 'used while it was disabled: Decrypt failed: DisabledException';
  const stopped = retirementStopped.read({ factId: 'fact-9', at: NOW, kmsKeyArn: anArn(), reason });

  await pageStopped(stopped, ports);

  expect(pages).toMatchObject([{ incidentId: 'fact-9', body: expect.stringContaining(reason) }]);
  expect(pages[0]?.body).toContain(`keywright retire undo ${anArn()} disable --reason`);
});
