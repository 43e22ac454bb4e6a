import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { mockClient } from 'aws-sdk-client-mock';
import { eventBridgeFactPublisher } from '../../../shared/adapters/eventbridge-fact-publisher';

const bus = mockClient(EventBridgeClient);
const publisher = () => eventBridgeFactPublisher(new EventBridgeClient({ region: 'eu-central-1' }), 'keywright-dev');
const facts = (count: number, text = '') =>
  Array.from({ length: count }, (_, at) => ({
    factId: `fact-${at}`,
    detailType: 'x.v1',
    detail: JSON.stringify({ at, text }),
  }));
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

  expect(await publisher().publish(facts(23))).toEqual(new Map());
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

  const refused = await publisher().publish(facts(3));

  expect([...refused]).toEqual([['fact-1', { reason: expect.stringContaining('ThrottlingException'), retry: true }]]);
});

test('a call that fails gives back its own facts; the calls beside it stand', async () => {
  bus
    .on(PutEventsCommand)
    .rejectsOnce(new Error('socket hang up'))
    .callsFake(({ Entries }) => accepted(Entries.length));

  expect((await publisher().publish(facts(12))).size).toBe(10);
});

test.each([
  ['InvalidArgument', false],
  ['MalformedDetail', false],
  ['ThrottlingException', true],
  ['InternalFailure', true],
  // About us, not about the entry: it passes when we are mended.
  ['AccessDeniedException', true],
  ['SomethingNew', true],
])('an entry refused with %s: whether it may be taken later is %p', async (ErrorCode, retry) => {
  bus.on(PutEventsCommand).resolves({ FailedEntryCount: 1, Entries: [{ ErrorCode }] });

  expect((await publisher().publish(facts(1))).get('fact-0')).toMatchObject({ retry });
});

test.each([
  ['a type too long', { detailType: 'x'.repeat(129) }],
  ['more bytes than a call may have', { detail: JSON.stringify('x'.repeat(1_048_576)) }],
])('a fact with %s is never sent, and refused for good; those beside it go out', async (_title, fields) => {
  bus.on(PutEventsCommand).callsFake(({ Entries }) => accepted(Entries.length));
  const [first, second, ...others] = facts(4);

  const refused = await publisher().publish([first, { ...second, ...fields }, ...others] as typeof others);

  expect([...refused]).toEqual([['fact-1', { reason: expect.stringMatching(/^detail(Type)?: /), retry: false }]]);
  expect(sizes()).toEqual([3]);
});

test('a call that fails because of one of its facts is made for each of them alone', async () => {
  const validation = Object.assign(new Error('no'), { name: 'ValidationException' });
  bus.on(PutEventsCommand).callsFake(({ Entries }) => {
    if (Entries.some(({ Detail }: { Detail: string }) => Detail.includes('"at":1,'))) throw validation;
    return accepted(Entries.length);
  });

  expect([...(await publisher().publish(facts(3)))]).toMatchObject([['fact-1', { retry: false }]]);
  expect(sizes()).toEqual([3, 1, 1, 1]);
});

test('a call that is throttled is not made for each fact alone', async () => {
  bus.on(PutEventsCommand).rejects(Object.assign(new Error('no'), { name: 'ThrottlingException' }));

  expect([...(await publisher().publish(facts(3))).values()].every(({ retry }) => retry)).toBe(true);
  expect(sizes()).toEqual([3]);
});

test('a fact leaves in characters that a queue behind the bus may hold, and is the same fact', async () => {
  bus.on(PutEventsCommand).callsFake(({ Entries }) => accepted(Entries.length));
  const [fact] = facts(1, '\uFFFE and \uFFFF');

  await publisher().publish(fact ? [fact] : []);
  await publisher().publish(facts(4, '\uFFFE'.repeat(20_000)));

  const detail = bus.commandCalls(PutEventsCommand)[0]?.args[0].input.Entries?.[0]?.Detail ?? '';
  expect(detail).not.toMatch(/[\uFFFE\uFFFF]/);
  expect(JSON.parse(detail)).toEqual(JSON.parse(fact?.detail ?? ''));
  // As they are written, not as they were: an escape takes six bytes.
  expect(sizes()).toEqual([1, 2, 2]);
});
