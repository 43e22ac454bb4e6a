import type { BatchGetCommand } from '@aws-sdk/lib-dynamodb';
import { CONTROL_TABLE } from '../../../shared/adapters/control-table';
import { dynamoLiveTraffic } from '../../../shared/adapters/dynamo-live-traffic';
import { liveTrafficContract } from '../../contract/live-traffic';
import { startDynoxide, type TestDynamo } from '../../support/dynoxide';
import { memoryLiveTraffic } from '../../support/memory-live-traffic';

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
    const table = await dynamo.createTable(CONTROL_TABLE);
    return (reporter) => dynamoLiveTraffic(dynamo.documents, table, reporter, nowMs);
  });

  test('a count of which a part did not come is no count: it would look like calls that never were', async () => {
    const table = await dynamo.createTable(CONTROL_TABLE);
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
