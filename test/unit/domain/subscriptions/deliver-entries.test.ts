import type { Taken } from '../../../../shared/domain/subscriptions/ports';
import { anEntry, numbered, subscribed, subscriptionWorld } from '../../../support/subscription-world';

const upTo = (end: number, from = 0) => Array.from({ length: end - from }, (_, at) => from + at);
const later = (reason = 'it answered 503'): Taken => ({ taken: 0, refusal: { kind: 'later', reason } });

/** The largest wait, with its jitter. */
const FIVE_SECONDS = 6_000;

test('a test goes first, and entries only after it was taken', async () => {
  const world = subscriptionWorld();
  await world.append(...numbered(3));
  await world.add({ from: 0 });
  world.destination.behave(() => later());
  await world.deliver();

  expect(await world.subscription()).toMatchObject({ state: 'testing', test: { failure: 'it answered 503' } });
  expect(world.destination.attempts).toBe(1);

  world.destination.behave(() => undefined);
  world.pass(FIVE_SECONDS);
  await world.deliverDue();

  expect(world.destination.taken.map(({ id }) => id)).toEqual([
    expect.stringMatching(/^acme\/siem\/test-/),
    'acme/siem/0',
    'acme/siem/1',
    'acme/siem/2',
  ]);
  expect(await world.subscription()).toMatchObject({ state: 'active', cursor: 3, delivered: 3, failures: 0 });
  expect((await world.subscription()).test.failure).toBeUndefined();
});

test('entries are sent in the order of the log, byte for byte, each once while nothing fails', async () => {
  const world = await subscribed();
  const entries = numbered(700);
  await world.append(...entries.slice(0, 300));
  await world.deliver();
  await world.append(...entries.slice(300));
  await world.deliver();
  await world.deliver();

  expect(world.indexes()).toEqual(upTo(700));
  for (const [at, { body }] of world.destination.taken.slice(1).entries()) {
    const entry = Buffer.from(entries[at]?.bytes ?? []).toString();
    expect(Buffer.from(body).toString().endsWith(`,"data":${entry}}`)).toBe(true);
  }
});

test('whoever subscribes without a word about it is sent what comes from now on', async () => {
  const world = subscriptionWorld();
  await world.append(...numbered(3));
  await world.add();
  await world.append(...numbered(2, 3));
  await world.deliver();

  expect(world.indexes()).toEqual([3, 4]);
});

test('nobody is sent an entry of another customer, wherever it lies', async () => {
  const world = await subscribed();
  await world.append(...['one', 'two'].map((id) => anEntry(id, {}, 'globex')));
  await world.append(anEntry('mine'));
  await world.append({ customerId: 'acme', bytes: anEntry('theirs', {}, 'globex').bytes }, anEntry('mine too'));
  await world.deliver();
  await world.deliver('globex');

  expect(world.indexes()).toEqual([0, 2]);
  expect(world.destination.taken.every(({ customerId }) => customerId === 'acme')).toBe(true);
  expect(JSON.stringify(world.destination.taken.map(({ body }) => Buffer.from(body).toString()))).not.toContain(
    'globex',
  );
  expect(world.control.all('parked-entry')).toMatchObject([{ index: 1, reason: 'it says that it is of another log' }]);
});

test('one that is slow keeps no other waiting', async () => {
  const world = await subscribed();
  await world.add({ name: 'quick', target: 'https://quick.example.com/x', from: 0 });
  await world.append(...numbered(2));
  let letGo: () => void = () => undefined;
  const held = new Promise<undefined>((resolve) => {
    letGo = () => resolve(undefined);
  });
  world.destination.behave((_, { target }) => (target.includes('quick') ? undefined : held));
  const working = world.deliver();
  while ((await world.subscription('acme', 'quick')).cursor < 2) await new Promise((resolve) => setImmediate(resolve));

  expect((await world.subscription()).cursor).toBe(0);
  letGo();
  await working;
  expect((await world.subscription()).cursor).toBe(2);
});

test('a checkpoint that no event told of is seen', async () => {
  const world = await subscribed();
  await world.append(...numbered(1));
  world.pass(10 * 60_000 + 1);
  await world.deliverDue();

  expect(world.indexes()).toEqual([0]);
});
