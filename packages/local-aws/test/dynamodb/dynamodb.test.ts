import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BatchWriteItemCommand,
  CreateTableCommand,
  DeleteItemCommand,
  DeleteTableCommand,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  ExecuteStatementCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteItemsCommand,
  UpdateContinuousBackupsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { DescribeStreamCommand, DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { openStore } from '../../store';
import { HOME, type LocalDynamo, localDynamo } from '../support/local-dynamo';

const TABLE_ARN = `arn:aws:dynamodb:eu-central-1:111111111111:table/keys`;

const createTable = (name = 'keys') =>
  new CreateTableCommand({
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    AttributeDefinitions: [
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'owner', AttributeType: 'S' },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'by-owner',
        KeySchema: [{ AttributeName: 'owner', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
  });
const key = (pk: string) => ({ pk: { S: pk } });
const put = (pk: string, TableName = 'keys') => new PutItemCommand({ TableName, Item: key(pk) });
const DENIED = expect.objectContaining({ name: 'AccessDeniedException' });

let dynamo: LocalDynamo;
beforeAll(async () => {
  dynamo = await localDynamo();
  await dynamo.administrator.send(createTable());
});
afterAll(() => dynamo.stop());

describe('a table', () => {
  test('has ARNs of the account and region it was made in', async () => {
    const { Table } = await dynamo.administrator.send(new DescribeTableCommand({ TableName: 'keys' }));

    expect(Table?.TableArn).toBe(TABLE_ARN);
    expect(Table?.GlobalSecondaryIndexes?.[0]?.IndexArn).toBe(`${TABLE_ARN}/index/by-owner`);
    expect(Table?.LatestStreamArn).toMatch(new RegExp(`^${TABLE_ARN}/stream/`));
  });

  test('has a stream that is found by its ARN', async () => {
    const { Table } = await dynamo.administrator.send(new DescribeTableCommand({ TableName: 'keys' }));
    const streams = new DynamoDBStreamsClient(dynamo.settings);
    const stream = new DescribeStreamCommand({ StreamArn: Table?.LatestStreamArn });

    const { StreamDescription } = await streams.send(stream);

    expect(StreamDescription).toMatchObject({ TableName: 'keys', StreamArn: Table?.LatestStreamArn });
    streams.destroy();
  });

  test('can have point-in-time recovery, which is told afterwards', async () => {
    const { administrator } = dynamo;
    const statusOf = async () => {
      const { ContinuousBackupsDescription } = await administrator.send(
        new DescribeContinuousBackupsCommand({ TableName: 'keys' }),
      );
      return ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus;
    };
    const recovery = { PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } };

    expect(await statusOf()).toBe('DISABLED');
    await administrator.send(new UpdateContinuousBackupsCommand({ TableName: 'keys', ...recovery }));
    expect(await statusOf()).toBe('ENABLED');
    await expect(
      administrator.send(new UpdateContinuousBackupsCommand({ TableName: 'nothing', ...recovery })),
    ).rejects.toThrow(expect.objectContaining({ name: 'ResourceNotFoundException' }));
  });

  test('is not there for another account, nor in another region', async () => {
    for (const client of [dynamo.clientOf('222222222222'), dynamo.clientOf(HOME.accountId, 'eu-west-1')]) {
      await expect(client.send(put('x'))).rejects.toThrow('of account 111111111111 in eu-central-1 only');
    }
  });
});

describe('a role', () => {
  test('may do what its policy says, on the tables that it says', async () => {
    await dynamo.administrator.send(createTable('others'));
    const client = dynamo.as({ Action: ['dynamodb:PutItem', 'dynamodb:UpdateItem'], Resource: TABLE_ARN });

    await client.send(put('a'));
    await client.send(new UpdateItemCommand({ TableName: 'keys', Key: key('a') }));
    await expect(client.send(put('a', 'others'))).rejects.toThrow(DENIED);
    await expect(client.send(new GetItemCommand({ TableName: 'keys', Key: key('a') }))).rejects.toThrow(DENIED);
    await expect(client.send(new DeleteItemCommand({ TableName: 'keys', Key: key('a') }))).rejects.toThrow(
      `is not authorized to perform: dynamodb:DeleteItem on resource: ${TABLE_ARN} because no identity-based policy allows the dynamodb:DeleteItem action`,
    );
  });

  test('that may query an index may not query the table, and the other way round', async () => {
    const query = { ExpressionAttributeNames: { '#k': 'owner' }, ExpressionAttributeValues: { ':v': { S: 'x' } } };
    const onIndex = new QueryCommand({
      TableName: 'keys',
      IndexName: 'by-owner',
      KeyConditionExpression: '#k = :v',
      ...query,
    });
    const onTable = new QueryCommand({
      TableName: 'keys',
      KeyConditionExpression: '#k = :v',
      ...query,
      ExpressionAttributeNames: { '#k': 'pk' },
    });
    const ofIndex = dynamo.as({ Action: 'dynamodb:Query', Resource: `${TABLE_ARN}/index/*` });
    const ofTable = dynamo.as({ Action: 'dynamodb:Query', Resource: TABLE_ARN });

    await ofIndex.send(onIndex);
    await ofTable.send(onTable);
    await expect(ofIndex.send(onTable)).rejects.toThrow(DENIED);
    await expect(ofTable.send(onIndex)).rejects.toThrow(DENIED);
  });

  test('needs each action of a transaction for each table of it, and without one nothing is written', async () => {
    const transaction = new TransactWriteItemsCommand({
      TransactItems: [
        { Put: { TableName: 'keys', Item: key('t1') } },
        { ConditionCheck: { TableName: 'keys', Key: key('t2'), ConditionExpression: 'attribute_not_exists(pk)' } },
      ],
    });
    const partly = dynamo.as({ Action: 'dynamodb:PutItem', Resource: TABLE_ARN });
    const fully = dynamo.as({ Action: ['dynamodb:PutItem', 'dynamodb:ConditionCheckItem'], Resource: TABLE_ARN });

    await expect(partly.send(transaction)).rejects.toThrow('dynamodb:ConditionCheckItem');
    const { Item } = await dynamo.administrator.send(new GetItemCommand({ TableName: 'keys', Key: key('t1') }));
    expect(Item).toBeUndefined();
    await fully.send(transaction);
  });

  test('needs the batch action for every table of a batch', async () => {
    const client = dynamo.as({ Action: 'dynamodb:BatchWriteItem', Resource: TABLE_ARN });
    const batch = (...tables: string[]) =>
      new BatchWriteItemCommand({
        RequestItems: Object.fromEntries(tables.map((table) => [table, [{ PutRequest: { Item: key('b') } }]])),
      });

    await client.send(batch('keys'));
    await expect(client.send(batch('keys', 'others'))).rejects.toThrow(DENIED);
  });

  test('limited to leading keys reaches only those items', async () => {
    const client = dynamo.as({
      Action: ['dynamodb:*'],
      Resource: TABLE_ARN,
      Condition: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['customer-7#*'] } },
    });
    const query = (pk: string) =>
      new QueryCommand({
        TableName: 'keys',
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: pk } },
      });
    const batch = (...names: string[]) =>
      new BatchWriteItemCommand({ RequestItems: { keys: names.map((name) => ({ PutRequest: { Item: key(name) } })) } });

    await client.send(put('customer-7#a'));
    await client.send(query('customer-7#a'));
    await client.send(batch('customer-7#b', 'customer-7#c'));
    await expect(client.send(put('customer-8#a'))).rejects.toThrow(DENIED);
    await expect(client.send(query('customer-8#a'))).rejects.toThrow(DENIED);
    await expect(client.send(batch('customer-7#b', 'customer-8#b'))).rejects.toThrow(DENIED);
  });

  test('cannot slip past its policy with PartiQL', async () => {
    const client = dynamo.as({ Action: 'dynamodb:PartiQLSelect', Resource: '*' });
    await expect(client.send(new ExecuteStatementCommand({ Statement: 'SELECT * FROM keys' }))).rejects.toThrow(
      'Local DynamoDB has no ExecuteStatement',
    );
  });
});

test('what the engine refuses is refused in its own words', async () => {
  await dynamo.administrator.send(put('once'));
  const again = new PutItemCommand({
    TableName: 'keys',
    Item: key('once'),
    ConditionExpression: 'attribute_not_exists(pk)',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });

  await expect(dynamo.administrator.send(again)).rejects.toThrow(
    expect.objectContaining({ name: 'ConditionalCheckFailedException', Item: key('once') }),
  );
  await expect(dynamo.administrator.send(new ScanCommand({ TableName: 'nothing' }))).rejects.toThrow(
    expect.objectContaining({ name: 'ResourceNotFoundException' }),
  );
});

describe('the stream of a table', () => {
  const folders: string[] = [];
  afterAll(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });
  const newFolder = () => {
    const folder = mkdtempSync(join(tmpdir(), 'keywright-dynamo-'));
    folders.push(folder);
    return folder;
  };
  const streamArnOf = async ({ administrator }: LocalDynamo) => {
    const { Table } = await administrator.send(new DescribeTableCommand({ TableName: 'keys' }));
    return Table?.LatestStreamArn ?? '';
  };
  const keysOf = (read: Awaited<ReturnType<LocalDynamo['streams']['read']>>) =>
    read.records.map((record) => (record.dynamodb['Keys'] as { pk: { S: string } }).pk.S);

  test('gives every change once and in order, a page at a time, and then waits for the next', async () => {
    const own = await localDynamo();
    await own.administrator.send(createTable());
    const arn = await streamArnOf(own);
    for (const pk of ['1', '2', '3']) await own.administrator.send(put(pk));
    await own.administrator.send(new DeleteItemCommand({ TableName: 'keys', Key: key('1') }));

    const first = await own.streams.read(arn, undefined, 3);
    const second = await own.streams.read(arn, first.position, 3);
    const nothing = await own.streams.read(arn, second.position, 3);
    await own.administrator.send(put('4'));
    const third = await own.streams.read(arn, nothing.position, 3);
    await own.stop();

    expect([first, second, nothing, third].map(keysOf)).toEqual([['1', '2', '3'], ['1'], [], ['4']]);
    expect(second.records[0]).toMatchObject({ eventName: 'REMOVE', eventID: expect.stringMatching(/^[0-9a-f]{32}$/) });
    expect(new Set([...first.records, ...third.records].map(({ eventID }) => eventID)).size).toBe(4);
  });

  test('gives the same records again to who asks again from the same position', async () => {
    const own = await localDynamo();
    await own.administrator.send(createTable());
    const arn = await streamArnOf(own);
    for (const pk of ['1', '2', '3']) await own.administrator.send(put(pk));

    const { position } = await own.streams.read(arn, undefined, 1);
    const once = await own.streams.read(arn, position, 10);
    const again = await own.streams.read(arn, position, 10);
    await own.stop();

    expect(keysOf(once)).toEqual(['2', '3']);
    expect(again).toEqual(once);
  });

  test('keeps positions and records when the engine is started again on the same folder', async () => {
    const kept = { folder: newFolder(), store: openStore() };
    const before = await localDynamo(kept);
    await before.administrator.send(createTable());
    const arn = await streamArnOf(before);
    for (const pk of ['1', '2']) await before.administrator.send(put(pk));
    const { position } = await before.streams.read(arn, undefined, 1);
    await before.stop();

    const after = await localDynamo(kept);
    await after.administrator.send(put('3'));
    const read = await after.streams.read(arn, position, 10);
    const arnAfter = await streamArnOf(after);
    await after.administrator.send(new DeleteTableCommand({ TableName: 'keys' }));
    await after.stop();

    expect(arnAfter).toBe(arn);
    expect(keysOf(read)).toEqual(['2', '3']);
  });

  test('of an empty table has a position to go on from', async () => {
    const own = await localDynamo();
    await own.administrator.send(createTable());
    const arn = await streamArnOf(own);

    const empty = await own.streams.read(arn, undefined, 10);
    await own.administrator.send(put('1'));
    const read = await own.streams.read(arn, empty.position, 10);
    await own.stop();

    expect(keysOf(empty)).toEqual([]);
    expect(keysOf(read)).toEqual(['1']);
  });
});
