import { DynamoDBClient, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import {
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteCommand,
} from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { CONTROL_TABLE, CONTROL_TTL_ATTRIBUTE } from '../../../shared/adapters/control-table';
import { dynamoControlStore, transactionOf } from '../../../shared/adapters/dynamo-control-store';
import { controlStoreContract } from '../../contract/control-store';
import { startDynoxide, type TestDynamo } from '../../support/dynoxide';
import { aKmsKey, anArn } from '../../support/make';
import { memoryControlStore } from '../../support/memory-control-store';

describe('in memory', () => {
  controlStoreContract(async () => {
    const store = memoryControlStore();
    return { store, facts: async () => store.outbox, misplace: async (...args) => store.misplace(...args) };
  });
});

describe('on DynamoDB', () => {
  let dynamo: TestDynamo;
  beforeAll(async () => {
    dynamo = await startDynoxide();
  });
  afterAll(() => dynamo.stop());

  controlStoreContract(async () => {
    const table = await dynamo.createTable(CONTROL_TABLE);
    const store = dynamoControlStore(dynamo.documents, table);
    return {
      store,
      facts: () => factsOf(dynamo.documents, table),
      misplace: (entityType, id, toId) =>
        dynamo.copy(table, { pk: `${entityType}#${id}` }, { pk: `${entityType}#${toId}` }),
    };
  });

  test('a row of the outbox that no commit wrote is no fact', async () => {
    const TableName = await dynamo.createTable(CONTROL_TABLE);
    const Item = { pk: 'fact#forged', detailType: 'key-rotated.v1', detail: 'no JSON' };
    await dynamo.documents.send(new PutCommand({ TableName, Item }));

    expect(await dynamoControlStore(dynamo.documents, TableName).fact('forged')).toBeUndefined();
  });
});

test('a proof that was used is written once, and goes by the attribute by which DynamoDB removes rows', () => {
  const row = { proofId: 'one', expiresAt: 1_800_000_000, revision: 0 };
  const [action] = transactionOf({ writes: [{ entityType: 'used-proof', row }], facts: [] }, 'table', 0);

  expect(action?.Put).toMatchObject({
    Item: { pk: 'used-proof#one', [CONTROL_TTL_ATTRIBUTE]: 1_800_000_000 },
    ConditionExpression: 'attribute_not_exists(pk)',
  });
});

describe('what DynamoDB answers', () => {
  const documents = DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'eu-central-1' }));
  const client = mockClient(documents);
  const store = dynamoControlStore(documents, 'table');
  const commit = () => store.commit({ writes: [{ entityType: 'kms-key', row: aKmsKey() }], facts: [] });
  beforeEach(() => client.reset().onAnyCommand().rejects(new Error('not stubbed')));

  test.each([
    ['a condition that failed', ['None', 'ConditionalCheckFailed'], 'state.changed-meanwhile'],
    ['a transaction in the way', ['TransactionConflict'], 'state.changed-meanwhile'],
    ['a failed condition beside throttling', ['ThrottlingError', 'ConditionalCheckFailed'], 'state.changed-meanwhile'],
    ['throttling', ['ThrottlingError', 'None'], 'store.unreachable'],
    ['too little capacity', ['ProvisionedThroughputExceeded'], 'store.unreachable'],
    ['an item that is not valid', ['ValidationError'], 'store.refused'],
  ])('%s is told apart', async (_, codes, code) => {
    const cancelled = new TransactionCanceledException({
      $metadata: {},
      message: 'cancelled',
      CancellationReasons: codes.map((Code) => ({ Code })),
    });
    client.on(TransactWriteCommand).rejects(cancelled);

    await expect(commit()).rejects.toMatchObject({ name: 'KeywrightError', code, cause: cancelled });
  });

  test.each([
    ['ProvisionedThroughputExceededException', 'store.unreachable'],
    ['ThrottlingException', 'store.unreachable'],
    ['InternalServerError', 'store.unreachable'],
    ['TransactionInProgressException', 'store.unreachable'],
    ['TimeoutError', 'store.unreachable'],
    ['AccessDeniedException', 'store.refused'],
    ['ResourceNotFoundException', 'store.refused'],
    ['ValidationException', 'store.refused'],
  ])('%s means %s', async (name, code) => {
    client.on(GetCommand).rejects(Object.assign(new Error('no'), { name }));

    await expect(store.find('kms-key', anArn())).rejects.toMatchObject({ code });
  });

  test('no read of a row is eventually consistent', async () => {
    client.on(GetCommand).resolves({});

    await store.find('kms-key', anArn());

    expect(client.commandCalls(GetCommand)[0]?.args[0].input).toMatchObject({ ConsistentRead: true });
  });

  test('an index is read to its last page', async () => {
    const item = (name: string) => ({ pk: `kms-key#${anArn(name)}`, ...aKmsKey({ kmsKeyArn: anArn(name) }) });
    client
      .on(QueryCommand)
      .resolvesOnce({ Items: [item('one')], LastEvaluatedKey: { pk: 'one' } })
      .resolvesOnce({ Items: [], LastEvaluatedKey: { pk: 'two' } })
      .resolvesOnce({ Items: [item('two')] });

    const found: string[] = [];
    for await (const { kmsKeyArn } of store.ofCustomer('kms-key', 'acme')) found.push(kmsKeyArn);

    expect(found).toEqual([anArn('one'), anArn('two')]);
  });
});

async function factsOf(documents: DynamoDBDocumentClient, table: string) {
  const { Items: items } = await documents.send(new ScanCommand({ TableName: table, ConsistentRead: true }));
  return (items ?? [])
    .filter(({ pk }) => String(pk).startsWith('fact#'))
    .map(({ pk, detailType, detail }) => ({ factId: String(pk).slice(5), detailType, detail: JSON.parse(detail) }));
}
