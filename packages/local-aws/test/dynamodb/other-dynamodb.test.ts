/** Local AWS on a DynamoDB of the user's own, in each way in which one may show itself. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  GetItemCommand,
  ListTablesCommand,
  ListTagsOfResourceCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListStreamsCommand,
} from '@aws-sdk/client-dynamodb-streams';
import { LocalAwsFault } from '../../start-refused';
import { openStore } from '../../store';
import { HOME, type LocalDynamo, type LocalDynamoOptions, localDynamo } from '../support/local-dynamo';
import { type OtherDynamo, type OtherDynamoOptions, otherDynamo } from '../support/other-dynamo';

const endings: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

async function other(options?: OtherDynamoOptions): Promise<OtherDynamo> {
  const engine = await otherDynamo(options);
  endings.push(engine.stop);
  return engine;
}

/** Ended by the test itself where it says so, else after it. */
async function localOn({ url }: OtherDynamo, options: LocalDynamoOptions = {}): Promise<LocalDynamo> {
  const local = await localDynamo({ ...options, endpoint: url });
  let isStopped = false;
  const stop = async () => {
    if (!isStopped) await local.stop();
    isStopped = true;
  };
  endings.push(stop);
  return { ...local, stop };
}

function dataFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'other-dynamodb-'));
  endings.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const createTable = (TableName = 'keys') =>
  new CreateTableCommand({
    TableName,
    BillingMode: 'PAY_PER_REQUEST',
    DeletionProtectionEnabled: true,
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    Tags: [{ Key: 'team', Value: 'keys' }],
  });
const key = (pk: string) => ({ pk: { S: pk } });
const put = (pk: string, TableName = 'keys') => new PutItemCommand({ TableName, Item: key(pk) });
const arnOf = (table: string) => `arn:aws:dynamodb:${HOME.region}:${HOME.accountId}:table/${table}`;

describe.each<[string, OtherDynamoOptions]>([
  ['DynamoDB Local with a database for all', { isShared: true }],
  ['DynamoDB Local with a database for each access key and region', {}],
  ['one with an account and a region of its own', { region: 'elsewhere-1', accountId: '999988887777' }],
  ['one whose account and region are those of the deployment', { region: HOME.region, accountId: HOME.accountId }],
])('on %s', (_, options) => {
  test('tables, their streams and what is found by ARN are of the deployment, and nothing shows another name', async () => {
    const { administrator, settings, streams } = await localOn(await other(options));

    const { TableDescription } = await administrator.send(createTable());
    await administrator.send(put('a'));
    const { LatestStreamArn: StreamArn = '' } = TableDescription ?? {};

    expect(TableDescription).toMatchObject({ TableName: 'keys', TableArn: arnOf('keys') });
    expect(StreamArn).toMatch(new RegExp(`^${arnOf('keys')}/stream/`));
    const { Tags } = await administrator.send(new ListTagsOfResourceCommand({ ResourceArn: arnOf('keys') }));
    expect(Tags).toEqual([{ Key: 'team', Value: 'keys' }]);
    expect((await streams.read(StreamArn, undefined, 10)).records).toMatchObject([
      { eventName: 'INSERT', dynamodb: { Keys: key('a') } },
    ]);

    const client = new DynamoDBStreamsClient(settings);
    endings.push(() => client.destroy());
    const { StreamDescription } = await client.send(new DescribeStreamCommand({ StreamArn }));
    const { ShardIterator } = await client.send(
      new GetShardIteratorCommand({
        StreamArn,
        ShardId: StreamDescription?.Shards?.[0]?.ShardId,
        ShardIteratorType: 'TRIM_HORIZON',
      }),
    );
    const { Records } = await client.send(new GetRecordsCommand({ ShardIterator }));
    expect(StreamDescription).toMatchObject({ TableName: 'keys', StreamArn });
    expect(Records).toMatchObject([{ awsRegion: HOME.region, dynamodb: { NewImage: key('a') } }]);
  });

  test('an ARN that an earlier process learnt is known to the next one', async () => {
    const [engine, kept] = [await other(options), { folder: dataFolder(), store: openStore() }];
    const earlier = await localOn(engine, kept);
    const { TableDescription } = await earlier.administrator.send(createTable());
    await earlier.administrator.send(put('a'));
    await earlier.stop();

    const { streams, administrator, settings } = await localOn(engine, kept);
    const client = new DynamoDBStreamsClient(settings);
    endings.push(() => client.destroy());

    const { Streams } = await client.send(new ListStreamsCommand({}));
    expect(Streams?.map(({ StreamArn }) => StreamArn)).toEqual([TableDescription?.LatestStreamArn]);
    const { records } = await streams.read(TableDescription?.LatestStreamArn ?? '', undefined, 10);
    expect(records).toHaveLength(1);
    expect((await administrator.send(new GetItemCommand({ TableName: 'keys', Key: key('a') }))).Item).toEqual(key('a'));
  });

  test('two that run on it at the same time have tables of the same name, each its own', async () => {
    const engine = await other(options);
    const [one, two] = [await localOn(engine), await localOn(engine)];
    for (const { administrator } of [one, two]) await administrator.send(createTable());

    await one.administrator.send(put('a'));

    const get = new GetItemCommand({ TableName: 'keys', Key: key('a') });
    expect((await one.administrator.send(get)).Item).toEqual(key('a'));
    expect((await two.administrator.send(get)).Item).toBeUndefined();
    expect(await engine.tables()).toHaveLength(2);
  });

  test('what ends leaves nothing there, its protected tables included, and what others have stays', async () => {
    const engine = await other(options);
    const [stays, ends] = [await localOn(engine), await localOn(engine)];
    await stays.administrator.send(createTable());
    for (const name of ['keys', 'data']) await ends.administrator.send(createTable(name));

    await ends.stop();

    expect(await engine.tables()).toHaveLength(1);
    await stays.administrator.send(put('a'));
  });
});

describe('in a DynamoDB that others use', () => {
  test('lists name one’s own tables and streams only, a page at a time', async () => {
    const engine = await other();
    const [ours, theirs] = [await localOn(engine), await localOn(engine)];
    for (const name of ['aaa', 'ccc', 'eee']) await ours.administrator.send(createTable(name));
    for (const name of ['bbb', 'ddd']) await theirs.administrator.send(createTable(name));
    const streams = new DynamoDBStreamsClient(ours.settings);
    endings.push(() => streams.destroy());

    const first = await ours.administrator.send(new ListTablesCommand({ Limit: 2 }));
    const second = await ours.administrator.send(
      new ListTablesCommand({ Limit: 2, ExclusiveStartTableName: first.LastEvaluatedTableName }),
    );
    const all = await streams.send(new ListStreamsCommand({}));
    const one = await streams.send(new ListStreamsCommand({ TableName: 'ccc' }));

    expect([first.TableNames, first.LastEvaluatedTableName]).toEqual([['aaa', 'ccc'], 'ccc']);
    expect([second.TableNames, second.LastEvaluatedTableName]).toEqual([['eee'], undefined]);
    expect(all.Streams?.map(({ TableName }) => TableName).sort()).toEqual(['aaa', 'ccc', 'eee']);
    expect(one.Streams).toMatchObject([{ TableName: 'ccc', StreamArn: expect.stringContaining(arnOf('ccc')) }]);
  });

  test('every way to write and read items reaches one’s own tables, and is answered in their names', async () => {
    const { administrator } = await localOn(await other());
    await administrator.send(createTable());
    const capacity = { ReturnConsumedCapacity: 'TOTAL' } as const;
    const write = { keys: [{ PutRequest: { Item: key('batch') } }] };

    const answers = [
      await administrator.send(new PutItemCommand({ ...capacity, TableName: 'keys', Item: key('put') })),
      await administrator.send(
        new QueryCommand({
          ...capacity,
          TableName: 'keys',
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': { S: 'put' } },
        }),
      ),
    ];
    const lists = [
      await administrator.send(new BatchWriteItemCommand({ ...capacity, RequestItems: write })),
      await administrator.send(
        new TransactWriteItemsCommand({
          ...capacity,
          TransactItems: [
            { Put: { TableName: 'keys', Item: key('transaction') } },
            { ConditionCheck: { TableName: 'keys', Key: key('put'), ConditionExpression: 'attribute_exists(pk)' } },
          ],
        }),
      ),
    ];
    const { Responses } = await administrator.send(
      new BatchGetItemCommand({ RequestItems: { keys: { Keys: ['put', 'batch', 'transaction'].map(key) } } }),
    );

    for (const { ConsumedCapacity } of answers) expect(ConsumedCapacity?.TableName).toBe('keys');
    for (const { ConsumedCapacity } of lists) expect(ConsumedCapacity?.[0]?.TableName).toBe('keys');
    expect(Object.keys(Responses ?? {})).toEqual(['keys']);
    expect(Responses?.['keys']).toHaveLength(3);
  });

  test('items come back as they were written, whatever ARNs and names of tables are in them', async () => {
    const { administrator } = await localOn(await other());
    await administrator.send(createTable());
    const Item = {
      ...key('a'),
      TableName: { S: 'keys' },
      RequestItems: { M: { keys: { S: arnOf('keys') } } },
      theirs: { S: 'arn:aws:dynamodb:ddblocal:000000000000:table/keys' },
      text: { S: '“quoted” \\ \u2028 \u{1f511}' },
    };

    await administrator.send(new PutItemCommand({ TableName: 'keys', Item }));
    const read = await administrator.send(new GetItemCommand({ TableName: 'keys', Key: key('a') }));

    expect(read.Item).toEqual(Item);
  });

  test('a name that is too short for a table stays too short, and refusals name the table as it was named', async () => {
    const { administrator } = await localOn(await other());

    for (const name of ['', 'ab']) await expect(administrator.send(createTable(name))).rejects.toThrow();
    const refused = await administrator
      .send(new DescribeTableCommand({ TableName: 'nothing' }))
      .catch((error: Error) => error);

    expect(refused).toMatchObject({ name: 'ResourceNotFoundException' });
    expect(String(refused)).not.toContain('local-aws-');
  });
});

describe('a folder whose tables are elsewhere is refused in a sentence with the way out', () => {
  test('in the DynamoDB that was named, and nothing is named now', async () => {
    const [folder, store] = [dataFolder(), openStore()];
    await (await localOn(await other(), { folder, store })).stop();

    const refused = localDynamo({ folder, store, endpoint: '' });

    await expect(refused).rejects.toThrow(LocalAwsFault);
    await expect(refused).rejects.toThrow(`${folder} are in a DynamoDB of your own. Set AWS_ENDPOINT_URL_DYNAMODB`);
  });

  test('in dynoxide, and another is named', async () => {
    const [folder, store] = [dataFolder(), openStore()];
    await (await localDynamo({ folder, store, endpoint: '' })).stop();

    const refused = localOn(await other(), { folder, store });

    await expect(refused).rejects.toThrow(LocalAwsFault);
    await expect(refused).rejects.toThrow(`${folder} are in dynoxide. Unset AWS_ENDPOINT_URL_DYNAMODB`);
  });

  test('in one that has lost them, but not where they were deleted', async () => {
    const [engine, kept] = [await other(), { folder: dataFolder(), store: openStore() }];
    const earlier = await localOn(engine, kept);
    for (const name of ['keys', 'gone']) await earlier.administrator.send(createTable(name));
    await earlier.stop();
    engine.forget();

    await expect(localOn(engine, kept)).rejects.toThrow(
      /^DynamoDB has no table keys any more, .* or name another folder/,
    );
  });

  test('a table that was deleted on request is not missed', async () => {
    const [engine, kept] = [await other(), { folder: dataFolder(), store: openStore() }];
    const earlier = await localOn(engine, kept);
    await earlier.administrator.send(
      new CreateTableCommand({ ...createTable().input, DeletionProtectionEnabled: false }),
    );
    await earlier.administrator.send(new DeleteTableCommand({ TableName: 'keys' }));
    await earlier.stop();

    const { administrator } = await localOn(engine, kept);

    expect((await administrator.send(new ListTablesCommand({}))).TableNames).toEqual([]);
  });
});
