import { administratorOf, clientOf, errorOf } from '../support/local-world';
import { ACCOUNT, anSqs, bodies, ORIGIN, shortcuts } from './fixture';

const ARN = `arn:aws:sqs:eu-central-1:${ACCOUNT}:jobs`;

test('a queue is addressed by its URL, by any URL with its account and name, or by its name alone', async () => {
  const { queue, send, counts } = anSqs();
  const url = await queue('jobs');
  expect(url).toBe(`${ORIGIN}/${ACCOUNT}/jobs`);
  await send(`https://sqs.eu-central-1.amazonaws.com/${ACCOUNT}/jobs`, 'by another host');
  await send('jobs', 'by name');
  expect(await counts(url)).toEqual([2, 0, 0]);
});

test.each([
  ['GetQueueUrl', { QueueName: 'nowhere' }, 'QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue'],
  [
    'SendMessage',
    { QueueUrl: 'nowhere', MessageBody: 'x' },
    'QueueDoesNotExist',
    'AWS.SimpleQueueService.NonExistentQueue',
  ],
  ['SendMessage', { MessageBody: 'x' }, 'MissingRequiredParameterException', 'MissingParameter'],
  ['SendMessage', { QueueUrl: ORIGIN, MessageBody: 'x' }, 'InvalidAddress', 'InvalidAddress'],
  ['SendMessage', { QueueUrl: 'jobs', MessageBody: 7 }, 'SerializationException', 'MalformedInput'],
  ['CreateQueue', { QueueName: 'with space' }, 'InvalidParameterValueException', 'InvalidParameterValue'],
  ['CreateQueue', { QueueName: 'jobs.fifo' }, 'InvalidParameterValueException', 'InvalidParameterValue'],
  [
    'CreateQueue',
    { QueueName: 'a', Attributes: { FifoQueue: 'true' } },
    'InvalidParameterValueException',
    'InvalidParameterValue',
  ],
  [
    'CreateQueue',
    { QueueName: 'a', Attributes: { VisibilityTimeout: '43201' } },
    'InvalidAttributeValue',
    'InvalidAttributeValue',
  ],
  [
    'CreateQueue',
    { QueueName: 'a', Attributes: { RedrivePolicy: '{"maxReceiveCount":1}' } },
    'InvalidParameterValueException',
    'InvalidParameterValue',
  ],
  ['CreateQueue', { QueueName: 'a', Attributes: { Colour: 'red' } }, 'InvalidAttributeName', 'InvalidAttributeName'],
  [
    'GetQueueAttributes',
    { QueueUrl: 'jobs', AttributeNames: ['FifoQueue'] },
    'InvalidAttributeName',
    'InvalidAttributeName',
  ],
  ['DeleteMessage', { QueueUrl: 'jobs', ReceiptHandle: 'garbage' }, 'ReceiptHandleIsInvalid', 'ReceiptHandleIsInvalid'],
  [
    'SendMessageBatch',
    { QueueUrl: 'jobs', Entries: [] },
    'EmptyBatchRequest',
    'AWS.SimpleQueueService.EmptyBatchRequest',
  ],
  ['Teleport', { QueueUrl: 'jobs' }, 'InvalidAction', 'InvalidAction'],
  ['toString', { QueueUrl: 'jobs' }, 'InvalidAction', 'InvalidAction'],
  ['CancelMessageMoveTask', { TaskHandle: 'x' }, 'InvalidAction', 'InvalidAction'],
])('%s with %j is refused as %s', async (operation, input, code, queryCode) => {
  const { call, queue } = anSqs();
  await queue('jobs');
  expect(await errorOf(call(operation, input))).toMatchObject({ code, queryCode });
});

test('a deleted queue is gone with its messages, and its name is free after 60 seconds', async () => {
  const { world, call, queue, send, counts } = anSqs();
  const url = await queue('jobs');
  await send(url, 'lost with the queue');
  await call('DeleteQueue', { QueueUrl: url });
  expect((await errorOf(send(url, 'x'))).code).toBe('QueueDoesNotExist');
  expect((await errorOf(queue('jobs'))).code).toBe('QueueDeletedRecently');

  world.clock.advance(60_000);
  expect(await counts(await queue('jobs'))).toEqual([0, 0, 0]);
});

test('who waits at a queue that is deleted is told so', async () => {
  const { call, queue, receive } = anSqs();
  const url = await queue('jobs');
  const waiting = errorOf(receive(url, { WaitTimeSeconds: 20 }));
  await call('DeleteQueue', { QueueUrl: url });
  expect((await waiting).code).toBe('QueueDoesNotExist');
});

test('queues are listed by prefix, a page at a time', async () => {
  const { call, queue } = anSqs();
  for (const name of ['a-1', 'a-2', 'a-3', 'b-1']) await queue(name);
  const first = await call('ListQueues', { QueueNamePrefix: 'a-', MaxResults: 2 });
  expect(first['QueueUrls']).toEqual([`${ORIGIN}/${ACCOUNT}/a-1`, `${ORIGIN}/${ACCOUNT}/a-2`]);
  const rest = await call('ListQueues', { QueueNamePrefix: 'a-', MaxResults: 2, NextToken: first['NextToken'] });
  expect(rest).toEqual({ QueueUrls: [`${ORIGIN}/${ACCOUNT}/a-3`] });
});

test('another account needs the queue policy and its own permission', async () => {
  const { engine, call, queue, send, counts } = anSqs();
  const url = await queue('jobs');
  const stranger = shortcuts(clientOf(engine, administratorOf('222222222222')));
  expect((await errorOf(stranger.send(url, 'x'))).code).toMatch(/^AccessDenied/);

  const Statement = { Effect: 'Allow', Principal: { AWS: '222222222222' }, Action: 'sqs:SendMessage', Resource: ARN };
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
  await call('SetQueueAttributes', { QueueUrl: url, Attributes: { Policy } });
  await stranger.send(url, 'let in');
  expect((await errorOf(stranger.receive(url))).code).toMatch(/^AccessDenied/);
  await send(url, 'own');
  expect(await counts(url)).toEqual([2, 0, 0]);
});

test('a service may send only from the source that the queue policy names', async () => {
  const { engine, call, queue, receive } = anSqs();
  const url = await queue('jobs');
  const rule = `arn:aws:events:eu-central-1:${ACCOUNT}:rule/keys`;
  const as = (sourceArn: string) => ({
    service: 'events.amazonaws.com',
    sourceArn,
    attributes: { RULE_ARN: sourceArn },
  });
  expect(() => engine.sendToQueue(ARN, 'x', as(rule))).toThrow(expect.objectContaining({ status: 403 }));

  const Statement = {
    Effect: 'Allow',
    Principal: { Service: 'events.amazonaws.com' },
    Action: 'sqs:SendMessage',
    Resource: ARN,
    Condition: { ArnEquals: { 'aws:SourceArn': rule } },
  };
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
  await call('SetQueueAttributes', { QueueUrl: url, Attributes: { Policy } });
  engine.sendToQueue(ARN, 'let in', as(rule));
  expect(() => engine.sendToQueue(ARN, 'x', as(`${rule}-other`))).toThrow(expect.objectContaining({ status: 403 }));
  expect(await receive(url, { MessageAttributeNames: ['All'] })).toMatchObject([
    { Body: 'let in', MessageAttributes: { RULE_ARN: { DataType: 'String', StringValue: rule } } },
  ]);
});

test('a redrive takes messages back to the queue that gave them up, their count begun anew', async () => {
  const { engine, call, queue, send, receive, counts } = anSqs();
  const dead = await queue('dead');
  const SourceArn = `arn:aws:sqs:eu-central-1:${ACCOUNT}:dead`;
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: SourceArn, maxReceiveCount: 1 });
  const url = await queue('jobs', { RedrivePolicy, VisibilityTimeout: '0' });
  for (const body of ['a', 'b']) await send(url, body);
  await receive(url);
  await receive(url);
  expect(await counts(dead)).toEqual([2, 0, 0]);

  await call('StartMessageMoveTask', { SourceArn });
  engine.tick();

  expect((await call('ListMessageMoveTasks', { SourceArn }))['Results']).toMatchObject([
    { Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 2 },
  ]);
  expect(await counts(dead)).toEqual([0, 0, 0]);
  const back = await receive(url);
  expect(bodies(back)).toEqual(['a', 'b']);
  expect(back[0]?.Attributes).toMatchObject({ ApproximateReceiveCount: '1' });
  expect(back[0]?.Attributes).not.toHaveProperty('DeadLetterQueueSourceArn');
});

test('what the Lambda runner could not finish comes back when it lets go of it', async () => {
  const { world, engine, queue, send } = anSqs();
  const url = await queue('jobs');
  for (const body of ['done', 'failed', 'too late']) await send(url, body);
  const handles = engine
    .receive(ARN, { max: 3, visibilityTimeoutSeconds: 60 })
    .map(({ receiptHandle }) => receiptHandle);

  engine.remove(ARN, handles.slice(0, 1));
  engine.release(ARN, handles.slice(1, 2), 0);
  expect(engine.receive(ARN, { max: 10 }).map(({ body }) => body)).toEqual(['failed']);
  world.clock.advance(60_000);
  engine.receive(ARN, { max: 10 });
  expect(() => engine.remove(ARN, handles)).not.toThrow();
});
