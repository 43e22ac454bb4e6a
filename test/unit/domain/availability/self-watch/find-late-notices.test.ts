/** That a customer waits for what they are to be told by contract is trouble of ours while there is time to call them. */
import type { KeyIncident } from '../../../../../shared/domain/availability/incidents/incident';
import { tellCustomers, tellOwed } from '../../../../../shared/domain/availability/notices/tell-customers';
import { pageOwed } from '../../../../../shared/domain/availability/paging/page-oncall';
import { findLateNotices } from '../../../../../shared/domain/availability/self-watch/find-late-notices';
import { reconcileTroubles } from '../../../../../shared/domain/availability/self-watch/reconcile-troubles';
import { NEVER } from '../../../../../shared/domain/instants';
import { aChannel, aDataStore, after, aKmsKey, anIncident, countedIds, NOW, silentLog } from '../../../../support/make';
import { memoryControlStore } from '../../../../support/memory-control-store';
import { memoryPager, memoryPaging } from '../../../../support/memory-pager';

const MINUTE_MS = 60_000;

function world(noticeMinutes?: number) {
  const control = memoryControlStore();
  const pager = memoryPager();
  let now = NOW;
  const ports = { ...memoryPaging(pager), control, clock: { now: () => now }, ids: countedIds(), log: silentLog };
  control.given('kms-key', aKmsKey());
  control.given('data-store', aDataStore());
  const channels = [aChannel('soc')];
  control.given('page-channels', { owner: 'customer/acme', customerId: 'acme', channels, revision: 1 });
  const terms = { targetPercent: 99.9, window: { days: 30 }, exclude: [] } as const;
  if (noticeMinutes !== undefined) {
    const set = { setBy: 'ada', setAt: NOW, dueAt: NEVER, revision: 1 } as const;
    control.given('service-level', { customerId: 'acme', ...terms, noticeMinutes, ...set });
  }
  const change = (fields: Partial<KeyIncident> = {}) =>
    control.given('incident', anIncident({ signalledAt: NOW, detectedAt: NOW, dueAt: NEVER, ...fields }));
  change();
  return {
    control,
    pager,
    ports,
    change,
    tell: () => tellCustomers('incident-1', ports),
    open: () =>
      control.all('incident').flatMap((one) => (one.kind === 'operator' && one.state === 'open' ? [one] : [])),
    async minutes(count: number, isTelling = true) {
      for (let minute = 0; minute < count; minute += 1) {
        now = after(MINUTE_MS, now);
        if (isTelling) await tellOwed(ports);
        const { speaksFor, find } = findLateNotices;
        await reconcileTroubles({ speaksFor, ...(await find(ports)) }, ports);
        await pageOwed(ports);
      }
    },
  };
}

test('four fifths of the time, and not before: on-call is told whom to call, by when, once, and of the end', async () => {
  const it = world(20);
  it.pager.breakDown('soc');
  await it.tell();

  await it.minutes(15);
  expect(it.open()).toEqual([]);
  await it.minutes(3);

  const evidence = expect.stringMatching(/customer acme .* incident-1: .* by 2026-\d\d-\d\d \d\d:20/);
  expect(it.open()).toMatchObject([{ trouble: 'notice-late', evidence, pagedAt: expect.any(String) }]);
  it.pager.breakDown();
  await it.minutes(40);
  expect(it.open()).toEqual([]);
  expect(it.control.all('incident').filter(({ kind }) => kind === 'operator')).toHaveLength(1);
});

test.each([
  ['nothing is agreed', undefined, true],
  ['their channel takes it', 20, false],
])('where %s nobody is late', async (_, noticeMinutes, isBroken) => {
  const it = world(noticeMinutes);
  if (isBroken) it.pager.breakDown('soc');
  await it.tell();

  await it.minutes(40);

  expect(it.control.all('incident').filter(({ kind }) => kind === 'operator')).toEqual([]);
});

test('an incident that nobody begins to tell of is late after two minutes, whatever is agreed', async () => {
  const it = world();

  await it.minutes(1, false);
  expect(it.open()).toEqual([]);
  await it.minutes(1, false);

  expect(it.open()).toMatchObject([
    { trouble: 'notice-late', evidence: 'nobody has told customers of incident incident-1' },
  ]);
});

test.each<[string, Partial<KeyIncident>]>([
  ['is over', { state: 'closed', recoveredAt: NOW }],
  ['is back only just', { state: 'recovering', recoveredAt: NOW }],
  ['is a drill', { drillId: 'drill-1' }],
  ['is told', { customerToldAt: NOW }],
])('of one that %s nobody has to be told', async (_, fields) => {
  const it = world(5);
  it.change(fields);

  await it.minutes(10, false);

  expect(it.open()).toEqual([]);
});
