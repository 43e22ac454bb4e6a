import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { mockClient } from 'aws-sdk-client-mock';
import { eventBridgeFactPublisher } from '../../../shared/adapters/eventbridge-fact-publisher';

const bus = mockClient(EventBridgeClient);
const publisher = () => eventBridgeFactPublisher(new EventBridgeClient({ region: 'eu-central-1' }), 'keywright-dev');
const facts = (count: number, text = '') =>
  Array.from({ length: count }, (_, at) => ({ factId: `fact-${at}`, detailType: 'x.v1', detail: { at, text } }));
const accepted = (count: number) => ({
  FailedEntryCount: 0,
  Entries: Array.from({ length: count }, () => ({ EventId: 'taken' })),
});
const sizes = () => bus.commandCalls(PutEventsCommand).map((call) => call.args[0].input.Entries?.length);

beforeEach(() => {
  bus.reset();
  bus.onAnyCommand().rejects(new Error('not stubbed'));
});

test('a call holds ten entries at the most', async () => {
  bus.on(PutEventsCommand).callsFake(({ Entries }) => accepted(Entries.length));

  expect(await publisher().publish(facts(23))).toEqual(new Set());
  expect(sizes()).toEqual([10, 10, 3]);
});

test('a call holds no more bytes than PutEvents takes', async () => {
  bus.on(PutEventsCommand).callsFake(({ Entries }) => accepted(Entries.length));

  await publisher().publish(facts(4, 'x'.repeat(100_000)));

  expect(sizes()).toEqual([2, 2]);
});

test('what a 200 refuses is given back, and nothing else', async () => {
  bus.on(PutEventsCommand).resolves({
    FailedEntryCount: 1,
    Entries: [{ EventId: 'taken' }, { ErrorCode: 'ThrottlingException' }, { EventId: 'taken' }],
  });

  expect(await publisher().publish(facts(3))).toEqual(new Set(['fact-1']));
});

test('a call that fails gives back its own facts; the calls beside it stand', async () => {
  bus
    .on(PutEventsCommand)
    .rejectsOnce(new Error('socket hang up'))
    .callsFake(({ Entries }) => accepted(Entries.length));

  expect((await publisher().publish(facts(12))).size).toBe(10);
});
