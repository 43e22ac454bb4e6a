import {
  CreateEventBusCommand,
  EventBridgeClient,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { mockClient } from 'aws-sdk-client-mock';
import type { LocalAws } from 'local-aws/aws';
import { ACCOUNT, clientSettings, localAws } from 'local-aws/test/support/local-aws';
import { SOURCE } from '../../../events/define-event';
import { eventBridgeFactPublisher } from '../../../shared/adapters/eventbridge-fact-publisher';
import { factPublisherContract } from '../../contract/fact-publisher';
import { localQueue } from '../../support/local-queue';
import { memoryFactBus } from '../../support/memory-fact-bus';

describe('in memory', () => {
  factPublisherContract(async () => {
    const publisher = memoryFactBus();
    return {
      publisher,
      published: async () => publisher.published,
      breakDown: async () => publisher.breakDown(),
    };
  });
});

describe('on local EventBridge, whose bus a rule brings to a queue', () => {
  let aws: LocalAws;
  let client: EventBridgeClient;
  let buses = 0;
  beforeAll(async () => {
    ({ aws } = await localAws());
    client = new EventBridgeClient(clientSettings(aws, ACCOUNT));
  });
  afterAll(() => aws.stop());

  factPublisherContract(async () => {
    buses += 1;
    const bus = { EventBusName: `facts-${buses}` };
    await client.send(new CreateEventBusCommand({ Name: bus.EventBusName }));
    const queue = await localQueue(clientSettings(aws, ACCOUNT));
    const EventPattern = JSON.stringify({ source: [SOURCE] });
    await client.send(new PutRuleCommand({ ...bus, Name: 'all', EventPattern }));
    await client.send(new PutTargetsCommand({ ...bus, Rule: 'all', Targets: [{ Id: 'queue', Arn: queue.arn }] }));
    const through = new EventBridgeClient(clientSettings(aws, ACCOUNT));
    return {
      publisher: eventBridgeFactPublisher(through, bus.EventBusName),
      published: async (count) =>
        (await queue.received(count)).map(({ Body = '' }) => {
          const { 'detail-type': detailType, detail } = JSON.parse(Body);
          return { detailType, detail: JSON.stringify(detail) };
        }),
      breakDown: async () => {
        through.config.endpoint = async () => NOWHERE;
      },
    };
  });
});

describe('what is sent to EventBridge', () => {
  const client = new EventBridgeClient({ region: 'eu-central-1' });
  const bus = mockClient(client);
  const publisher = () => eventBridgeFactPublisher(client, 'keywright-dev');
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

    expect([...(await publisher().publish(facts(3))).values()].map(({ retry }) => retry)).toEqual([true, true, true]);
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
});

/** A port that nobody listens at. */
const NOWHERE = { protocol: 'http:', hostname: '127.0.0.1', port: 1, path: '/' };
