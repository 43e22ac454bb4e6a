import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { type BatchGetCommand, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { dynamoLiveTraffic } from '../../../shared/adapters/dynamo-live-traffic';
import { REPORT_TABLE } from '../../../shared/adapters/report-table';
import { liveTrafficContract } from '../../contract/live-traffic';
import { startDynoxide, type TestDynamo } from '../../support/dynoxide';
import { memoryLiveTraffic } from '../../support/memory-live-traffic';

const HUGE = { N: '12345678901234567890.5' };

describe('in memory', () => {
  liveTrafficContract(async (nowMs) => {
    const live = memoryLiveTraffic(nowMs);
    return () => live;
  });
});

describe('on DynamoDB', () => {
  let dynamo: TestDynamo;
  beforeAll(async () => {
    dynamo = await startDynoxide();
  });
  afterAll(() => dynamo.stop());

  liveTrafficContract(async (nowMs) => {
    const table = await dynamo.createTable(REPORT_TABLE);
    return (reporter) => dynamoLiveTraffic(dynamo.documents, table, reporter, nowMs);
  });

  test.each([
    ['text', { calls: '1e9' }],
    ['less than nothing', { calls: -1 }],
    ['nothing at all', {}],
    ['more than can be added up', { calls: Number.MAX_SAFE_INTEGER }],
  ])('%s in place of a count is no news, and stops nobody who counts', async (_, nonsense) => {
    const table = await dynamo.createTable(REPORT_TABLE);
    const live = dynamoLiveTraffic(dynamo.documents, table, 'honest');
    await live.report('own/eu-west-3', { calls: 10, throttled: 0, latencyMs: 65 });
    for (const slot of [0, 1, 2, 3]) {
      const Item = { pk: `live-kms#own/eu-west-3#${slot}`, throttled: 0, latencyMs: 0, reportedAtMs: 0, ...nonsense };
      await dynamo.documents.send(new PutCommand({ TableName: table, Item }));
    }

    expect(await live.count('own/eu-west-3')).toBeUndefined();
  });

  test.each([
    ['in place of a count', { calls: HUGE }, undefined],
    ['in an attribute of nobody', { x: HUGE, calls: { N: '5' } }, 15],
  ])('a number that no program holds %s stops nobody who counts', async (_, hostile, calls) => {
    const table = await dynamo.createTable(REPORT_TABLE);
    const live = dynamoLiveTraffic(dynamo.documents, table, 'honest');
    await live.report('own/eu-west-3', { calls: 10, throttled: 0, latencyMs: 65 });
    const [none, pk] = [{ N: '0' }, await freeSlot(table)];
    const Item = { pk, throttled: none, latencyMs: none, reportedAtMs: none, ...hostile };
    await dynamo.client.send(new PutItemCommand({ TableName: table, Item }));

    expect((await live.count('own/eu-west-3'))?.calls).toBe(calls);
  });

  test('what nobody reports any more is forgotten', async () => {
    const table = await dynamo.createTable(REPORT_TABLE);
    await dynamoLiveTraffic(dynamo.documents, table, 'one', () => 5_000).report('own/eu-west-3', {
      calls: 10,
      throttled: 0,
      latencyMs: 65,
    });

    const { Items = [] } = await dynamo.documents.send(new ScanCommand({ TableName: table }));
    expect(Items.map(({ expiresAt }) => expiresAt)).toEqual([5 + 7 * 86_400]);
  });

  /** A slot that nobody reports in yet. */
  async function freeSlot(TableName: string) {
    const { Items = [] } = await dynamo.documents.send(new ScanCommand({ TableName }));
    const taken = new Set(Items.map(({ pk }) => pk));
    const [free = ''] = [0, 1].map((slot) => `live-kms#own/eu-west-3#${slot}`).filter((pk) => !taken.has(pk));
    return { S: free };
  }

  test('a count of which a part did not come is no count: it would look like calls that never were', async () => {
    const table = await dynamo.createTable(REPORT_TABLE);
    const inPart = {
      send: async (command: BatchGetCommand) => ({
        Responses: { [table]: [] },
        UnprocessedKeys: { [table]: { Keys: command.input.RequestItems?.[table]?.Keys?.slice(1) ?? [] } },
      }),
    };
    const live = dynamoLiveTraffic(inPart as never, table);

    await expect(live.count('own/eu-west-3')).rejects.toMatchObject({ code: 'store.unreachable' });
  });
});
