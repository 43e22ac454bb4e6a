import {
  pauseSubscription,
  removeSubscription,
  resendFrom,
  resumeSubscription,
  rotateSecret,
  subscriptionsOf,
  testSubscription,
} from '../../../../shared/domain/subscriptions/change-subscriptions';
import { anEntry, subscriptionWorld } from '../../../support/subscription-world';

const SIEM = { customerId: 'acme', name: 'siem' };
const changes = (world: ReturnType<typeof subscriptionWorld>) =>
  world.control.outbox.flatMap(({ detailType, detail }) =>
    detailType === 'subscription-changed.v1' ? [detail['change']] : [],
  );

test('a secret is made for each webhook, told once, and kept encrypted for that subscription alone', async () => {
  const world = subscriptionWorld();
  const first = await world.add();
  const second = await world.add({ name: 'other' });

  expect(first.receiverSecret).toMatch(/^whsec_/);
  expect(second.receiverSecret).not.toBe(first.receiverSecret);
  const row = await world.subscription();
  expect(JSON.stringify(row)).not.toContain(String(first.receiverSecret).slice(6));
  expect(await world.ports.secrets.open(row.secret ?? new Uint8Array(), 'subscription/acme/siem')).toBe(
    first.receiverSecret,
  );
  await expect(
    world.ports.secrets.open(row.secret ?? new Uint8Array(), 'subscription/acme/other'),
  ).rejects.toMatchObject({ code: 'secret.not-opened' });
});

test('while a secret is replaced both sign, for a day', async () => {
  const world = subscriptionWorld();
  const { receiverSecret: before } = await world.add({ from: 0 });
  const { receiverSecret: now } = await rotateSecret(SIEM, 'somebody', world.ports);
  await world.append(anEntry('one'));
  await world.deliver();
  world.pass(86_400_001);
  await world.append(anEntry('two'));
  await world.deliver();

  expect(now).not.toBe(before);
  expect(world.destination.taken.map(({ secrets }) => secrets)).toEqual([[now, before], [now, before], [now]]);
});

test('what is paused is sent nothing, and goes on where it ended after a test', async () => {
  const world = subscriptionWorld();
  await world.add();
  await world.deliver();
  await pauseSubscription(SIEM, 'somebody', world.ports);
  await pauseSubscription(SIEM, 'somebody', world.ports);
  await world.append(anEntry('one'));
  await world.deliver();
  await world.deliverDue();
  expect(world.indexes()).toEqual([]);

  await resumeSubscription(SIEM, 'somebody', world.ports);
  await world.deliver();
  expect(world.destination.taken.map(({ id }) => id)).toEqual([
    expect.stringContaining('test'),
    expect.stringContaining('test'),
    'acme/siem/0',
  ]);
  expect(changes(world)).toEqual(['added', 'paused', 'resumed']);
});

test('what is resumed sets aside what is refused again, however much was set aside in a row before', async () => {
  const world = subscriptionWorld();
  await world.add();
  await world.deliver();
  await pauseSubscription(SIEM, 'somebody', world.ports);
  const [row] = world.control.all('subscription');
  if (row) world.control.given('subscription', { ...row, parkedInARow: 3 });

  await resumeSubscription(SIEM, 'somebody', world.ports);

  expect(world.control.all('subscription')).toMatchObject([{ state: 'testing', parkedInARow: 0 }]);
});

test('what is removed is sent nothing, keeps no secret, and its name is free', async () => {
  const world = subscriptionWorld();
  await world.add();
  await removeSubscription(SIEM, 'somebody', world.ports);
  await world.append(anEntry('one'));
  await world.deliver();
  await world.deliverDue();

  expect(world.destination.attempts).toBe(0);
  expect((await world.subscription()).secret).toBeUndefined();
  expect(await subscriptionsOf('acme', world.ports)).toEqual([]);
  await expect(testSubscription(SIEM, 'somebody', world.ports)).rejects.toMatchObject({ code: 'state.not-found' });

  await world.add();
  await world.deliver();
  expect(await world.subscription()).toMatchObject({ state: 'active', cursor: 1, failures: 0 });
});

test('what was sent is sent again from an index on, with the same ids', async () => {
  const world = subscriptionWorld();
  await world.add({ from: 0 });
  await world.append(...[0, 1, 2].map((at) => anEntry(`event-${at}`)));
  await world.deliver();
  await resendFrom({ ...SIEM, from: 1 }, 'somebody', world.ports);
  await world.deliver();

  expect(world.indexes()).toEqual([0, 1, 2, 1, 2]);
  await expect(resendFrom({ ...SIEM, from: 4 }, 'somebody', world.ports)).rejects.toMatchObject({
    code: 'input.invalid',
    details: { field: 'from' },
  });
});

test('a test is sent at once, also where entries are not taken', async () => {
  const world = subscriptionWorld();
  await world.add();
  await world.deliver();
  await world.append(anEntry('one'));
  world.destination.behave(() => ({ taken: 0, refusal: { kind: 'later', reason: 'it answered 500' } }));
  await world.deliver();
  await testSubscription(SIEM, 'somebody', world.ports);
  await world.deliver();
  expect(await world.subscription()).toMatchObject({ state: 'active', test: { failure: 'it answered 500' } });

  world.destination.behave(() => undefined);
  await testSubscription(SIEM, 'somebody', world.ports);
  await world.deliver();
  expect((await world.subscription()).test.failure).toBeUndefined();
  expect(world.indexes()).toEqual([0]);
});

test('an operator’s change wins over a run that is at work', async () => {
  const world = subscriptionWorld();
  await world.add({ from: 0 });
  await world.append(anEntry('one'));
  world.destination.behave(async ([delivery]) => {
    if (delivery?.index === 0) await pauseSubscription(SIEM, 'somebody', world.ports);
    return undefined;
  });
  await world.deliver();

  expect(await world.subscription()).toMatchObject({ state: 'paused', cursor: 0 });
});

const TOKEN = '12345678-1234-1234-1234-123456789012';
const QUEUE = 'arn:aws:sqs:eu-central-1:111122223333';

test.each([
  ['name', { name: 'With Space' }],
  ['target', { target: 'http://siem.example.com/' }],
  ['target', { target: 'https://siem.example.com:8088/' }],
  ['target', { target: 'https://user:word@siem.example.com/' }],
  ['target', { kind: 'sqs' as const, target: `${QUEUE}:keywright-dev-api` }],
  ['target', { kind: 'sqs' as const, target: `${QUEUE}:other` }],
  ['target', { kind: 'sns' as const, target: `${QUEUE}:keywright-audit-x` }],
  ['target', { kind: 's3' as const, target: 's3://other-bucket/keywright-audit-x' }],
  ['target', { kind: 's3' as const, target: 's3://keywright-audit-x/../y//' }],
  ['target', { kind: 'datadog' as const, target: 'https://http-intake.logs.datadoghq.com.evil.example/api/v2/logs' }],
  ['secret', { secret: 'whsec_mine' }],
  ['secret', { kind: 'splunk' as const }],
  ['secret', { kind: 'splunk' as const, secret: 'no token' }],
  ['secret', { kind: 'sqs' as const, target: `${QUEUE}:keywright-audit-x`, secret: TOKEN }],
  ['signing', { kind: 'splunk' as const, secret: TOKEN, signing: 'v1a' as const }],
  ['operations', { operations: [] }],
  ['from', { from: 1 }],
  ['from', { from: -1 }],
])('%s is refused, by its name, of %p', async (field, fields) => {
  const world = subscriptionWorld();
  const error = await world.add(fields).catch((thrown: unknown) => thrown);

  expect(error).toMatchObject({ code: 'input.invalid', details: { field } });
  expect(String(error)).not.toContain('whsec_mine');
  expect(world.control.all('subscription')).toEqual([]);
});

test('a name is a customer’s once, and a customer has twenty', async () => {
  const world = subscriptionWorld();
  await world.add();
  await expect(world.add()).rejects.toMatchObject({ code: 'state.forbids', details: { field: 'name' } });
  await world.add({ customerId: 'globex' });
  for (let at = 1; at < 20; at += 1) await world.add({ name: `siem-${at}` });
  await expect(world.add({ name: 'one-more' })).rejects.toMatchObject({ code: 'state.forbids' });
  await expect(world.add({ customerId: 'nobody' })).rejects.toMatchObject({ code: 'state.not-found' });
});
