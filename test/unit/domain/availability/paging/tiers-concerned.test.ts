/** Channels that are for customers of some tiers: who is paged of whom, and that a filter never leaves nobody. */
import type { KeyIncident } from '../../../../../shared/domain/availability/incidents/incident';
import type { Channel } from '../../../../../shared/domain/availability/paging/channel';
import { dueWhileOwed } from '../../../../../shared/domain/availability/paging/owed-page';
import { pageIncident, pageOwed } from '../../../../../shared/domain/availability/paging/page-oncall';
import { NEVER } from '../../../../../shared/domain/instants';
import {
  aChannel,
  after,
  aKmsKey,
  anIncident,
  anOperatorIncident,
  countedIds,
  NOW,
  silentLog,
} from '../../../../support/make';
import { memoryControlStore } from '../../../../support/memory-control-store';
import { memoryPager, memoryPaging, ONCALL_TOPIC } from '../../../../support/memory-pager';

const MINUTE_MS = 60_000;
const impact = (...customerIds: readonly string[]) => ({
  ...anIncident().impact,
  customerCount: customerIds.length,
  customers: customerIds.map((customerId) => ({ customerId, name: customerId })),
});

function world(channels: readonly Channel[]) {
  const control = memoryControlStore();
  control.given('page-channels', { owner: 'oncall', channels, revision: 1 });
  const terms = { targetPercent: 99.9, window: { days: 30 }, exclude: [], setBy: 'ada', setAt: NOW } as const;
  for (const [customerId, tier] of [
    ['acme', 'gold'],
    ['globex', 'silver'],
  ] as const)
    control.given('service-level', { ...terms, customerId, tier, dueAt: NEVER, revision: 1 });
  const pager = memoryPager();
  let now = NOW;
  const ports = { ...memoryPaging(pager), control, clock: { now: () => now }, ids: countedIds(), log: silentLog };
  const put = (fields: Partial<KeyIncident>) => {
    const { pagedAt: _not, ...incident } = anIncident({ dueAt: NOW, ...fields });
    control.given('incident', incident);
  };
  return {
    control,
    ports,
    put,
    sent: () => pager.pages.map(({ target, about }) => `${target} ${about}`).sort(),
    page: () => pageIncident('incident-1', ports),
    async pass(minutes: number) {
      for (let minute = 0; minute < minutes; minute += 1) {
        now = after(MINUTE_MS, now);
        await pageOwed(ports);
      }
    },
    now: () => now,
  };
}

const gold = aChannel('gold', { tiers: ['gold'] });

test.each<[string, Partial<KeyIncident>, readonly string[]]>([
  ['a customer of the tier', { impact: impact('acme') }, ['gold opened']],
  ['a customer of the tier among others', { impact: impact('hooli', 'acme') }, ['gold opened']],
  ['a customer of another tier', { impact: impact('globex') }, [`${ONCALL_TOPIC} opened`]],
  ['a customer of no tier', { impact: impact('hooli') }, [`${ONCALL_TOPIC} opened`]],
  ['nobody that is known', { impact: impact() }, ['gold opened']],
  ['more customers than are named', { impact: { ...impact('globex'), customerCount: 2 } }, ['gold opened']],
  ['customers that could not be read', { impact: { ...impact('globex'), isPartial: true } }, ['gold opened']],
  [
    'a storm',
    { impact: impact('globex'), members: { count: 2, kmsKeyArns: [], pagedCounts: [2] } as never },
    ['gold opened'],
  ],
])('what is about %s goes where it is to go, and never nowhere', async (_, fields, sent) => {
  const it = world([gold]);
  it.put(fields);

  await it.page();

  expect(it.sent()).toEqual(sent);
});

test('beside a channel for a tier those without a filter are sent everything', async () => {
  const it = world([gold, aChannel('all')]);
  it.put({ impact: impact('globex') });

  await it.page();

  expect(it.sent()).toEqual(['all opened']);
});

test('trouble of our own is for every channel', async () => {
  const it = world([gold]);
  const { pagedAt: _not, ...trouble } = anOperatorIncident({ incidentId: 'incident-1', dueAt: NOW });
  it.control.given('incident', trouble);

  await it.page();

  expect(it.sent()).toEqual(['gold opened']);
});

test('nobody is told later of a tier that is not theirs, not by an escalation either', async () => {
  const boss = aChannel('boss', { role: 'escalation', afterMinutes: 5, tiers: ['gold'] });
  const it = world([aChannel('all'), gold, boss]);
  it.put({ impact: impact('globex') });

  await it.page();
  await it.pass(40);

  expect(it.sent()).toEqual(['all opened']);
});

test('who was told that it opened is told that it is over, whatever tier they are of by then', async () => {
  const it = world([gold]);
  it.put({ impact: impact('acme') });
  await it.page();
  it.control.given('service-level', {
    ...{ customerId: 'acme', targetPercent: 99.9, window: { days: 30 }, exclude: [], tier: 'silver' },
    ...{ setBy: 'ada', setAt: NOW, dueAt: NEVER, revision: 2 },
  });
  const [row] = it.control.all('incident');
  it.control.given('incident', dueWhileOwed({ ...(row as KeyIncident), state: 'closed', recoveredAt: NOW }, it.now()));

  await it.pass(2);

  expect(it.sent()).toEqual(['gold closed', 'gold opened']);
});

test.each([
  ['acme', 'gold opened'],
  ['globex', `${ONCALL_TOPIC} opened`],
])('a warning about a key of %s goes by tier as well', async (customerId, sent) => {
  const it = world([gold]);
  const key = aKmsKey({ customerId });
  it.control.given('kms-key', key);
  it.control.given('early-warning', {
    ...{ warningId: 'warning-1', kind: 'rotation-off', kmsKeyArn: key.kmsKeyArn, customerId, at: NOW, dueAt: NOW },
    revision: 1,
  } as never);

  await it.pass(1);

  expect(it.sent()).toEqual([sent]);
});
