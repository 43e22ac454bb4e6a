import type { JsonObject } from '../../call';
import { sns } from '../../sns/engine';
import { ACCOUNT, anSqs, bodies } from '../sqs/fixture';
import { administratorOf, clientOf, errorOf, localWorld } from '../support/local-world';

const TOPIC = `arn:aws:sns:eu-central-1:${ACCOUNT}:oncall`;
const QUEUE = `arn:aws:sqs:eu-central-1:${ACCOUNT}:pages`;

const mayPublish = (sourceArn: string) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'sns.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: '*',
        Condition: { ArnEquals: { 'aws:SourceArn': sourceArn } },
      },
    ],
  });

/** A topic, and a queue that lets that topic in. */
async function aTopicWithQueue(Policy = mayPublish(TOPIC)) {
  const world = localWorld();
  const queues = anSqs(world);
  const engine = sns(world, { iam: queues.iam, sendToQueue: queues.engine.sendToQueue });
  const call = clientOf(engine, administratorOf(ACCOUNT));
  const url = await queues.queue('pages', { Policy });
  await call('CreateTopic', { Name: 'oncall' });
  const subscribe = (Attributes: JsonObject = {}) =>
    call('Subscribe', { TopicArn: TOPIC, Protocol: 'sqs', Endpoint: QUEUE, Attributes });
  const publish = (Message: string, more: JsonObject = {}) => call('Publish', { TopicArn: TOPIC, Message, ...more });
  return {
    world,
    queues,
    engine,
    call,
    url,
    subscribe,
    publish,
    received: () => queues.receive(url, { MessageAttributeNames: ['All'] }),
  };
}

test('a subscribed queue receives the message in the envelope that SNS writes', async () => {
  const { subscribe, publish, received } = await aTopicWithQueue();
  await subscribe();

  const { MessageId } = await publish('key lost', {
    Subject: 'page',
    MessageAttributes: { severity: { DataType: 'String', StringValue: 'high' } },
  });

  const [message] = await received();
  expect(JSON.parse(message?.Body ?? '')).toMatchObject({
    Type: 'Notification',
    MessageId,
    TopicArn: TOPIC,
    Subject: 'page',
    Message: 'key lost',
    Timestamp: '2026-03-01T00:00:00.000Z',
    MessageAttributes: { severity: { Type: 'String', Value: 'high' } },
  });
});

test('raw delivery passes the message as it was published, its attributes with it', async () => {
  const { subscribe, publish, received } = await aTopicWithQueue();
  await subscribe({ RawMessageDelivery: 'true' });

  await publish('key lost', { MessageAttributes: { severity: { DataType: 'String', StringValue: 'high' } } });

  expect(await received()).toMatchObject([
    { Body: 'key lost', MessageAttributes: { severity: { DataType: 'String', StringValue: 'high' } } },
  ]);
});

test('a queue whose policy names another topic receives nothing, and publishing does not fail', async () => {
  const { subscribe, publish, received } = await aTopicWithQueue(mayPublish(`${TOPIC}-other`));
  await subscribe();

  await publish('key lost');

  expect(await received()).toEqual([]);
});

test("a message that its queue refuses goes to the subscription's dead-letter queue", async () => {
  const { queues, subscribe, publish, received } = await aTopicWithQueue(mayPublish('arn:aws:sns:*:*:nobody'));
  const dead = await queues.queue('dead', { Policy: mayPublish(TOPIC) });
  const deadLetterTargetArn = `arn:aws:sqs:eu-central-1:${ACCOUNT}:dead`;
  await subscribe({ RawMessageDelivery: 'true', RedrivePolicy: JSON.stringify({ deadLetterTargetArn }) });

  await publish('key lost');

  expect(await received()).toEqual([]);
  expect(bodies(await queues.receive(dead))).toEqual(['key lost']);
});

test('subscribing a queue twice is one subscription; after unsubscribing nothing arrives', async () => {
  const { call, subscribe, publish, received } = await aTopicWithQueue();
  const first = await subscribe();
  const second = await subscribe();
  expect(second).toEqual(first);
  await publish('once');
  expect(await received()).toHaveLength(1);

  await call('Unsubscribe', { SubscriptionArn: String(first['SubscriptionArn']) });
  await publish('to nobody');

  expect(await received()).toEqual([]);
  expect(await call('ListSubscriptionsByTopic', { TopicArn: TOPIC })).toMatchObject({ Subscriptions: [] });
});

test('another account may publish only when the topic policy and its own policies let it', async () => {
  const { engine, call } = await aTopicWithQueue();
  const stranger = clientOf(engine, administratorOf('999988887777'));
  const refused = await errorOf(stranger('Publish', { TopicArn: TOPIC, Message: 'hello' }));
  expect(refused.code).toBe('AuthorizationError');

  const Statement = { Effect: 'Allow', Principal: { AWS: '999988887777' }, Action: 'sns:Publish', Resource: TOPIC };
  const AttributeValue = JSON.stringify({ Version: '2012-10-17', Statement });
  await call('SetTopicAttributes', { TopicArn: TOPIC, AttributeName: 'Policy', AttributeValue });

  await expect(stranger('Publish', { TopicArn: TOPIC, Message: 'hello' })).resolves.toHaveProperty('MessageId');
});

test.each([
  ['Publish', { TopicArn: `${TOPIC}-missing`, Message: 'x' }, 'NotFound', 'Topic does not exist'],
  ['Publish', { TopicArn: TOPIC }, 'InvalidParameter', 'Invalid parameter: Message'],
  [
    'Subscribe',
    { TopicArn: TOPIC, Protocol: 'sqs', Endpoint: 'pages' },
    'InvalidParameter',
    'Invalid parameter: SQS endpoint ARN',
  ],
  ['CreateTopic', { Name: 'no spaces' }, 'InvalidParameter', 'Invalid parameter: Topic Name'],
])('%s with %j is refused as %s', async (operation, input, code, message) => {
  const { call } = await aTopicWithQueue();
  expect(await errorOf(call(operation, input))).toMatchObject({ code, message });
});

test('a planned delay holds a delivery back until it is due, a planned duplicate delivers twice', async () => {
  const { world, engine, subscribe, publish, received } = await aTopicWithQueue();
  await subscribe({ RawMessageDelivery: 'true' });
  world.faults.set([
    { service: 'sns', kind: 'delay', probability: 1, times: 1, delayMs: 5_000 },
    { service: 'sns', kind: 'duplicate', probability: 1, times: 1 },
  ]);

  await publish('late');
  await publish('twice');
  expect(bodies(await received())).toEqual(['twice', 'twice']);
  world.clock.advance(5_000);
  engine.tick();

  expect(bodies(await received())).toEqual(['late']);
  engine.tick();
  expect(await received()).toEqual([]);
});
