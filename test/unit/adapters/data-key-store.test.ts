import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchGetCommand, DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { CONTROL_TABLE } from '../../../shared/adapters/control-table';
import { DATA_KEY_TABLE } from '../../../shared/adapters/data-key-table';
import { dynamoControlStore } from '../../../shared/adapters/dynamo-control-store';
import { dynamoDataKeyStore } from '../../../shared/adapters/dynamo-data-key-store';
import { type DataKey, type DataKeyName, SHARDS } from '../../../shared/domain/keys/data-key';
import { dataKeyStoreContract, pagesOf } from '../../contract/data-key-store';
import { startDynoxide, type TestDynamo } from '../../support/dynoxide';
import { aDataKey, aMaterial, anArn } from '../../support/make';
import { memoryControlStore } from '../../support/memory-control-store';
import { memoryDataKeyStore } from '../../support/memory-data-key-store';

describe('in memory', () => {
  dataKeyStoreContract(async () => {
    const control = memoryControlStore();
    const store = memoryDataKeyStore(control);
    const misplace = async (from: DataKeyName, to: DataKeyName) => {
      for (const row of await store.findAll([from])) store.misplace(row, to);
    };
    return { control, store, misplace };
  });
});

const keyOf = ({ customerId, dataStoreId, dataKeyId }: DataKeyName) => ({
  pk: `${customerId}#${dataStoreId}`,
  sk: dataKeyId,
});

describe('on DynamoDB', () => {
  let dynamo: TestDynamo;
  beforeAll(async () => {
    dynamo = await startDynoxide();
  });
  afterAll(() => dynamo.stop());

  dataKeyStoreContract(async () => {
    const controlTable = await dynamo.createTable(CONTROL_TABLE);
    const dataKeyTable = await dynamo.createTable(DATA_KEY_TABLE);
    return {
      control: dynamoControlStore(dynamo.documents, controlTable),
      store: dynamoDataKeyStore(dynamo.documents, dataKeyTable, controlTable),
      misplace: (from, to) => dynamo.copy(dataKeyTable, keyOf(from), keyOf(to)),
    };
  });

  test('what is no data key, although it is kept as one, is counted as quarantined and never given for use', async () => {
    const table = await dynamo.createTable(DATA_KEY_TABLE);
    const store = dynamoDataKeyStore(dynamo.documents, table, 'control');
    const broken = {
      wrapped: 'text',
      revision: '1',
      createdAt: 7,
      workedBy: [null],
      formerly: [],
      quarantined: 'x',
      compromised: 1,
    };
    const names = Object.keys(broken).map((dataKeyId) => aDataKey({ dataKeyId }));
    for (const [field, value] of Object.entries(broken)) {
      const row = aDataKey({ dataKeyId: field, revision: 1 });
      await dynamo.documents.send(
        new PutCommand({ TableName: table, Item: { ...row, [field]: value, ...keyOf(row) } }),
      );
    }

    const segments = Array.from({ length: SHARDS }, (_, at) => store.scan({ kmsKeyArn: anArn() }, at, { limit: 100 }));
    const scanned = (await Promise.all(segments)).flatMap(({ dataKeys }) => dataKeys);

    expect(scanned.filter(({ quarantined }) => quarantined?.reason)).toHaveLength(names.length);
    expect(await store.findAll(names)).toEqual([]);
    for (const name of names) await expect(store.find(name)).rejects.toMatchObject({ code: 'store.row-misplaced' });
  });

  test('of what the index shows the table is asked, whatever a row says that it is under', async () => {
    const table = await dynamo.createTable(DATA_KEY_TABLE);
    const store = dynamoDataKeyStore(dynamo.documents, table, 'control');
    const wrapping = `${anArn()}#${aDataKey().keyMaterialId}#0`;
    const claims = {
      ...aDataKey({ kmsKeyArn: anArn('other'), revision: 1 }),
      ...keyOf(aDataKey()),
      name: 'x',
      wrapping,
    };
    await dynamo.documents.send(new PutCommand({ TableName: table, Item: claims }));

    const shown = await store.underWrapping(aDataKey(), 0, { limit: 100, inTable: true });

    expect(shown.dataKeys.map(({ dataKeyId }) => dataKeyId)).toEqual([aDataKey().dataKeyId]);
  });

  test('rows that nobody of ours named are read and read past, at every end of a page', async () => {
    const table = await dynamo.createTable(DATA_KEY_TABLE);
    const store = dynamoDataKeyStore(dynamo.documents, table, 'control');
    const { kmsKeyArn } = aDataKey();
    const keys = ['a#b#c', 'a', '#', '%', '%E0#%', 'a#b'].flatMap((pk) => ['c', 'c#d', '%'].map((sk) => ({ pk, sk })));
    for (const key of keys) {
      const Item = { ...key, kmsKeyArn, name: 'x', wrapping: `${kmsKeyArn}#${aDataKey().keyMaterialId}#0` };
      await dynamo.documents.send(new PutCommand({ TableName: table, Item }));
    }

    const namesOf = (pages: readonly (readonly DataKey[])[]) =>
      new Set(
        pages.flat().map((dataKey) => JSON.stringify([dataKey.customerId, dataKey.dataStoreId, dataKey.dataKeyId])),
      );
    const asked = (after?: string) => ({ limit: 1, ...(after !== undefined && { after }) });
    const shown = await pagesOf((after) => store.underWrapping(aDataKey(), 0, asked(after)));
    const segments = Array.from({ length: SHARDS }, (_, segment) =>
      pagesOf((after) => store.scan({ kmsKeyArn }, segment, asked(after))),
    );
    const scanned = (await Promise.all(segments)).flat();

    expect(shown.flat()).toHaveLength(keys.length);
    expect(scanned.flat()).toHaveLength(keys.length);
    expect(namesOf(shown)).toEqual(namesOf(scanned));
    // No job can move them: they are counted as what somebody has to look at.
    expect(scanned.flat().filter(({ quarantined }) => !quarantined)).toEqual([]);
    expect(await store.findAll([{ customerId: 'a', dataStoreId: 'b', dataKeyId: 'c' }])).toEqual([]);
    await expect(store.newest('a', 'b')).rejects.toMatchObject({ code: 'store.row-misplaced' });
  });
});

describe('what DynamoDB answers', () => {
  const documents = DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'eu-central-1' }));
  const client = mockClient(documents);
  const store = dynamoDataKeyStore(documents, 'table', 'control');
  beforeEach(() => client.reset().onAnyCommand().rejects(new Error('not stubbed')));

  const item = (dataKeyId: string) => ({
    ...aDataKey({ dataKeyId, revision: 1 }),
    pk: 'acme#documents',
    sk: dataKeyId,
  });
  const key = (dataKeyId: string) => ({ pk: 'acme#documents', sk: dataKeyId });

  test('what a batch read left out is asked for again, and only that', async () => {
    client
      .on(BatchGetCommand)
      .resolvesOnce({ Responses: { table: [item('a')] }, UnprocessedKeys: { table: { Keys: [key('b')] } } })
      .resolvesOnce({ Responses: { table: [item('b')] } });

    const found = await store.findAll([aDataKey({ dataKeyId: 'a' }), aDataKey({ dataKeyId: 'b' })]);

    expect(found.map(({ dataKeyId }) => dataKeyId)).toEqual(['a', 'b']);
    expect(client.commandCalls(BatchGetCommand)[1]?.args[0].input.RequestItems).toEqual({
      table: { Keys: [key('b')], ConsistentRead: true },
    });
  });

  test('what the index shows and the table has no more, or elsewhere, is left out where the table is asked', async () => {
    const under = (dataKeyId: string, arn: string) => ({ ...item(dataKeyId), wrapping: `${arn}#${aMaterial(1)}#0` });
    const shown = ['gone', 'moved', 'there'].map((dataKeyId) => under(dataKeyId, anArn()));
    client.on(QueryCommand).resolves({ Items: shown });
    const rows = [under('moved', anArn('new')), under('there', anArn())];
    client.on(BatchGetCommand).resolves({ Responses: { table: rows } });

    const page = await store.underWrapping(aDataKey(), 0, { limit: 100, inTable: true });

    expect(page.dataKeys.map(({ dataKeyId }) => dataKeyId)).toEqual(['there']);
  });

  test('a batch read that never completes ends as unreachable, not as half an answer', async () => {
    client.on(BatchGetCommand).resolves({ UnprocessedKeys: { table: { Keys: [key('a')] } } });

    await expect(store.findAll([aDataKey({ dataKeyId: 'a' })])).rejects.toMatchObject({ code: 'store.unreachable' });
  });

  test('throttling may pass, a refusal does not', async () => {
    client.on(PutCommand).rejects(Object.assign(new Error('slow down'), { name: 'ThrottlingException' }));
    client.on(GetCommand).rejects(Object.assign(new Error('no'), { name: 'AccessDeniedException' }));

    await expect(store.replace(aDataKey())).rejects.toMatchObject({ code: 'store.unreachable', retry: true });
    await expect(store.find(aDataKey())).rejects.toMatchObject({ code: 'store.refused', retry: false });
  });

  test('what is refused of a data key that is written again is its row, what is refused of a table is the table', async () => {
    const refusing = (name: string) => client.on(PutCommand).rejects(Object.assign(new Error('no'), { name }));

    refusing('ValidationException');
    await expect(store.replace(aDataKey())).rejects.toMatchObject({ code: 'store.row-refused', retry: false });
    refusing('AccessDeniedException');
    await expect(store.replace(aDataKey())).rejects.toMatchObject({ code: 'store.refused', retry: false });
  });

  test('an error names the data key and never its bytes', async () => {
    client.on(PutCommand).rejects(Object.assign(new Error('slow down'), { name: 'ThrottlingException' }));

    await expect(store.replace(aDataKey())).rejects.toMatchObject({
      details: { customerId: 'acme', dataStoreId: 'documents', dataKeyId: 'data-key-1' },
    });
  });
});
