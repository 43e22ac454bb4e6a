/** Orders and refusals of FIFO queues as AWS showed them to localstack's `test_fifo_*` tests, and what the API promises. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorOf, localWorld } from '../support/local-world';
import { anSqs, bodies } from './fixture';

/** A FIFO queue with these messages, `g1-a` being of group `g1`. */
async function aFifoQueue(messages: readonly string[], attributes: Readonly<Record<string, string>> = {}) {
  const sqs = anSqs();
  const url = await sqs.queue('jobs.fifo', attributes);
  for (const body of messages) await sqs.send(url, body, { MessageGroupId: body.split('-')[0] });
  const receive = (max: number, more = {}) => sqs.receive(url, { MaxNumberOfMessages: max, ...more });
  return { ...sqs, url, receive };
}

test('a receive takes as much of the first group as it can before it takes of the next', async () => {
  const { receive } = await aFifoQueue(['g1-a', 'g2-a', 'g1-b', 'g1-c']);
  expect(bodies(await receive(10))).toEqual(['g1-a', 'g1-b', 'g1-c', 'g2-a']);
});

test('a group with a message in flight gives nothing more', async () => {
  const { receive } = await aFifoQueue(['g1-a', 'g1-b', 'g1-c', 'g2-a']);
  expect(bodies(await receive(2))).toEqual(['g1-a', 'g1-b']);
  expect(bodies(await receive(10))).toEqual(['g2-a']);
});

test('a group goes on when every message in flight is deleted, not before', async () => {
  const { url, receive, remove } = await aFifoQueue(['g1-a', 'g1-b', 'g1-c', 'g2-a']);
  const [first, second] = await receive(2);

  await remove(url, first?.ReceiptHandle ?? '');
  expect(bodies(await receive(10))).toEqual(['g2-a']);
  await remove(url, second?.ReceiptHandle ?? '');
  expect(bodies(await receive(10))).toEqual(['g1-c']);
});

test('after a timeout a group comes again in its order, behind the groups that waited', async () => {
  const { world, receive } = await aFifoQueue(['g1-a', 'g1-b', 'g1-c', 'g2-a', 'g3-a'], { VisibilityTimeout: '1' });
  await receive(2);
  await receive(1);
  world.clock.advance(2_000);
  expect(bodies(await receive(10))).toEqual(['g3-a', 'g1-a', 'g1-b', 'g1-c', 'g2-a']);
});

test('a receive with a timeout of zero leaves its groups open, last in turn', async () => {
  const { receive } = await aFifoQueue(['g1-a', 'g2-a', 'g2-b', 'g3-a', 'g1-b']);
  expect(bodies(await receive(3, { VisibilityTimeout: 0 }))).toEqual(['g1-a', 'g1-b', 'g2-a']);
  expect(bodies(await receive(10, { VisibilityTimeout: 0 }))).toEqual(['g3-a', 'g1-a', 'g1-b', 'g2-a', 'g2-b']);
});

test('the first message of a group may come again while the second is still in flight', async () => {
  const { url, receive, hide } = await aFifoQueue(['g1-a', 'g1-b', 'g2-a']);
  const [first] = await receive(2);
  await hide(url, first?.ReceiptHandle ?? '', 0);
  expect(bodies(await receive(3))).toEqual(['g2-a', 'g1-a']);
});

test('a later message of a group never comes before an earlier one that is hidden', async () => {
  const { url, receive, hide } = await aFifoQueue(['g1-a', 'g1-b']);
  const [, second] = await receive(2);
  await hide(url, second?.ReceiptHandle ?? '', 0);
  expect(await receive(10)).toEqual([]);
});

test('the same content within five minutes is one message, with the id and number of the first', async () => {
  const { world, url, send, counts } = await aFifoQueue([]);
  const first = await send(url, 'same', { MessageGroupId: 'g1' });
  world.clock.advance(299_999);
  const second = await send(url, 'same', { MessageGroupId: 'g2' });
  expect([second['MessageId'], second['SequenceNumber']]).toEqual([first['MessageId'], first['SequenceNumber']]);
  expect(await counts(url)).toEqual([1, 0, 0]);

  world.clock.advance(1);
  await send(url, 'same', { MessageGroupId: 'g1' });
  expect(await counts(url)).toEqual([2, 0, 0]);
});

test('sequence numbers grow, and go on growing after a kill', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sqs-'));
  const numbers: number[] = [];
  for (let life = 0; life < 3; life++) {
    const { queue, send } = anSqs(localWorld({ folder }));
    const url = await queue('jobs.fifo');
    for (const body of ['a', 'b']) {
      const sent = await send(url, `${body}${life}`, { MessageGroupId: 'g' });
      numbers.push(Number(sent['SequenceNumber']));
    }
  }
  expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
});

test('a repeated message is recognised after a kill', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sqs-'));
  const before = anSqs(localWorld({ folder }));
  const url = await before.queue('jobs.fifo');
  const first = await before.send(url, 'same', { MessageGroupId: 'g' });

  const again = await anSqs(localWorld({ folder })).send(url, 'same', { MessageGroupId: 'g' });
  expect(again['MessageId']).toBe(first['MessageId']);
});

test('a handle whose time is over does not delete, so that no two consumers own a group', async () => {
  const { world, url, receive, remove, counts } = await aFifoQueue(['g1-a']);
  const [message] = await receive(1);
  world.clock.advance(30_000);

  const error = await errorOf(remove(url, message?.ReceiptHandle ?? ''));
  expect(error).toMatchObject({
    queryCode: 'InvalidParameterValue',
    message: expect.stringContaining('The receipt handle has expired.'),
  });
  expect(await counts(url)).toEqual([1, 0, 0]);
});

test('a purge empties the queue and forgets what it had taken', async () => {
  const { call, url, send, counts } = await aFifoQueue(['g1-a']);
  await call('PurgeQueue', { QueueUrl: url });
  expect(await counts(url)).toEqual([0, 0, 0]);
  await send(url, 'g1-a', { MessageGroupId: 'g1' });
  expect(await counts(url)).toEqual([1, 0, 0]);
});

test('a poison message moves to the dead-letter queue and lets its group go on', async () => {
  const { queue, call, url, receive, remove } = await aFifoQueue(['g1-poison', 'g1-b'], { VisibilityTimeout: '0' });
  const dead = await queue('dead.fifo');
  const deadLetterTargetArn = 'arn:aws:sqs:eu-central-1:111111111111:dead.fifo';
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 1 });
  await call('SetQueueAttributes', { QueueUrl: url, Attributes: { RedrivePolicy } });
  expect(bodies(await receive(1))).toEqual(['g1-poison']);

  const [next] = await receive(1, { VisibilityTimeout: 30 });
  expect(next?.Body).toBe('g1-b');
  await remove(url, next?.ReceiptHandle ?? '');
  const moved = await call('ReceiveMessage', { QueueUrl: dead });
  expect(moved['Messages']).toMatchObject([{ Body: 'g1-poison' }]);
});
