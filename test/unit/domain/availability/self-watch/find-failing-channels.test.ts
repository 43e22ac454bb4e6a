/** A channel that fails for long is told by the others, and never by itself alone. */
import { pageOwed } from '../../../../../shared/domain/availability/paging/page-oncall';
import { findFailingChannels } from '../../../../../shared/domain/availability/self-watch/find-failing-channels';
import { reconcileTroubles } from '../../../../../shared/domain/availability/self-watch/reconcile-troubles';
import { aChannel, after, countedIds, NOW, silentLog } from '../../../../support/make';
import { memoryControlStore } from '../../../../support/memory-control-store';
import { memoryPager, memoryPaging, ONCALL_TOPIC } from '../../../../support/memory-pager';

const MINUTE_MS = 60_000;

function world() {
  const control = memoryControlStore();
  const pager = memoryPager();
  let now = NOW;
  const ports = { ...memoryPaging(pager), control, clock: { now: () => now }, ids: countedIds(), log: silentLog };
  return {
    control,
    pager,
    open: () => control.all('incident').filter(({ state }) => state === 'open'),
    async minutes(count: number) {
      for (let minute = 0; minute < count; minute += 1) {
        const { speaksFor, find } = findFailingChannels;
        await reconcileTroubles({ speaksFor, ...(await find(ports)) }, ports);
        await pageOwed(ports);
        now = after(MINUTE_MS, now);
      }
    },
  };
}

const owner = { owner: 'oncall', channels: [aChannel('hook')], revision: 1 };
const failing = { hook: { since: NOW, reason: 'The URL did not answer.' } };

test('a channel that takes no pages is trouble once that has lasted, paged by another although it takes pages again by then, and over with that', async () => {
  const it = world();
  it.control.given('page-channels', { ...owner, failing, dueAt: NOW });

  await it.minutes(10);
  expect(it.open()).toEqual([]);
  await it.minutes(2);

  expect(it.open()).toMatchObject([
    { trouble: 'channel-failing', subject: 'oncall/hook', evidence: expect.stringContaining('did not answer') },
  ]);
  expect(it.pager.pages.map(({ target }) => target).sort()).toEqual([ONCALL_TOPIC, 'hook'].sort());
  await it.minutes(8);
  expect(it.open()).toEqual([]);
});

test('a channel that takes no pages is told once by the topic of the stack, and tried again each minute, while it takes none', async () => {
  const it = world();
  it.pager.breakDown('hook');
  it.control.given('page-channels', { ...owner, failing, dueAt: NOW });

  await it.minutes(20);

  expect(it.open()).toMatchObject([{ trouble: 'channel-failing' }]);
  expect(it.pager.pages.map(({ target, about }) => `${target} ${about}`)).toEqual([`${ONCALL_TOPIC} opened`]);
});

test('a channel of a customer is trouble of ours too, and the customer of none', async () => {
  const it = world();
  const theirs = { ...owner, owner: 'customer/acme', customerId: 'acme' };
  it.control.given('page-channels', { ...theirs, failing, dueAt: NOW });

  await it.minutes(12);

  expect(it.open()).toMatchObject([{ trouble: 'channel-failing', subject: 'customer/acme/hook' }]);
  expect(it.open()[0]).not.toHaveProperty('customerId');
});
