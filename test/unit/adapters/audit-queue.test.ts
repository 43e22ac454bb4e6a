import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import type { LocalAws } from 'local-aws/aws';
import { readContents } from 'local-aws/sqs/messages/message-check';
import { ACCOUNT, clientSettings, localAws } from 'local-aws/test/support/local-aws';
import { sqsAuditQueue } from '../../../shared/adapters/sqs-audit-queue';
import { auditQueueContract } from '../../contract/audit-queue';
import { localQueue } from '../../support/local-queue';
import { entriesFor } from '../../support/memory-audit';
import { memoryAuditQueue } from '../../support/memory-audit-queue';

describe('in memory', () => {
  auditQueueContract(async () => {
    const queue = memoryAuditQueue();
    return { queue, received: async () => queue.sent, breakDown: async () => queue.refuse() };
  });
});

describe('on a local queue', () => {
  let aws: LocalAws;
  beforeAll(async () => {
    ({ aws } = await localAws());
  });
  afterAll(() => aws.stop());

  auditQueueContract(async () => {
    const { client, url, received, delete: breakDown } = await localQueue(clientSettings(aws, ACCOUNT), { fifo: true });
    return {
      queue: sqsAuditQueue(client, url),
      received: async (count) => (await received(count)).map(({ Body = '' }) => JSON.parse(Body)),
      breakDown,
    };
  });
});

describe('what is sent to SQS', () => {
  const client = new SQSClient({});
  const mock = mockClient(client);
  beforeEach(() => {
    mock.reset();
    mock.onAnyCommand().rejects(new Error('not stubbed'));
  });
  const queue = () => sqsAuditQueue(client, 'https://sqs/queue.fifo');
  const calls = () => mock.commandCalls(SendMessageBatchCommand).map((call) => call.args[0].input.Entries ?? []);

  /** Takes every message but those of the ids. */
  function takeAllBut(...ids: readonly string[]): void {
    mock.on(SendMessageBatchCommand).callsFake(({ Entries: entries = [] }) => ({
      Successful: entries
        .filter(({ Id: id }: { Id: string }) => !ids.includes(id))
        .map(({ Id: id }: { Id: string }) => ({ Id: id })),
      Failed: ids.map((id) => ({ Id: id })),
    }));
  }

  test('each customer is a message group, and the same message has the same deduplication id', async () => {
    takeAllBut();
    const messages = [entriesFor('acme', ['a']), entriesFor('globex', ['b'])];

    expect(await queue().send(messages)).toEqual(new Set());
    await queue().send(messages);

    const [first = [], second = []] = calls();
    expect(first.map((entry) => entry.MessageGroupId)).toEqual(['acme', 'globex']);
    expect(second.map((entry) => entry.MessageDeduplicationId)).toEqual(
      first.map((entry) => entry.MessageDeduplicationId),
    );
    expect(JSON.parse(first[0]?.MessageBody ?? '')).toEqual(messages[0]);
  });

  test.each(['spaces in it', 'ä', 'x'.repeat(129)])(
    'a customer named "%s" has a group of its own all the same',
    async (customerId) => {
      takeAllBut();

      await queue().send([entriesFor(customerId, ['a'])]);

      expect(calls()[0]?.[0]?.MessageGroupId).toMatch(/^[0-9a-f]{64}$/);
    },
  );

  test('at most ten messages and one mebibyte go into a call', async () => {
    takeAllBut();
    const small = Array.from({ length: 11 }, (_, at) => entriesFor(`customer-${at}`, ['a']));
    const large = [1, 2].map((at) => entriesFor(`large-${at}`, ['x'.repeat(300_000)]));

    await queue().send([...small, ...large]);

    expect(calls().map((entries) => entries.length)).toEqual([10, 2, 1]);
  });

  test('what is refused is given back by its place', async () => {
    takeAllBut('1');

    const messages = ['acme', 'globex', 'initech'].map((customerId) => entriesFor(customerId, ['a']));

    expect(await queue().send(messages)).toEqual(new Set([1]));
  });

  test('after a refusal nothing later of that customer is sent: their order holds', async () => {
    takeAllBut('0');
    const messages = [
      entriesFor('acme', ['first']),
      ...Array.from({ length: 9 }, (_, at) => entriesFor(`customer-${at}`, ['a'])),
      entriesFor('acme', ['second']),
    ];

    expect(await queue().send(messages)).toEqual(new Set([0, 10]));
    expect(
      calls()
        .flat()
        .map(({ Id: id }) => id),
    ).not.toContain('10');
  });

  test('a call that gets no answer refuses all of its messages', async () => {
    expect(await queue().send([entriesFor('acme', ['a']), entriesFor('globex', ['b'])])).toEqual(new Set([0, 1]));
  });

  test('characters that SQS refuses are escaped, and the message reads back as it was', async () => {
    takeAllBut();
    const message = entriesFor('acme', ['a\u0001\u0085\uFFFE\uFFFF\u{1FFFE}\uD800 \\uFFFE']);

    await queue().send([message]);

    const body = calls()[0]?.[0]?.MessageBody ?? '';
    expect(() => readContents({ MessageBody: body })).not.toThrow();
    expect(JSON.parse(body)).toEqual(message);
  });
});
