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
import type { DataStoreName } from '../domain/customers/customer';
import { type ErrorDetails, hasCode, KeywrightError } from '../domain/errors';
import { BATCH_MAX, type DataKey, type DataKeyName, SHARDS } from '../domain/keys/data-key';
import type { DataKeyStore, PageOf, Wrapping } from '../domain/keys/ports';
import { dataStoreKey } from '../domain/rows';
import { stableHash } from '../domain/stable-hash';
import { isKey, isSortKey, keyOfRow } from './control-table';
import { DATA_KEY_INDEX } from './data-key-table';
import { storeError } from './dynamo-errors';
import { misplaced } from './misplaced';

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

  async function itemsAt(wanted: readonly Item[]): Promise<readonly Item[]> {
    const found: Item[] = [];
    let keys: Item[] = [...wanted];
    for (let attempt = 1; keys.length > 0; attempt += 1) {
      if (attempt > BATCH_ATTEMPTS) throw storeError(new Error('UnprocessedKeys'), { left: keys.length });
      const asked = { [tableName]: { Keys: keys, ConsistentRead: true } };
      const answer = await answered({}, () => client.send(new BatchGetCommand({ RequestItems: asked })));
      found.push(...(answer.Responses?.[tableName] ?? []));
      keys = answer.UnprocessedKeys?.[tableName]?.Keys ?? [];
    }
    return found;
  }

  return {
    async find(name) {
      const { Item: item } = await answered(nameIn(name), () =>
        client.send(new GetCommand({ ...table, Key: keyOf(name), ConsistentRead: true })),
      );
      return item && inPlace(item);
    },

    async findAll(names) {
      if (names.length > BATCH_MAX) throw new RangeError(`at most ${BATCH_MAX} data keys are read together`);
      return (await itemsAt(names.map(keyOf))).filter(isWhole).map(dataKeyOf);
    },

    async newest(customerId, dataStoreId) {
      const newestFirst = inDataStore({ customerId, dataStoreId }, { ScanIndexForward: false, Limit: 1 });
      const page = await answered({ customerId, dataStoreId }, () => client.send(new QueryCommand(newestFirst)));
      const [newest] = page.Items ?? [];
      return newest && inPlace(newest);
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
      await answered(nameIn(dataKey), () => client.send(put).catch(refusedRow(dataKey)));
      return replaced;
    },

    async underWrapping(wrapping, shard, page) {
      const { after, limit, within, inTable } = page;
      const asked = withoutQuarantined(underWrapping(wrapping, shard, within), page);
      const answer = await answered({ ...wrapping, shard }, () =>
        client.send(new QueryCommand({ ...asked, ...behind(after), Limit: limit })),
      );
      // The index goes by what a row says.
      const found = (answer.Items ?? []).filter(({ pk }) => within === undefined || pk === storeKeyOf(within));
      const there = inTable
        ? (await itemsAt(found.map(({ pk, sk }) => ({ pk, sk })))).filter(
            (item) => item['wrapping'] === partitionOf(wrapping, shard),
          )
        : found;
      return pageOf(there.map(dataKeyOf), answer.LastEvaluatedKey);
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

    async scan({ within, ...under }, segment, page) {
      const asked = {
        ...withoutQuarantined({ ...table, ...filterOf(under) }, page),
        ...behind(page.after),
        ConsistentRead: true,
      };
      const answer = await answered({ ...under, segment }, () =>
        within
          ? client.send(new QueryCommand(inDataStore(within, asked)))
          : client.send(new ScanCommand({ ...asked, Segment: segment, TotalSegments: SHARDS })),
      );
      const { Items: found = [] } = answer;
      const kept = found.slice(0, page.limit);
      const last = kept.at(-1);
      // A page of DynamoDB holds up to 1 MB, often more than was asked for: the next one begins after the last one kept.
      const end = kept.length < found.length && last ? { pk: last['pk'], sk: last['sk'] } : answer.LastEvaluatedKey;
      return pageOf(kept.map(dataKeyOf), end);
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

type Under = Omit<Parameters<DataKeyStore['scan']>[0], 'within'>;

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

function withoutQuarantined<Request extends Filtered>(request: Request, { exceptQuarantinedBy }: PageOf): Request {
  if (exceptQuarantinedBy === undefined) return request;
  const others = '(attribute_not_exists(quarantined) OR quarantined.jobId <> :job)';
  return {
    ...request,
    FilterExpression: request.FilterExpression === undefined ? others : `${request.FilterExpression} AND ${others}`,
    ExpressionAttributeValues: { ...request.ExpressionAttributeValues, ':job': exceptQuarantinedBy },
  };
}

/** Where a page ended is told as the table's own key of its last row, which may have been put there by anybody. */
const pageOf = (dataKeys: readonly DataKey[], end: Item | undefined) =>
  end === undefined ? { dataKeys } : { dataKeys, next: JSON.stringify(end) };

const behind = (after: string | undefined): { readonly ExclusiveStartKey?: Item } =>
  after === undefined ? {} : { ExclusiveStartKey: JSON.parse(after) };

// ---- names and keys: the parts of a name are escaped, so that no two names share a key ------------------------------

const storeKeyOf = ({ customerId, dataStoreId }: DataStoreName) =>
  `${encodeURIComponent(customerId)}#${encodeURIComponent(dataStoreId)}`;

const keyOf = (name: DataKeyName) => ({
  pk: storeKeyOf(name),
  sk: encodeURIComponent(name.dataKeyId),
});

const partitionOf = ({ kmsKeyArn, keyMaterialId }: Wrapping, shard: number) => `${kmsKeyArn}#${keyMaterialId}#${shard}`;

function itemOf(dataKey: DataKey): Item {
  const key = keyOf(dataKey);
  const name = `${key.pk}#${key.sk}`;
  return { ...dataKey, ...key, name, wrapping: partitionOf(dataKey, stableHash(name) % SHARDS) };
}

/** By the name that the row is kept under. What is no data key, and cannot be replaced by one, is as good as quarantined. */
function dataKeyOf(item: Item): DataKey {
  const name = nameOf(item);
  if (isWhole(item)) return { ...fieldsOf(item), ...name } as DataKey;
  const { kmsKeyArn } = item;
  return { ...name, ...NO_DATA_KEY, kmsKeyArn: isText(kmsKeyArn) ? kmsKeyArn : '' };
}

/** Nothing that such a row says is passed on, but the key that it names: it counts as a need of that. */
const NO_DATA_KEY: Omit<DataKey, keyof DataKeyName | 'kmsKeyArn'> = {
  keyMaterialId: '',
  wrapped: new Uint8Array(),
  createdAt: new Date(0).toISOString(),
  quarantined: { jobId: '', reason: 'store.row-misplaced: the row is no data key', at: new Date(0).toISOString() },
  revision: 0,
};

/** @throws KeywrightError `store.row-misplaced` for a row that says another name than the one it is kept under. */
function inPlace(item: Item): DataKey {
  const name = nameOf(item);
  const isItself = NAMES.every((field) => item[field] === name[field]);
  if (isItself && isWhole(item)) return dataKeyOf(item);
  throw misplaced(`${item['pk']}#${item['sk']}`);
}

const NAMES = ['customerId', 'dataStoreId', 'dataKeyId'] as const;

type Check = (value: unknown) => boolean;

const isText = (value: unknown): value is string => typeof value === 'string';
const isInstant: Check = (value) =>
  isText(value) && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value) && !Number.isNaN(Date.parse(value));
const isObject = (value: unknown): value is Item => (value as Item | null)?.constructor === Object;
const isAbsentOr =
  (is: Check): Check =>
  (value) =>
    value === undefined || is(value);
/** Those fields and no other: what is in none of ours could be what cannot be written again. */
const isMadeOf =
  (shape: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isObject(value) &&
    Object.keys(value).length === Object.keys(shape).length &&
    Object.entries(shape).every(([field, holds]) => holds(value[field]));

/** Source: KMS API reference, ReEncrypt, CiphertextBlob. */
const WRAPPED_BYTES_MAX = 6144;

/** What is read of a row. Applications put rows: whatever one holds, it stops nobody who works through many. */
const SHAPE: Readonly<Record<Exclude<keyof DataKey, keyof DataKeyName>, Check>> = {
  kmsKeyArn: isText,
  keyMaterialId: (value) => isText(value) && value !== '',
  wrapped: (value) => value instanceof Uint8Array && value.length > 0 && value.length <= WRAPPED_BYTES_MAX,
  createdAt: isInstant,
  reencryptedAt: isAbsentOr(isInstant),
  quarantined: isAbsentOr(isMadeOf({ jobId: isText, reason: isText, at: isInstant })),
  compromised: isAbsentOr(isMadeOf({ compromiseId: isText, at: isInstant })),
  formerly: isAbsentOr((value) => isObject(value) && Object.values(value).every(isInstant)),
  workedBy: isAbsentOr((value) => Array.isArray(value) && value.every(isMadeOf({ batch: isText, did: isWork }))),
  revision: (value) => Number(value) >= 1 && Number.isSafeInteger(Number(value) + 1) && typeof value === 'number',
};

function isWork(value: unknown): boolean {
  return value === 'reencrypted' || value === 'quarantined';
}

/** What a row may hold besides its wrapped bytes, so that it can be written again with more. DynamoDB keeps 400 KB. */
const TEXT_BYTES_MAX = 300_000;

/** Whether a row is kept under a name of ours, is a data key, and can be written again as one. */
function isWhole(item: Item): boolean {
  const { pk, sk } = keyOf(nameOf(item));
  const isNamed = pk === item['pk'] && sk === item['sk'] && isSortKey(`${pk}#${sk}`);
  if (!isNamed || !Object.entries(SHAPE).every(([field, holds]) => holds(item[field]))) return false;
  const { wrapped: _bytes, ...texts } = fieldsOf(item);
  return (
    isKey(partitionOf(texts as unknown as Wrapping, SHARDS)) &&
    Buffer.byteLength(JSON.stringify(texts)) <= TEXT_BYTES_MAX
  );
}

/** What a data key has, and nothing else of the row. */
const fieldsOf = (item: Item): Item =>
  Object.fromEntries(Object.keys(SHAPE).flatMap((field) => (field in item ? [[field, item[field]]] : [])));

function nameOf({ pk, sk }: Item): DataKeyName {
  const [customerId = '', dataStoreId = ''] = String(pk).split('#').map(unescaped);
  return { customerId, dataStoreId, dataKeyId: unescaped(String(sk)) };
}

/** As it is, where nobody of ours escaped it. */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const nameIn = ({ customerId, dataStoreId, dataKeyId }: DataKeyName): ErrorDetails => ({
  customerId,
  dataStoreId,
  dataKeyId,
});

/** What is refused of a data key that is written again is this row, not the table. */
const refusedRow = (name: DataKeyName) => (error: unknown) => {
  const refused = storeError(error, nameIn(name));
  if (!hasCode(refused, 'store.refused') || refused.details['awsError'] !== 'ValidationException') throw refused;
  const message =
    'DynamoDB does not take the data key’s row. Find out who wrote what is in it, and put back what was there.';
  throw new KeywrightError('store.row-refused', message, nameIn(name), { cause: error });
};

async function answered<Answer>(details: ErrorDetails, ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    throw error instanceof KeywrightError ? error : storeError(error, details);
  }
}
