import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorOf, localWorld } from '../support/local-world';
import { anSqs, bodies } from './fixture';

test('a received message is hidden until its visibility timeout ends, and then counts one more receive', async () => {
  const { world, queue, send, receive } = anSqs();
  const url = await queue('jobs');
  await send(url, 'one');

  const [first] = await receive(url);
  expect(first?.Attributes?.['ApproximateReceiveCount']).toBe('1');
  world.clock.advance(29_999);
  expect(await receive(url)).toEqual([]);
  world.clock.advance(1);

  const [second] = await receive(url);
  expect(second).toMatchObject({
    Body: 'one',
    MessageId: first?.MessageId,
    Attributes: { ApproximateReceiveCount: '2' },
  });
  expect(second?.ReceiptHandle).not.toBe(first?.ReceiptHandle);
});

test('a deleted message never comes again, and deleting it again is no error', async () => {
  const { world, queue, send, receive, remove, counts } = anSqs();
  const url = await queue('jobs');
  await send(url, 'one');
  const [message] = await receive(url);

  await remove(url, message?.ReceiptHandle ?? '');
  await remove(url, message?.ReceiptHandle ?? '');
  world.clock.advance(60_000);

  expect(await receive(url)).toEqual([]);
  expect(await counts(url)).toEqual([0, 0, 0]);
});

test('the handle of an earlier delivery deletes nothing', async () => {
  const { queue, send, receive, remove } = anSqs();
  const url = await queue('jobs', { VisibilityTimeout: '0' });
  await send(url, 'one');
  const [early] = await receive(url);
  await receive(url);

  await remove(url, early?.ReceiptHandle ?? '');

  expect(bodies(await receive(url))).toEqual(['one']);
});

test('a delayed message appears when its delay is over', async () => {
  const { world, queue, send, receive, counts } = anSqs();
  const url = await queue('jobs', { DelaySeconds: '5' });
  await send(url, 'at once', { DelaySeconds: 0 });
  await send(url, 'by the queue');
  await send(url, 'by itself', { DelaySeconds: 900 });

  expect(await counts(url)).toEqual([1, 0, 2]);
  expect(bodies(await receive(url))).toEqual(['at once']);
  world.clock.advance(5_000);
  expect(bodies(await receive(url))).toEqual(['by the queue']);
  world.clock.advance(895_000);
  expect(bodies(await receive(url))).toContain('by itself');
});

test('a message leaves the queue when it was kept for the retention period, also while it is hidden', async () => {
  const { world, queue, send, receive, counts } = anSqs();
  const url = await queue('jobs', { MessageRetentionPeriod: '60' });
  await send(url, 'old');
  await receive(url, { VisibilityTimeout: 3_600 });
  world.clock.advance(30_000);
  await send(url, 'young');

  world.clock.advance(31_000);
  expect(await counts(url)).toEqual([1, 0, 0]);
  expect(bodies(await receive(url))).toEqual(['young']);
});

test('a message received too often goes to the dead-letter queue with its id, its count and where it came from', async () => {
  const { queue, send, receive, counts } = anSqs();
  const dead = await queue('dead');
  const deadLetterTargetArn = 'arn:aws:sqs:eu-central-1:111111111111:dead';
  const url = await queue('jobs', {
    VisibilityTimeout: '0',
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 2 }),
  });
  const { MessageId } = await send(url, 'poison');
  await receive(url);
  await receive(url);

  expect(await receive(url)).toEqual([]);
  expect(await counts(url)).toEqual([0, 0, 0]);
  const [message] = await receive(dead);
  expect(message).toMatchObject({
    MessageId,
    Body: 'poison',
    Attributes: {
      ApproximateReceiveCount: '3',
      DeadLetterQueueSourceArn: 'arn:aws:sqs:eu-central-1:111111111111:jobs',
    },
  });
});

test('a batch fails in part: each entry is answered for itself', async () => {
  const { call, queue, receive } = anSqs();
  const url = await queue('jobs');

  const answer = await call('SendMessageBatch', {
    QueueUrl: url,
    Entries: [
      { Id: 'good', MessageBody: 'fine' },
      { Id: 'bad', MessageBody: 'bell \u0007' },
    ],
  });

  expect(answer['Successful']).toMatchObject([{ Id: 'good' }]);
  expect(answer['Failed']).toMatchObject([{ Id: 'bad', Code: 'InvalidMessageContents', SenderFault: true }]);
  expect(bodies(await receive(url))).toEqual(['fine']);
});

test('a hidden message can be hidden for longer, or shown at once', async () => {
  const { world, queue, send, receive, hide } = anSqs();
  const url = await queue('jobs');
  await send(url, 'one');
  const [message] = await receive(url);

  await hide(url, message?.ReceiptHandle ?? '', 100);
  world.clock.advance(99_000);
  expect(await receive(url)).toEqual([]);
  await hide(url, message?.ReceiptHandle ?? '', 0);

  expect(bodies(await receive(url))).toEqual(['one']);
});

test('no message stays hidden for more than 12 hours after it was received', async () => {
  const { world, queue, send, receive, hide } = anSqs();
  const url = await queue('jobs');
  await send(url, 'one');
  const [message] = await receive(url);
  world.clock.advance(10_000);

  const error = await errorOf(hide(url, message?.ReceiptHandle ?? '', 43_200));
  expect(error.code).toBe('InvalidParameterValueException');
});

test('a long poll is answered by the message that arrives, by one that becomes visible, or empty at its end', async () => {
  const { world, engine, queue, send, receive } = anSqs();
  const url = await queue('jobs', { ReceiveMessageWaitTimeSeconds: '20' });

  const first = receive(url);
  await send(url, 'arrived');
  expect(bodies(await first)).toEqual(['arrived']);

  await send(url, 'delayed', { DelaySeconds: 3 });
  const second = receive(url);
  world.clock.advance(3_000);
  engine.tick();
  expect(bodies(await second)).toEqual(['delayed']);

  const third = receive(url, { WaitTimeSeconds: 10 });
  world.clock.advance(10_000);
  engine.tick();
  expect(await third).toEqual([]);
});

test('two who wait at a queue get one message each', async () => {
  const { queue, send, receive } = anSqs();
  const url = await queue('jobs');
  const waiting = [receive(url, { WaitTimeSeconds: 20 }), receive(url, { WaitTimeSeconds: 20 })];
  await send(url, 'one');
  await send(url, 'two');

  expect((await Promise.all(waiting)).map(bodies)).toEqual([['one'], ['two']]);
});

test('a queue opened again after a kill has every message, receive count and timeout that it had acknowledged', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sqs-'));
  const before = anSqs(localWorld({ folder }));
  const url = await before.queue('jobs');
  await before.send(url, 'taken');
  const [taken] = await before.receive(url);
  await before.send(url, 'waiting');
  await before.send(url, 'delayed', { DelaySeconds: 60 });

  const after = anSqs(localWorld({ folder }));
  expect(await after.counts(url)).toEqual([1, 1, 1]);
  expect(bodies(await after.receive(url))).toEqual(['waiting']);
  await after.hide(url, taken?.ReceiptHandle ?? '', 0);
  const [again] = await after.receive(url);
  expect(again).toMatchObject({ Body: 'taken', Attributes: { ApproximateReceiveCount: '2' } });
});
