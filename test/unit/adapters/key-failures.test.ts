import { DeleteTableCommand, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { dynamoKeyFailures, keyFailureIn } from '../../../shared/adapters/dynamo-key-failures';
import { KEY_FAILURE, REPORT_TABLE } from '../../../shared/adapters/report-table';
import { keyFailuresContract } from '../../contract/key-failures';
import { startDynoxide, type TestDynamo } from '../../support/dynoxide';
import { anArn, NOW } from '../../support/make';
import { memoryKeyFailures } from '../../support/memory-key-failures';

let dynamo: TestDynamo;
beforeAll(async () => {
  dynamo = await startDynoxide();
});
afterAll(() => dynamo.stop());

const get = (TableName: string, kmsKeyArn: string) =>
  new GetItemCommand({ TableName, Key: { pk: { S: KEY_FAILURE + kmsKeyArn } } });

describe('in memory', () => {
  keyFailuresContract(async () => {
    const failures = memoryKeyFailures();
    return {
      failures,
      kept: async (kmsKeyArn) => new Map(failures.reported).get(kmsKeyArn),
      breakDown: async () => failures.down(true),
    };
  });
});

describe('on DynamoDB', () => {
  keyFailuresContract(async () => {
    const table = await dynamo.createTable(REPORT_TABLE);
    return {
      failures: dynamoKeyFailures(dynamo.documents, table),
      kept: async (kmsKeyArn) => keyFailureIn((await dynamo.client.send(get(table, kmsKeyArn))).Item ?? {}).failure,
      breakDown: async () => void (await dynamo.client.send(new DeleteTableCommand({ TableName: table }))),
    };
  });
});

test('what is reported is what the table’s stream says, and every report is a change', async () => {
  const table = await dynamo.createTable(REPORT_TABLE);
  let nowMs = Date.parse(NOW);
  const failures = dynamoKeyFailures(dynamo.documents, table, () => nowMs);
  const stored = async () => (await dynamo.client.send(get(table, anArn()))).Item ?? {};

  await failures.report(anArn(), 'kms.key-disabled');
  const first = await stored();
  nowMs += 10_000;
  await failures.report(anArn(), 'kms.key-disabled');
  const second = await stored();

  expect(keyFailureIn(first)).toEqual({ kmsKeyArn: anArn(), failure: 'kms.key-disabled' });
  expect(second).not.toEqual(first);
  // A day, in seconds: for DynamoDB to remove it.
  expect(Number(first['expiresAt']?.N)).toBe(Date.parse(NOW) / 1000 + 86_400);
});

test('an item that is something else says nothing', () => {
  const nothing = { kmsKeyArn: undefined, failure: undefined };

  expect(keyFailureIn({ pk: { S: 'live-kms#own#1' } })).toEqual(nothing);
  expect(keyFailureIn({})).toEqual(nothing);
});
