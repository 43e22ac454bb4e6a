/** The stack that receives reports: each ends by itself. */
import type { DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { receiveReport } from '../../../shared/domain/availability/receive-reports';
import { KeywrightError } from '../../../shared/domain/errors';
import { basicsOf } from '../../../shared/runtime/basics';
import { onReports } from '../../../shared/runtime/on-reports';
import { aKmsKey, anArn, silentLog } from '../../support/make';
import { memoryControlStore } from '../../support/memory-control-store';
import { memoryPark } from '../../support/memory-park';

const record = (position: number, item: Record<string, object>): DynamoDBRecord => ({
  eventName: 'MODIFY',
  dynamodb: { SequenceNumber: String(position), NewImage: item as never },
});

const failureOf = (kmsKeyArn: string, failure = 'kms.key-disabled') => ({
  pk: { S: `key-failure#${kmsKeyArn}` },
  failure: { S: failure },
});

const HOSTILE = [
  {},
  { pk: { S: 'key-failure#' } },
  { pk: { S: `key-failure#${'x'.repeat(2000)}` }, failure: { S: 'kms.key-disabled' } },
  { pk: { S: `key-failure#${anArn()}` }, failure: { M: {} } },
  failureOf(anArn(), 'invented words'),
  { pk: { S: 'fact#1' }, detailType: { S: 'incident-opened.v1' }, detail: { S: '{' } },
];

function receiving(breaking: Partial<ReturnType<typeof memoryControlStore>> = {}) {
  const control = memoryControlStore();
  control.given('kms-key', aKmsKey({ revision: 1 }), aKmsKey({ kmsKeyArn: anArn('other'), revision: 1 }));
  const park = memoryPark();
  let calls = 0;
  const counted =
    <Arguments extends readonly unknown[], Answer>(run: (...given: Arguments) => Answer) =>
    (...given: Arguments) => {
      calls += 1;
      return run(...given);
    };
  const basics = { ...basicsOf('receive-reports'), log: silentLog };
  const ports = {
    ...basics,
    control: { find: counted(control.find), commit: counted(control.commit), ...breaking },
    park,
  };
  const handler = onReports((report) => receiveReport(report, ports), ports);
  const receive = (...Records: DynamoDBRecord[]) =>
    handler({ Records } as DynamoDBStreamEvent, {} as never, {} as never);
  return { control, parked: park.parked, receive, calls: () => calls };
}

const signalled = ({ outbox }: ReturnType<typeof memoryControlStore>) =>
  outbox.map(({ detail }) => detail['kmsKeyArn']);

test('what is no report is ignored, and its neighbours are signalled', async () => {
  const { control, parked, receive } = receiving();
  const hostile = HOSTILE.map((item, at) => record(at, item));

  const answer = await receive(record(90, failureOf(anArn())), ...hostile, record(99, failureOf(anArn('other'))));

  expect(answer).toEqual({ batchItemFailures: [] });
  expect(signalled(control)).toEqual([anArn(), anArn('other')]);
  // Whoever may report could fill the dead letters otherwise.
  expect(parked).toEqual([]);
});

test('what may pass comes again, and keeps no neighbour back', async () => {
  const world = receiving();
  const { receive } = receiving({
    ...world.control,
    find: async (entityType, id) => {
      if (id === anArn()) throw new KeywrightError('store.unreachable', 'no answer');
      return world.control.find(entityType, id);
    },
  });

  const answer = await receive(record(1, failureOf(anArn())), record(2, failureOf(anArn('other'))));

  expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: '1' }] });
  expect(signalled(world.control)).toEqual([anArn('other')]);
});

test('what cannot succeed until somebody mends it is parked', async () => {
  const { control, parked, receive } = receiving();
  control.misplace('kms-key', anArn('other'), anArn());

  await receive(record(1, failureOf(anArn())), record(2, failureOf(anArn('other'))));

  expect(parked.map(({ body }) => JSON.parse(body))).toEqual([{ kmsKeyArn: anArn(), failure: 'kms.key-disabled' }]);
  expect(signalled(control)).toEqual([anArn('other')]);
});

test('of many reports of one key the newest counts, which costs what one does: nobody else waits', async () => {
  const { control, receive, calls } = receiving();
  const alone = receiving();
  await alone.receive(record(1, failureOf(anArn(), 'kms.access-denied')));

  const flood = Array.from({ length: 98 }, (_, at) => record(at, failureOf(anArn())));
  const newest = record(98, failureOf(anArn(), 'kms.access-denied'));
  await receive(...flood, newest, record(99, failureOf(anArn(), 'invented words')));

  expect(control.outbox.map(({ detail }) => detail['observed'])).toEqual(['an application: kms.access-denied']);
  expect(calls()).toBe(alone.calls());
});

test('whoever says all the time that a key works hides no failure of it', async () => {
  const { control, receive } = receiving();

  await receive(record(1, failureOf(anArn())), record(2, failureOf(anArn(), 'works-again')));

  expect(control.outbox.map(({ detail }) => detail['observed'])).toEqual([
    'an application: kms.key-disabled',
    'an application: works-again',
  ]);
});

test('a report that comes again comes as the newest of its key', async () => {
  const { receive } = receiving({
    find: async () => {
      throw new KeywrightError('store.unreachable', 'no answer');
    },
  });

  const answer = await receive(record(1, failureOf(anArn())), record(2, failureOf(anArn())));

  expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: '2' }] });
});
