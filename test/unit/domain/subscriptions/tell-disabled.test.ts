/** A subscription that is given up is known to everybody who can do something about it, for as long as it is. */
import type { SubscriptionChanged } from '../../../../events/subscription-changed';
import { showStatus } from '../../../../shared/domain/api/show-status';
import { findDisabledSubscriptions } from '../../../../shared/domain/availability/self-watch/find-disabled-subscriptions';
import { removeSubscription, resumeSubscription } from '../../../../shared/domain/subscriptions/change-subscriptions';
import { tellDisabled } from '../../../../shared/domain/subscriptions/tell-disabled';
import { aChannel } from '../../../support/make';
import { memoryPager, memoryPaging } from '../../../support/memory-pager';
import { numbered, subscribed } from '../../../support/subscription-world';

const SIEM = { customerId: 'acme', name: 'siem' };
const OPERATOR = { principal: 'arn:aws:iam::111122223333:user/operator' };

async function disabled({ channels = [aChannel('soc')] } = {}) {
  const world = await subscribed();
  const pager = memoryPager();
  if (channels.length > 0)
    world.control.given('page-channels', { owner: 'customer/acme', customerId: 'acme', channels, revision: 1 });
  await world.append(...numbered(2));
  world.destination.behave(() => ({ taken: 0, refusal: { kind: 'gone', reason: 'it answered 410' } }));
  await world.deliver();
  world.destination.behave(() => undefined);
  const fact = world.control.outbox.at(-1)?.detail as unknown as SubscriptionChanged;
  const ports = { ...world.ports, ...memoryPaging(pager) };
  return {
    ...world,
    pager,
    fact,
    tell: (change: SubscriptionChanged = fact) => tellDisabled(change, ports),
    troubles: async () => (await findDisabledSubscriptions.find(world.ports)).found,
    status: async () => showStatus.run({}, OPERATOR as never, world.ports as never),
  };
}

test('its customer’s channel has it, with the reason, under the same id each time', async () => {
  const { tell, pager } = await disabled();

  await tell();
  await tell();

  expect(pager.pages).toMatchObject(
    Array(2).fill({
      target: 'soc',
      severity: 'warning',
      subject: 'Your audit log is no longer sent to siem',
      body: expect.stringContaining('it answered 410'),
      details: { customerId: 'acme', subscription: 'siem' },
    }),
  );
  expect(pager.pages[0]?.messageId).toBe(pager.pages[1]?.messageId);
});

test('a channel that does not take it is tried again, and a customer without one has it in their stream', async () => {
  const failing = await disabled();
  failing.pager.fail(1);
  await expect(failing.tell()).rejects.toMatchObject({ code: 'page.not-sent', retry: true });
  await failing.tell();
  expect(failing.pager.pages).toHaveLength(1);

  const { tell, pager } = await disabled({ channels: [] });
  await tell();
  expect(pager.pages).toEqual([]);
});

test('nobody is told of another change, nor of one that goes on by then', async () => {
  const { tell, fact, pager, ports } = await disabled();
  await tell({ ...fact, change: 'paused' });
  await resumeSubscription(SIEM, 'somebody', ports);
  await tell();

  expect(pager.pages).toEqual([]);
});

test('status and on-call name it until it goes on, where it ended', async () => {
  const { troubles, status, ports, deliver, indexes, now } = await disabled();
  const since = now();
  expect(await troubles()).toMatchObject([
    { trouble: 'subscription-disabled', subject: 'siem of acme', since, evidence: expect.stringContaining('410') },
  ]);
  expect(await status()).toMatchObject({
    healthy: false,
    disabledSubscriptions: { count: 1, first: [{ ...SIEM, since, reason: 'it answered 410' }] },
  });

  await resumeSubscription(SIEM, 'somebody', ports);
  await deliver();

  expect(await troubles()).toEqual([]);
  expect(await status()).toMatchObject({ healthy: true, disabledSubscriptions: { count: 0 } });
  expect(indexes()).toEqual([0, 1]);
});

test('one that is removed is over as well, and one that is disabled again is named again', async () => {
  const { troubles, ports, deliver, destination, append, pass } = await disabled();
  await resumeSubscription(SIEM, 'somebody', ports);
  await deliver();
  destination.behave(() => ({ taken: 0, refusal: { kind: 'gone', reason: 'it answered 410' } }));
  pass(1_000);
  await append(...numbered(1, 2));
  await deliver();
  expect(await troubles()).toHaveLength(1);

  await removeSubscription(SIEM, 'somebody', ports);

  expect(await troubles()).toEqual([]);
});
