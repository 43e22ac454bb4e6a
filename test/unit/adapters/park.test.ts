import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { readContents } from 'local-aws/sqs/messages/message-check';
import { sqsPark } from '../../../shared/adapters/sqs-park';

const queue = mockClient(SQSClient);
beforeEach(() => queue.reset().onAnyCommand().resolves({}));

const sent = async (name: string, ...park: readonly [body: string, reason: object, group?: string]) => {
  const [body, reason, group] = park;
  await sqsPark(new SQSClient({ region: 'eu-central-1' }), `https://sqs/1/${name}`).park(body, { ...reason }, group);
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
