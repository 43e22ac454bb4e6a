/** The data-key table: wrapped data keys, what they are called by and what they are wrapped under. */
import { randomUUID } from 'node:crypto';
import {
  BatchGetCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  type QueryCommandInput,
  ScanCommand,
  TransactWriteCommand,
} from '@aws-sdk/lib-dynamodb';
import type { DataStoreName } from '../domain/customer';
import { BATCH_MAX, type DataKey, type DataKeyName, SHARDS } from '../domain/data-key';
import { type ErrorDetails, KeywrightError } from '../domain/errors';
import type { DataKeyStore, PageOf, Wrapping } from '../domain/ports';
import { dataStoreKey } from '../domain/rows';
import { stableHash } from '../domain/stable-hash';
import { keyOfRow } from './control-table';
import { DATA_KEY_INDEX } from './data-key-table';
import { storeError } from './dynamo-errors';

/** How often what a batch read left out is asked for again before the caller is told. */
const BATCH_ATTEMPTS = 8;

type Item = Record<string, unknown>;

/** @param controlTableName Where the data stores are: a new data key is stored under the key that its data store names. */
export function dynamoDataKeyStore(
  client: DynamoDBDocumentClient,
  tableName: string,
  controlTableName: string,
): DataKeyStore {
  const table = { TableName: tableName };

  const underWrapping = (wrapping: Wrapping, shard: number, within?: DataStoreName) => ({
    ...table,
    IndexName: DATA_KEY_INDEX,
    KeyConditionExpression: `wrapping = :wrapping${within ? ' AND begins_with(#name, :store)' : ''}`,
    ...(within && { ExpressionAttributeNames: { '#name': 'name' } }),
    ExpressionAttributeValues: {
      ':wrapping': partitionOf(wrapping, shard),
      ...(within && { ':store': `${storeKeyOf(within)}#` }),
    },
  });

  const inDataStore = (dataStore: DataStoreName, request: Omit<QueryCommandInput, 'TableName'>) => ({
    ...table,
    ...request,
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ...request.ExpressionAttributeValues, ':pk': storeKeyOf(dataStore) },
    ConsistentRead: true,
  });

  return {
    async find(name) {
      const { Item: item } = await answered(nameIn(name), () =>
        client.send(new GetCommand({ ...table, Key: keyOf(name), ConsistentRead: true })),
      );
      return item === undefined ? undefined : dataKeyOf(item);
    },

    async findAll(names) {
      if (names.length > BATCH_MAX) throw new RangeError(`at most ${BATCH_MAX} data keys are read together`);
      const found: DataKey[] = [];
      let keys: Item[] = names.map(keyOf);
      for (let attempt = 1; keys.length > 0; attempt += 1) {
        if (attempt > BATCH_ATTEMPTS) throw storeError(new Error('UnprocessedKeys'), { left: keys.length });
        const asked = { [tableName]: { Keys: keys, ConsistentRead: true } };
        const answer = await answered({}, () => client.send(new BatchGetCommand({ RequestItems: asked })));
        found.push(...(answer.Responses?.[tableName] ?? []).map(dataKeyOf));
        keys = answer.UnprocessedKeys?.[tableName]?.Keys ?? [];
      }
      return found;
    },

    async newest(customerId, dataStoreId) {
      const newestFirst = inDataStore({ customerId, dataStoreId }, { ScanIndexForward: false, Limit: 1 });
      const page = await answered({ customerId, dataStoreId }, () => client.send(new QueryCommand(newestFirst)));
      return page.Items?.map(dataKeyOf)[0];
    },

    async create(dataKey) {
      const created = { ...dataKey, revision: 1 };
      const put = { ...table, Item: itemOf(created), ConditionExpression: 'attribute_not_exists(pk)' };
      const check = { TableName: controlTableName, ...namesKey(dataKey) };
      const actions = { TransactItems: [{ Put: put }, { ConditionCheck: check }], ClientRequestToken: randomUUID() };
      await answered(nameIn(dataKey), () => client.send(new TransactWriteCommand(actions)));
      return created;
    },

    async replace(dataKey) {
      const replaced = { ...dataKey, revision: dataKey.revision + 1 };
      const read = {
        ConditionExpression: 'revision = :read',
        ExpressionAttributeValues: { ':read': dataKey.revision },
      };
      const put = new PutCommand({ ...table, Item: itemOf(replaced), ...read });
      await answered(nameIn(dataKey), () => client.send(put));
      return replaced;
    },

    async underWrapping(wrapping, shard, page) {
      const { after, limit, within } = page;
      const asked = withoutSetAside(underWrapping(wrapping, shard, within), page);
      const from = after === undefined ? {} : { ExclusiveStartKey: indexKeyOf(after, partitionOf(wrapping, shard)) };
      const answer = await answered({ ...wrapping, shard }, () =>
        client.send(new QueryCommand({ ...asked, ...from, Limit: limit })),
      );
      return pageOf((answer.Items ?? []).map(dataKeyOf), answer.LastEvaluatedKey?.['name']);
    },

    async countUnder(wrapping, shard, within) {
      let count = 0;
      let after: Item | undefined;
      do {
        const asked = { ...underWrapping(wrapping, shard, within), ...(after && { ExclusiveStartKey: after }) };
        const answer = await answered({ ...wrapping, shard }, () =>
          client.send(new QueryCommand({ ...asked, Select: 'COUNT' })),
        );
        count += answer.Count ?? 0;
        after = answer.LastEvaluatedKey;
      } while (after !== undefined);
      return count;
    },

    async sweep({ within, ...under }, segment, page) {
      const asked = {
        ...withoutSetAside({ ...table, ...filterOf(under) }, page),
        ...(page.after !== undefined && { ExclusiveStartKey: tableKeyOf(page.after) }),
        ConsistentRead: true,
      };
      const answer = await answered({ ...under, segment }, () =>
        within
          ? client.send(new QueryCommand(inDataStore(within, asked)))
          : client.send(new ScanCommand({ ...asked, Segment: segment, TotalSegments: SHARDS })),
      );
      const found = (answer.Items ?? []).map(dataKeyOf);
      const kept = found.slice(0, page.limit);
      const last = kept.at(-1);
      // A page of DynamoDB holds up to 1 MB, often more than was asked for: the next one begins after the last one kept.
      if (kept.length < found.length && last) return pageOf(kept, nameOf(last));
      return pageOf(kept, nameOfKey(answer.LastEvaluatedKey));
    },
  };
}

const namesKey = ({ customerId, dataStoreId, kmsKeyArn }: Omit<DataKey, 'revision'>) => ({
  Key: { pk: keyOfRow('data-store', dataStoreKey(customerId, dataStoreId)) },
  ConditionExpression: 'kmsKeyArn = :key',
  ExpressionAttributeValues: { ':key': kmsKeyArn },
});

interface Filtered {
  readonly FilterExpression?: string;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: Item;
}

type Under = Omit<Parameters<DataKeyStore['sweep']>[0], 'within'>;

function filterOf({ kmsKeyArn, exceptKeyMaterialId, evenFormerly }: Under): Filtered {
  if (kmsKeyArn === undefined) return {};
  const material = exceptKeyMaterialId === undefined ? '' : ' AND keyMaterialId <> :material';
  const isUnder = `kmsKeyArn = :key${material}`;
  return {
    FilterExpression: evenFormerly ? `(${isUnder} OR attribute_exists(formerly.#key))` : isUnder,
    ExpressionAttributeValues: { ':key': kmsKeyArn, ...(material && { ':material': exceptKeyMaterialId }) },
    ...(evenFormerly && { ExpressionAttributeNames: { '#key': kmsKeyArn } }),
  };
}

function withoutSetAside<Request extends Filtered>(request: Request, { exceptSetAsideBy }: PageOf): Request {
  if (exceptSetAsideBy === undefined) return request;
  const others = '(attribute_not_exists(setAside) OR setAside.jobId <> :job)';
  return {
    ...request,
    FilterExpression: request.FilterExpression === undefined ? others : `${request.FilterExpression} AND ${others}`,
    ExpressionAttributeValues: { ...request.ExpressionAttributeValues, ':job': exceptSetAsideBy },
  };
}

const pageOf = (dataKeys: readonly DataKey[], next: string | undefined) =>
  next === undefined ? { dataKeys } : { dataKeys, next };

// ---- names and keys: the parts of a name are escaped, so that no two names share a key ------------------------------

const storeKeyOf = ({ customerId, dataStoreId }: DataStoreName) =>
  `${encodeURIComponent(customerId)}#${encodeURIComponent(dataStoreId)}`;

const keyOf = (name: DataKeyName) => ({
  pk: storeKeyOf(name),
  sk: encodeURIComponent(name.dataKeyId),
});

const nameOf = (name: DataKeyName) => nameOfKey(keyOf(name));

function nameOfKey(key: { readonly pk: string; readonly sk: string }): string;
function nameOfKey(key: Item | undefined): string | undefined;
function nameOfKey(key: Item | undefined): string | undefined {
  return key === undefined ? undefined : `${key['pk']}#${key['sk']}`;
}

function tableKeyOf(name: string) {
  const [customer, dataStore, dataKey] = name.split('#');
  return { pk: `${customer}#${dataStore}`, sk: dataKey };
}

const indexKeyOf = (name: string, partition: string) => ({ ...tableKeyOf(name), wrapping: partition, name });

const partitionOf = ({ kmsKeyArn, keyMaterialId }: Wrapping, shard: number) => `${kmsKeyArn}#${keyMaterialId}#${shard}`;

function itemOf(dataKey: DataKey): Item {
  const name = nameOf(dataKey);
  return { ...dataKey, ...keyOf(dataKey), name, wrapping: partitionOf(dataKey, stableHash(name) % SHARDS) };
}

function dataKeyOf(item: Item): DataKey {
  const { pk: _pk, sk: _sk, name: _name, wrapping: _wrapping, ...dataKey } = item;
  return dataKey as unknown as DataKey;
}

const nameIn = ({ customerId, dataStoreId, dataKeyId }: DataKeyName): ErrorDetails => ({
  customerId,
  dataStoreId,
  dataKeyId,
});

async function answered<Answer>(details: ErrorDetails, ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    throw error instanceof KeywrightError ? error : storeError(error, details);
  }
}
