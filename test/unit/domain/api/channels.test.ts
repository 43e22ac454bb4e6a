/** What people ask about channels, and what they are told; secrets go in and never come out. */
import { channelChanged } from '../../../../events/channel-changed';
import { channelTestRequested } from '../../../../events/channel-test-requested';
import type { ChannelList, ShownChannel } from '../../../../shared/domain/api/channels';
import { ADA, run } from '../../../support/incident-world';
import { aCustomer, NOW } from '../../../support/make';
import { memorySecrets } from '../../../support/memory-pager';
import { type RotationWorld, rotationWorld } from '../../../support/rotation-world';

const ROUTING_KEY = 'R0UTINGKEY0000000000000000000000';
const SIGNING = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
const TOPIC = 'arn:aws:sns:eu-central-1:111122223333:keywright-pages-lead';
const BUS = 'arn:aws:events:eu-central-1:111122223333:event-bus/keywright-pages-soc';

const add = (world: RotationWorld, input: object) => run<{ channel: ShownChannel }>('add-channel', input, world);
const list = (world: RotationWorld, input: object = {}) => run<ChannelList>('list-channels', input, world);

const pagerduty = { name: 'primary', kind: 'pagerduty', secret: ROUTING_KEY };

test.each([
  ['pagerduty', { secret: ROUTING_KEY }, 'https://events.pagerduty.com/v2/enqueue'],
  ['webhook', { target: 'https://soc.example.com/pages', secret: SIGNING }, 'https://soc.example.com/pages'],
  ['slack', { secret: 'https://hooks.slack.com/services/T0/B0/hidden' }, 'https://hooks.slack.com'],
  ['sns', { target: TOPIC }, TOPIC],
  ['eventbridge', { target: BUS }, BUS],
])('a channel of kind %s is added, listed and removed, and its secret is never seen', async (kind, fields, target) => {
  const world = rotationWorld();

  const { channel } = await add(world, { name: 'one', kind, ...fields });
  const listed = await list(world);
  const removed = await run<{ channel: ShownChannel }>('remove-channel', { name: 'one' }, world);

  expect(channel).toMatchObject({
    name: 'one',
    kind,
    target,
    role: 'first',
    hasSecret: 'secret' in fields,
    addedBy: ADA,
  });
  expect(listed).toEqual({ owner: 'oncall', channels: [channel] });
  expect((await list(world)).channels).toEqual([]);
  const told = JSON.stringify([channel, listed, removed, world.control.outbox, world.control.all('page-channels')]);
  expect(told).not.toMatch(/R0UTING|whsec_|hidden/);
  expect(world.control.outbox.map(({ detailType, detail }) => [detailType, detail['change']])).toEqual([
    [channelChanged.detailType, 'added'],
    [channelChanged.detailType, 'removed'],
  ]);
});

test.each<[string, string, object]>([
  ['name', 'of letters that it may not have', { name: 'Primary' }],
  ['name', 'that begins with a hyphen', { name: '-x' }],
  ['name', 'of the stack’s own', { name: 'default' }],
  ['kind', 'that there is not', { kind: 'pigeon' }],
  ['tiers', 'that is no word', { tiers: ['Gold!'] }],
  ['tiers', 'that are none', { tiers: [] }],
  ['tiers', 'of a customer’s contact', { tiers: ['gold'], customerId: 'acme' }],
  ['secret', 'that is missing', { secret: undefined }],
  ['secret', 'that is none', { secret: 'short' }],
  ['secret', 'of a kind that has none', { kind: 'sns', target: TOPIC }],
  ['target', 'of another name', { kind: 'sns', target: TOPIC.replace('keywright-pages-', ''), secret: undefined }],
  ['target', 'that is no bus', { kind: 'eventbridge', target: TOPIC, secret: undefined }],
  ['target', 'that is missing', { kind: 'webhook', secret: SIGNING }],
  ['target', 'without TLS', { kind: 'webhook', target: 'http://example.com', secret: SIGNING }],
  ['target', 'with a token in it', { kind: 'webhook', target: 'https://example.com/?token=x', secret: SIGNING }],
  ['target', 'with a user in it', { kind: 'webhook', target: 'https://a:b@example.com/', secret: SIGNING }],
  [
    'secret',
    'that is too short to sign with',
    { kind: 'webhook', target: 'https://example.com', secret: 'whsec_YWJj' },
  ],
  ['secret', 'that is no URL', { kind: 'slack', secret: 'hidden' }],
  ['role', 'that there is not', { role: 'last' }],
  ['role', 'that a customer’s contact has not', { role: 'escalation', customerId: 'acme' }],
  ['severities', 'of nothing', { severities: [] }],
  ['severities.0', 'that there is not', { severities: ['disaster'] }],
  ['afterMinutes', 'of a first channel', { afterMinutes: 5 }],
  ['afterMinutes', 'that is no time', { role: 'escalation', afterMinutes: 0 }],
  ['timeZone', 'that there is not', { timeZone: 'Europe/Atlantis' }],
  ['hours.to', 'that is no time', { hours: { days: ['mon'], from: '08:00', to: '25:00' } }],
  ['hours.days', 'without a day', { hours: { days: [], from: '08:00', to: '18:00' } }],
  ['customerId', 'that is nobody’s', { customerId: 'nobody' }],
  ['retries', 'that it does not know', { retries: 3 }],
])('%s %s is refused by its name, and nothing is added', async (field, _what, fields) => {
  const world = rotationWorld();
  world.control.given('customer', aCustomer());

  const error = await add(world, { ...pagerduty, ...fields }).catch((thrown: unknown) => thrown);

  expect(error).toMatchObject({ details: { field } });
  expect(String(error)).not.toMatch(/R0UTING|hidden/);
  expect(world.control.all('page-channels')).toEqual([]);
});

test('a secret is sealed for its owner and its channel', async () => {
  const world = rotationWorld();
  world.control.given('customer', aCustomer());
  await add(world, pagerduty);
  await add(world, { ...pagerduty, customerId: 'acme' });

  const rows = world.control.all('page-channels');
  const opened = rows.map(({ owner, channels: [channel] }) =>
    memorySecrets().open(channel?.secret as Uint8Array, `${owner}/primary`),
  );
  expect(rows.map(({ owner }) => owner).sort()).toEqual(['customer/acme', 'oncall']);
  expect(await Promise.all(opened)).toEqual([ROUTING_KEY, ROUTING_KEY]);
});

test('a channel that is added again takes the place of the one of its name', async () => {
  const world = rotationWorld();
  await add(world, pagerduty);
  await add(world, { ...pagerduty, severities: ['critical'] });

  expect((await list(world)).channels).toMatchObject([{ name: 'primary', severities: ['critical'] }]);
});

test('there are twenty at the most', async () => {
  const world = rotationWorld();
  for (let at = 0; at < 20; at += 1) await add(world, { ...pagerduty, name: `c-${at}` });

  await expect(add(world, { ...pagerduty, name: 'c-20' })).rejects.toMatchObject({ code: 'state.forbids' });
  await expect(add(world, { ...pagerduty, name: 'c-19' })).resolves.toBeDefined();
});

test('a customer’s channels are theirs alone, and the change is in their stream', async () => {
  const world = rotationWorld();
  world.control.given('customer', aCustomer(), aCustomer({ customerId: 'globex' }));
  await add(world, { ...pagerduty, customerId: 'acme' });

  expect((await list(world, { customerId: 'acme' })).channels).toHaveLength(1);
  for (const which of [{}, { customerId: 'globex' }]) expect((await list(world, which)).channels).toEqual([]);
  expect(world.control.outbox).toMatchObject([{ detail: { customerId: 'acme', channel: 'primary', changedBy: ADA } }]);
});

test.each(['remove-channel', 'test-channel'])(
  '%s refuses what is not there, and the topic of the stack',
  async (name) => {
    const world = rotationWorld();

    await expect(run(name, { name: 'none' }, world)).rejects.toMatchObject({
      code: 'state.not-found',
      details: { field: 'name' },
    });
    await expect(run(name, { name: 'default' }, world)).rejects.toMatchObject({
      code: 'state.forbids',
      details: { field: 'name' },
    });
  },
);

test('a test is asked for on the channel’s row, together with its fact', async () => {
  const world = rotationWorld();
  await add(world, pagerduty);

  const { testId } = await run<{ testId: string }>('test-channel', { name: 'primary' }, world);

  expect((await list(world)).channels).toMatchObject([{ test: { testId, requestedAt: NOW } }]);
  expect(world.control.outbox.at(-1)).toMatchObject({
    detailType: channelTestRequested.detailType,
    detail: { owner: 'oncall', channel: 'primary', testId },
  });
});

test('what fails is listed with its reason, until it is replaced', async () => {
  const world = rotationWorld();
  await add(world, pagerduty);
  const [row] = world.control.all('page-channels');
  if (!row) throw new Error('no row');
  const failing = { primary: { since: NOW, reason: 'it answered 500' }, default: { since: NOW, reason: 'away' } };
  world.control.given('page-channels', { ...row, failing, dueAt: NOW });

  expect(await list(world)).toMatchObject({
    channels: [{ failing: failing.primary }],
    defaultFailing: failing.default,
  });
  await add(world, pagerduty);
  const { channels } = await list(world);

  expect(channels[0]).not.toHaveProperty('failing');
});
