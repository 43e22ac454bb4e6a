import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import type { LocalAws } from 'local-aws/aws';
import { readContents } from 'local-aws/sqs/messages/message-check';
import { ACCOUNT, clientSettings, localAws } from 'local-aws/test/support/local-aws';
import { sqsPark } from '../../../shared/adapters/sqs-park';
import { parkContract } from '../../contract/park';
import { localQueue } from '../../support/local-queue';
import { memoryPark } from '../../support/memory-park';

describe('in memory', () => {
  parkContract(
    async () => {
      const park = memoryPark();
      return { park, parked: async () => park.parked, breakDown: async () => park.breakDown() };
    },
    { ordered: true },
  );
});

describe.each([
  ['that keeps order', true],
  ['that keeps no order', false],
])('on a local queue %s', (_, fifo) => {
  let aws: LocalAws;
  beforeAll(async () => {
    ({ aws } = await localAws());
  });
  afterAll(() => aws.stop());

  parkContract(
    async () => {
      const queue = await localQueue(clientSettings(aws, ACCOUNT), { fifo });
      return {
        park: sqsPark(queue.client, queue.url),
        parked: async (count) =>
          (await queue.received(count)).map(({ Body: body = '', MessageAttributes, Attributes }) => ({
            body,
            reason: JSON.parse(MessageAttributes?.['reason']?.StringValue ?? ''),
            ...(Attributes?.MessageGroupId !== undefined && { group: Attributes.MessageGroupId }),
          })),
        breakDown: queue.delete,
      };
    },
    { ordered: fifo },
  );
});

describe('what is sent to SQS', () => {
  const client = new SQSClient({ region: 'eu-central-1' });
  const queue = mockClient(client);
  beforeEach(() => queue.reset().onAnyCommand().resolves({}));

  const sent = async (name: string, ...park: readonly [body: string, reason: object, group?: string]) => {
    const [body, reason, group] = park;
    await sqsPark(client, `https://sqs/1/${name}`).park(body, { ...reason }, group);
    return queue.commandCalls(SendMessageCommand).at(-1)?.args[0].input;
  };

  test('what is parked keeps its body, its reason, and in a FIFO queue its group', async () => {
    expect(await sent('dead.fifo', 'work', { code: 'x' }, 'acme')).toMatchObject({
      MessageBody: 'work',
      MessageAttributes: { reason: { StringValue: '{"code":"x"}' } },
      MessageGroupId: 'acme',
    });
  });

  test('a queue that keeps no order is told no group', async () => {
    expect(await sent('dead', 'work', {}, 'acme')).not.toHaveProperty('MessageGroupId');
  });

  test('whatever a message and its reason hold, the dead letters take both', async () => {
    const [body, reason] = ['{"detail":"\uFFFE"}', { reason: 'names \uFFFF\u0000\uD800' }];

    const { MessageBody, MessageAttributes } = (await sent('dead', body, reason)) ?? {};

    expect(() => readContents(JSON.parse(JSON.stringify({ MessageBody, MessageAttributes })))).not.toThrow();
    expect(JSON.parse(MessageBody ?? '')).toEqual(JSON.parse(body));
    expect(JSON.parse(MessageAttributes?.['reason']?.StringValue ?? '')).toEqual(reason);
  });
});
