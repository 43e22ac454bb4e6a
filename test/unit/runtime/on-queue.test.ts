/** What becomes of each message of a batch, whatever becomes of its neighbours. */
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { ContractViolation } from '../../../events/define-event';
import { KeywrightError } from '../../../shared/domain/errors';
import { onBatch, onMessages, onQueue, onSchedule, type ReceivedBody } from '../../../shared/runtime/on-queue';
import { after, NOW, silentLog } from '../../support/make';
import { memoryPark } from '../../support/memory-park';

process.env['POWERTOOLS_METRICS_DISABLED'] = 'true';

function stack(parkFails = false) {
  const park = memoryPark();
  if (parkFails) park.breakDown();

  return {
    parked: park.parked,
    ports: {
      clock: { now: () => NOW },
      log: silentLog,
      metrics: new Metrics({ namespace: 'test', serviceName: 'test' }),
      park,
    },
  };
}

/** Messages named `<group>-<number>`: their id, their body and the group before the dash. */
const messages = (...names: readonly string[]) =>
  ({
    Records: names.map((name) => ({
      messageId: name,
      body: JSON.stringify(name),
      attributes: { MessageGroupId: name.split('-')[0] },
    })),
  }) as unknown as SQSEvent;

type Handler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;
const failedOf = async (handler: unknown, event: SQSEvent) =>
  (await (handler as Handler)(event, {} as Context)).batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);

describe('a FIFO queue', () => {
  test('a message that fails keeps those behind it in its group, and nobody else', async () => {
    const worked: unknown[] = [];
    const handler = onMessages(
      async (body) => {
        if (body === 'acme-1') throw new Error('a bug');
        worked.push(body);
      },
      stack().ports,
      { fifo: true },
    );

    const failed = await failedOf(handler, messages('umbrella-1', 'acme-1', 'hooli-1', 'acme-2', 'umbrella-2'));

    expect(failed).toEqual(['acme-1', 'acme-2']);
    expect(worked).toEqual(['umbrella-1', 'hooli-1', 'umbrella-2']);
  });

  test('what is parked stays in its group: whoever reads or sends back one customer’s holds up no other', async () => {
    const { parked, ports } = stack();
    const refuse = async () => {
      throw new KeywrightError('audit.contradicted', 'no');
    };

    const failed = await failedOf(onMessages(refuse, ports, { fifo: true }), messages('acme-1', 'hooli-1'));

    expect(failed).toEqual([]);
    expect(parked.map(({ group }) => group)).toEqual(['acme', 'hooli']);
  });

  test('a message that cannot even be parked keeps nobody else', async () => {
    const handler = onMessages(
      async (body) => {
        if (body === 'acme-1') throw new KeywrightError('audit.contradicted', 'no');
      },
      stack(true).ports,
      { fifo: true },
    );

    expect(await failedOf(handler, messages('acme-1', 'hooli-1'))).toEqual(['acme-1']);
  });
});

test('two hundred messages with one fault are one error, all of them are parked, and each works once sent back', async () => {
  const { parked, ports } = stack();
  const told: string[] = [];
  let now = NOW;
  const log = { ...silentLog, error: () => void told.push('error'), warn: () => void told.push('warn') };
  let isMended = false;
  const run = async (bodies: readonly ReceivedBody[]) =>
    bodies.map(() =>
      isMended ? { outcome: 'recorded' } : { outcome: 'failed', error: new ContractViolation('a', 'b') },
    );
  const handler = onBatch(run, { ...ports, log, clock: { now: () => now } });
  const names = Array.from({ length: 200 }, (_, at) => `a-${at}`);

  await failedOf(handler, messages(...names.slice(0, 100)));
  await failedOf(handler, messages(...names.slice(100)));
  expect(parked).toHaveLength(200);
  expect(told.filter((level) => level === 'error')).toHaveLength(1);
  expect(told).toHaveLength(200);

  now = after(61_000);
  await failedOf(handler, messages('a-200'));
  expect(told.at(-1)).toBe('error');

  isMended = true;
  const back = parked.map(({ body }) => JSON.parse(body));
  await failedOf(handler, messages(...back));
  expect(back.sort()).toEqual([...names, 'a-200'].sort());
  expect(parked).toHaveLength(201);
});

describe('messages that are worked together', () => {
  const poisonedRun = (error: Error) => {
    const worked: unknown[] = [];
    const run = async (bodies: readonly ReceivedBody[]) => {
      if (bodies.some(({ value }) => value === 'acme-1')) throw error;
      worked.push(...bodies.map(({ value }) => value));
      return bodies.map(() => ({ outcome: 'recorded' }));
    };
    return { worked, run };
  };

  test('one that breaks the work on all of them is found, and the others go on', async () => {
    const { worked, run } = poisonedRun(new Error('a bug'));

    const failed = await failedOf(onBatch(run, stack().ports), messages('a-1', 'b-1', 'acme-1', 'c-1', 'd-1'));

    expect(failed).toEqual(['acme-1']);
    expect(worked.sort()).toEqual(['a-1', 'b-1', 'c-1', 'd-1']);
  });

  test('what may pass is not asked of everybody anew: all of them come again', async () => {
    const runs: number[] = [];
    const run = async (bodies: readonly unknown[]) => {
      runs.push(bodies.length);
      throw new KeywrightError('store.unreachable', 'no');
    };

    expect(await failedOf(onBatch(run, stack().ports), messages('a-1', 'b-1'))).toEqual(['a-1', 'b-1']);
    expect(runs).toEqual([2]);
  });
});

test.each([
  [{}, [undefined]],
  [{ part: 3 }, [3]],
  [{ part: 'x' }, []],
])('a schedule wakes the part of the work that it names: %j', async (detail, parts) => {
  const { ports, parked } = stack();
  const worked: unknown[] = [];
  const handler = onQueue([onSchedule(async (part) => void worked.push(part))], ports);
  const body = JSON.stringify({ 'detail-type': 'schedule', detail });

  const failed = await failedOf(handler, { Records: [{ messageId: 'one', body, attributes: {} }] } as never);

  expect([failed, worked]).toEqual([[], parts]);
  expect(parked).toHaveLength(1 - parts.length);
});
