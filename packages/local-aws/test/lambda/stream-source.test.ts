import { openStore } from '../../store';
import { eventually, localLambda } from '../support/local-lambda';

/** Prints the ids of each batch; fails at `bad`, by report; throws at `throw`. */
const WORKER = `export const handler = async ({ Records }) => {
  const ids = Records.map(({ eventID }) => eventID);
  console.log(JSON.stringify(ids));
  if (ids.includes('throw')) throw new Error('no');
  const bad = Records.find(({ eventID }) => eventID === 'bad');
  return { batchItemFailures: bad ? [{ itemIdentifier: bad.dynamodb.SequenceNumber }] : [] };
};`;

const STREAM = 'arn:aws:dynamodb:eu-central-1:111122223333:table/things/stream/2026-01-01T00:00:00.000';

const started: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((one) => one.stop()));
});

function workerOnStream(mapping: Parameters<ReturnType<typeof localLambda>['map']>[2] = {}, options = {}) {
  const local = localLambda(options);
  started.push(local);
  const worker = local.createFunction(WORKER);
  const batches = () => local.engine.logsOf(worker.name).map((line) => JSON.parse(line) as string[]);
  const map = (more = {}) => local.map(worker.arn, STREAM, { batchSize: 100, ...mapping, ...more });
  return { ...local, worker, batches, map };
}

test('records come in order, whole batches at a time, and once', async () => {
  const local = workerOnStream({ batchSize: 2 });
  local.pushRecords('a', 'b', 'c');
  await local.map();

  await eventually(local.batches, (batches) => batches.length === 2);
  local.pushRecords('d');
  await eventually(local.batches, (batches) => batches.length === 3);

  expect(local.batches()).toEqual([['a', 'b'], ['c'], ['d']]);
});

test('a failed record and those behind it come again, those before it do not', async () => {
  const local = workerOnStream({ retriesMax: 1 });
  local.pushRecords('a', 'bad', 'c');
  await local.map();

  await eventually(local.batches, (batches) => batches.length === 1);
  local.clock.advance(60_000);
  await eventually(local.batches, (batches) => batches.length === 2);

  expect(local.batches()).toEqual([
    ['a', 'bad', 'c'],
    ['bad', 'c'],
  ]);
});

test('nothing behind a failing batch runs before it is done with', async () => {
  const local = workerOnStream({ batchSize: 1, retriesMax: 1 });
  local.pushRecords('throw', 'after');
  await local.map();

  await eventually(local.batches, (batches) => batches.length === 1);
  await eventually(
    () => local.engine.isIdle(),
    (idle) => !idle,
  );
  expect(local.batches()).toEqual([['throw']]);

  local.clock.advance(60_000);
  await eventually(local.batches, (batches) => batches.length === 3);
  expect(local.batches()).toEqual([['throw'], ['throw'], ['after']]);
});

test('a batch given up is reported to the queue, by its place in the stream, and the stream goes on', async () => {
  const local = workerOnStream();
  const onFailureArn = await local.createQueue('failures');
  local.pushRecords('throw');
  await local.map({ retriesMax: 0, onFailureArn });

  const [report] = await eventually(
    () => local.receive('failures'),
    (letters) => letters.length > 0,
  );

  expect(JSON.parse(report?.Body ?? '')).toMatchObject({
    requestContext: { functionArn: local.worker.arn, condition: 'RetryAttemptsExhausted', approximateInvokeCount: 1 },
    DDBStreamBatchInfo: { startSequenceNumber: '100', endSequenceNumber: '100', batchSize: 1, streamArn: STREAM },
  });
  local.pushRecords('after');
  await eventually(local.batches, (batches) => batches.at(-1)?.[0] === 'after');
});

test('a batch is tried until its records are too old, by the clock of local AWS', async () => {
  const local = workerOnStream();
  local.clock.advance(86_400_000);
  local.pushRecords('throw');
  await local.map({ ageSecondsMax: 100 });

  await eventually(local.batches, (batches) => batches.length === 1);
  local.clock.advance(60_000);
  await eventually(local.batches, (batches) => batches.length === 2);
  local.clock.advance(60_000);
  await eventually(local.batches, (batches) => batches.length === 3);
  local.pushRecords('after');
  await eventually(local.batches, (batches) => batches.at(-1)?.[0] === 'after');

  expect(local.batches()).toEqual([['throw'], ['throw'], ['throw'], ['after']]);
});

test('a failing batch is halved until the record at fault stands alone', async () => {
  const local = workerOnStream({ bisectsOnError: true, retriesMax: 0 });
  local.pushRecords('a', 'b', 'throw', 'd');
  await local.map();

  const done = () => {
    local.clock.advance(1_000);
    return local.engine.isIdle();
  };
  await eventually(local.batches, (batches) => batches.length > 0);
  await eventually(done, Boolean);

  expect(local.batches()).toEqual([['a', 'b', 'throw', 'd'], ['a', 'b'], ['throw', 'd'], ['throw'], ['d']]);
});

test('LATEST begins behind what was written before the mapping, TRIM_HORIZON at the beginning', async () => {
  const latest = workerOnStream({ startingPosition: 'LATEST' });
  latest.pushRecords('old');
  await latest.map();
  latest.pushRecords('new');
  const oldest = workerOnStream();
  oldest.pushRecords('old');
  await oldest.map();

  await eventually(latest.batches, (batches) => batches.length === 1);
  await eventually(oldest.batches, (batches) => batches.length === 1);

  expect([latest.batches(), oldest.batches()]).toEqual([[['new']], [['old']]]);
});

test('records that a filter does not want are passed over', async () => {
  const local = workerOnStream({
    filters: ['{"eventName":["INSERT"],"dynamodb":{"Keys":{"pk":{"S":[{"prefix":"fact#"}]}}}}'],
  });
  local.pushRecords('fact#1', 'row#1', 'fact#2');
  await local.map();

  await eventually(local.batches, (batches) => batches.length === 1);

  expect(local.batches()).toEqual([['fact#1', 'fact#2']]);
});

test('after a restart reading goes on behind the last batch that ended', async () => {
  const store = openStore();
  const first = workerOnStream({}, { store });
  first.pushRecords('a', 'b');
  await first.map();
  await eventually(first.batches, (batches) => batches.length === 1);
  await eventually(() => first.engine.isIdle(), Boolean);
  await first.engine.close();

  const second = localLambda({ store });
  started.push(second);
  second.pushRecords('a', 'b', 'c');

  const lines = await eventually(
    () => second.engine.logsOf(first.worker.name),
    (found) => found.length > 0,
  );
  expect(lines).toEqual(['["c"]']);
});

test('a mapping that is deployed again keeps its place', async () => {
  const local = workerOnStream();
  local.pushRecords('a');
  const before = await local.map();
  await eventually(local.batches, (batches) => batches.length === 1);

  const after = await local.map();
  local.pushRecords('b');
  await eventually(local.batches, (batches) => batches.length === 2);

  expect(after.id).toBe(before.id);
  expect(local.batches()).toEqual([['a'], ['b']]);
});
