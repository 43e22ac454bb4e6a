import { openStore } from '../../store';
import { eventually, localLambda } from '../support/local-lambda';

/** Prints the bodies of each batch; fails those that say `bad`, throws at `throw`, and never ends at `hang`. */
const WORKER = `export const handler = async ({ Records }) => {
  console.log(JSON.stringify(Records.map(({ body }) => body)));
  if (Records.some(({ body }) => body === 'throw')) throw new Error('no');
  if (Records.some(({ body }) => body === 'hang')) await new Promise(() => {});
  return { batchItemFailures: Records.filter(({ body }) => body === 'bad').map(({ messageId }) => ({ itemIdentifier: messageId })) };
};`;

const started: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((one) => one.stop()));
});

async function workerOn(queue: string, options: Parameters<typeof localLambda>[0] = {}, attributes = {}) {
  const local = localLambda(options);
  started.push(local);
  const queueArn = await local.createQueue(queue, attributes);
  const worker = local.createFunction(WORKER);
  const batches = () =>
    local.engine.logsOf(worker.name).flatMap((line) => (line.startsWith('[') ? [JSON.parse(line) as string[]] : []));
  return { ...local, queueArn, worker, batches, bodies: () => batches().flat() };
}

const isEmpty = ({ visible, hidden }: { visible: number; hidden: number }) => visible + hidden === 0;

test('a message that was dealt with leaves its queue', async () => {
  const local = await workerOn('work');
  await local.map(local.worker.arn, local.queueArn);

  await local.send('work', 'one');

  await eventually(() => local.count('work'), isEmpty);
  expect(local.bodies()).toEqual(['one']);
});

test('only the messages that failed come back, after their visibility timeout', async () => {
  const local = await workerOn('work', {}, { VisibilityTimeout: '60' });
  for (const body of ['good', 'bad', 'fine']) await local.send('work', body);
  await local.map(local.worker.arn, local.queueArn);

  await eventually(
    () => local.count('work'),
    ({ visible, hidden }) => visible === 0 && hidden === 1,
  );
  expect(local.bodies().sort()).toEqual(['bad', 'fine', 'good']);

  local.clock.advance(60_000);
  await eventually(local.bodies, (bodies) => bodies.length === 4);
  expect(local.bodies().at(-1)).toBe('bad');
});

test('an error fails every message of its batch', async () => {
  const local = await workerOn('work', {}, { VisibilityTimeout: '60' });
  for (const body of ['good', 'throw']) await local.send('work', body);
  await local.map(local.worker.arn, local.queueArn, { concurrencyMax: 1 });

  await eventually(local.batches, (batches) => batches.length === 1);
  await local.send('work', 'after');
  await eventually(local.batches, (batches) => batches.length === 2);

  const left = await eventually(
    () => local.count('work'),
    ({ visible, hidden }) => visible === 0 && hidden === 2,
  );
  expect(left).toEqual({ visible: 0, hidden: 2 });
});

test('a message that fails too often becomes a dead letter, the others are not held up', async () => {
  const local = await workerOn('work', { retrySeconds: 0 });
  const deadLetterTargetArn = await local.createQueue('dead');
  await local.createQueue('tried', { RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 3 }) });
  await local.map(local.worker.arn, local.queueArn.replace(':work', ':tried'));

  await local.send('tried', 'bad');
  await local.send('tried', 'good');

  const [letter] = await eventually(
    () => local.receive('dead'),
    (letters) => letters.length > 0,
  );
  expect(letter?.Body).toBe('bad');
  expect(local.bodies().filter((body) => body === 'bad')).toHaveLength(3);
  expect(local.bodies().filter((body) => body === 'good')).toHaveLength(1);
});

test('a function that runs out of time fails its batch and is run afresh', async () => {
  const local = await workerOn('work', {}, { VisibilityTimeout: '60' });
  const slow = local.createFunction(WORKER, { timeoutSeconds: 0.2 });
  await local.map(slow.arn, local.queueArn, { batchSize: 1 });

  await local.send('work', 'hang');
  await eventually(
    () => local.engine.logsOf(slow.name),
    (lines) => lines.some((line) => line.includes('Task timed out')),
  );
  await local.send('work', 'after');

  await eventually(
    () => local.count('work'),
    ({ visible, hidden }) => visible === 0 && hidden === 1,
  );
  expect(local.engine.logsOf(slow.name)).toContain('["after"]');
});

test('batches are gathered up to their size while the window is open, and run when it closes', async () => {
  const local = await workerOn('work', {}, { VisibilityTimeout: '600' });
  await local.map(local.worker.arn, local.queueArn, { batchSize: 3, windowSeconds: 60 });

  for (const body of ['1', '2', '3', '4']) await local.send('work', body);
  await eventually(local.batches, (batches) => batches.length === 1);
  expect(local.batches()[0]).toHaveLength(3);

  local.clock.advance(60_000);
  await eventually(local.batches, (batches) => batches.length === 2);
  expect(local.batches()[1]).toHaveLength(1);
});

test('a first-in-first-out queue keeps the order of a group behind a failure', async () => {
  const local = await workerOn('work', { retrySeconds: 0 });
  const ordered = await local.createQueue('ordered.fifo', { FifoQueue: 'true', ContentBasedDeduplication: 'true' });
  const once = local.createFunction(`let failed = false; export const handler = async ({ Records }) => {
    for (const { body } of Records) console.log(body);
    if (!failed) { failed = true; throw new Error('once'); }
  };`);
  for (const body of ['1', '2', '3']) await local.send('ordered.fifo', body, { MessageGroupId: 'a' });
  await local.map(once.arn, ordered, { batchSize: 1 });

  await eventually(() => local.count('ordered.fifo'), isEmpty);

  expect(local.engine.logsOf(once.name)).toEqual(['1', '1', '2', '3']);
});

test('no more batches run at once than the mapping, or the function, allows', async () => {
  const counting = `export const handler = async () => {
    console.log('in'); await new Promise((resolve) => setTimeout(resolve, 20)); console.log('out'); };`;
  const local = await workerOn('work');
  const other = await local.createQueue('other');
  const [byMapping, byFunction] = [
    local.createFunction(counting),
    local.createFunction(counting, { reservedConcurrency: 1 }),
  ];
  await local.map(byMapping.arn, local.queueArn, { batchSize: 1, concurrencyMax: 1 });
  await local.map(byFunction.arn, other, { batchSize: 1 });
  for (const queue of ['work', 'other']) for (const body of ['1', '2', '3']) await local.send(queue, body);

  await eventually(async () => isEmpty(await local.count('work')) && isEmpty(await local.count('other')), Boolean);

  const oneAfterTheOther = ['in', 'out', 'in', 'out', 'in', 'out'];
  for (const { name } of [byMapping, byFunction]) expect(local.engine.logsOf(name)).toEqual(oneAfterTheOther);
});

test('messages that a filter does not want are dropped unseen', async () => {
  const local = await workerOn('work');
  await local.map(local.worker.arn, local.queueArn, { filters: ['{"body":{"kind":["wanted"]}}'] });

  for (const body of ['{"kind":"wanted"}', '{"kind":"other"}', 'no json']) await local.send('work', body);

  await eventually(() => local.count('work'), isEmpty);
  expect(local.bodies()).toEqual(['{"kind":"wanted"}']);
});

test('a disabled mapping takes nothing', async () => {
  const local = await workerOn('work');
  await local.map(local.worker.arn, local.queueArn, { isEnabled: false });
  const other = await local.createQueue('other');
  await local.map(local.worker.arn, other);

  await local.send('work', 'left');
  await local.send('other', 'taken');
  await eventually(() => local.count('other'), isEmpty);

  expect(await local.count('work')).toEqual({ visible: 1, hidden: 0 });
});

test('what a killed process had in work is given back at once when the next one starts', async () => {
  const store = openStore();
  const killed = await workerOn('work', { store }, { VisibilityTimeout: '600' });
  await killed.map(killed.worker.arn, killed.queueArn);
  await killed.send('work', 'hang');
  await eventually(killed.bodies, (bodies) => bodies.length === 1);

  const next = localLambda({ store });
  started.push(next);

  const lines = await eventually(
    () => next.engine.logsOf(killed.worker.name),
    (logged) => logged.length > 0,
  );
  expect(lines).toEqual(['["hang"]']);
});

test('what a killed process was still gathering is given back, too', async () => {
  const store = openStore();
  const killed = await workerOn('work', { store }, { VisibilityTimeout: '43200' });
  await killed.map(killed.worker.arn, killed.queueArn, { windowSeconds: 300 });
  await killed.send('work', 'gathered');
  await eventually(
    () => killed.count('work'),
    ({ hidden }) => hidden === 1,
  );

  const next = localLambda({ store });
  started.push(next);

  const lines = await eventually(
    () => {
      // The window passes long before the visibility timeout would.
      next.clock.advance(1_000);
      return next.engine.logsOf(killed.worker.name);
    },
    (logged) => logged.length > 0,
  );
  expect(lines).toEqual(['["gathered"]']);
});

test.each([
  ['must be able to read the queue', { policies: [] }, 'does not have permissions to call ReceiveMessage on SQS'],
])('the role of a function %s', async (_, role, message) => {
  const local = await workerOn('work');
  const existing = local.iam.roleOf(local.worker.roleArn);
  if (existing) local.iam.putRole({ ...existing, ...role });

  await expect(local.map(local.worker.arn, local.queueArn)).rejects.toThrow(message);
});

test('a queue that hides messages for less time than the function may take is refused', async () => {
  const local = await workerOn('work', {}, { VisibilityTimeout: '4' });

  await expect(local.map(local.worker.arn, local.queueArn)).rejects.toThrow(
    'Queue visibility timeout: 4 seconds is less than Function timeout: 5 seconds',
  );
});

test('message attributes arrive in the form that functions know', async () => {
  const local = await workerOn('work');
  const printing = local.createFunction(
    'export const handler = async (event) => console.log(JSON.stringify(event.Records[0]));',
  );
  await local.map(printing.arn, local.queueArn);

  await local.send('work', 'one', { MessageAttributes: { colour: { DataType: 'String', StringValue: 'red' } } });

  const [line] = await eventually(
    () => local.engine.logsOf(printing.name),
    (lines) => lines.length > 0,
  );
  expect(JSON.parse(line ?? '')).toMatchObject({
    body: 'one',
    eventSource: 'aws:sqs',
    eventSourceARN: local.queueArn,
    awsRegion: 'eu-central-1',
    attributes: { ApproximateReceiveCount: '1' },
    messageAttributes: { colour: { stringValue: 'red', dataType: 'String' } },
  });
});
