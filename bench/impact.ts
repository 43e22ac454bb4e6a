/**
 * What it costs to ask what a KMS key's loss would stop, beside how much there is that does not depend on it.
 * `node bench/run-bundled.mjs impact [unrelated data keys]`: 100,000 unless said otherwise; a million take seven minutes to write.
 *
 * One shared key with 10 customers, 20 data stores and 1,000 data keys, on a DynamoDB engine, while unrelated data keys (and a
 * tenth as many data stores) grow around it. Rows are written into the engine as they lie there; what is measured is
 * the operation that `keywright impact` asks for. The last line is JSON.
 */
import { Agent, request } from 'node:http';
import { CONTROL_TABLE, keyOfRow } from '../shared/adapters/control-table';
import { DATA_KEY_TABLE } from '../shared/adapters/data-key-table';
import { itemOf } from '../shared/adapters/data-keys/data-key-items';
import { dynamoControlStore } from '../shared/adapters/dynamo-control-store';
import { dynamoDataKeyStore } from '../shared/adapters/dynamo-data-key-store';
import { type KeyImpact, showImpact } from '../shared/domain/api/show-impact';
import { inParallel } from '../shared/domain/parallel-work';
import { dataStoreKey } from '../shared/domain/rows';
import { startDynoxide, type TestDynamo } from '../test/support/dynoxide';
import { aCustomer, aDataKey, aDataStore, aKmsKey, anArn, NOW } from '../test/support/make';

const UNRELATED = [10_000, 100_000, 1_000_000];
const MOST = 100_000;
const STORES_SHARE = 10;
const CUSTOMERS = 10;
const STORES = 20;
const DATA_KEYS = 1_000;
const ROUNDS = 15;
/** Times the milliseconds of the fewest: what a machine that others use at the same time may add. */
const LIMIT = 2;

/** Unrelated keys have each so many data stores, and ten times as many data keys. */
const STORES_A_KEY = 10;

export async function run(_root: string, [most = MOST]: readonly (string | number)[]): Promise<void> {
  const dynamo = await startDynoxide();
  try {
    const world = await worldOf(dynamo);
    const sizes = UNRELATED.filter((size) => size <= Number(most));
    const measured: { unrelatedDataKeys: number; unrelatedDataStores: number; ms: number }[] = [];
    let written = 0;
    for (const size of sizes) {
      const startedAt = performance.now();
      await world.growTo(written, size);
      written = size;
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
      const ms = await world.measure();
      measured.push({ unrelatedDataKeys: size, unrelatedDataStores: size / STORES_SHARE, ms });
      console.log(
        `${size} unrelated data keys, ${size / STORES_SHARE} data stores: ${ms} ms (written in ${seconds} s)`,
      );
    }
    const ratio = Number(((measured.at(-1)?.ms ?? 0) / (measured[0]?.ms ?? 1)).toFixed(2));
    console.log(
      JSON.stringify({ dataKeys: DATA_KEYS, dataStores: STORES, customers: CUSTOMERS, sizes: measured, ratio }),
    );
    process.exitCode = ratio <= LIMIT ? 0 : 1;
  } finally {
    await dynamo.stop();
  }
}

async function worldOf(dynamo: TestDynamo) {
  const [controlTable, dataKeyTable] = [
    await dynamo.createTable(CONTROL_TABLE),
    await dynamo.createTable(DATA_KEY_TABLE),
  ];
  const write = writerTo(dynamo.endpoint);
  const control = dynamoControlStore(dynamo.documents, controlTable);
  const dataKeys = dynamoDataKeyStore(dynamo.documents, dataKeyTable, controlTable);
  const key = aKmsKey({ kmsKeyArn: anArn('one'), option: 'managed' });
  const { customerId: _shared, ...managed } = key;
  const stores = Array.from({ length: STORES }, (_, at) =>
    aDataStore({ customerId: `customer-${at % CUSTOMERS}`, dataStoreId: `store-${at}`, kmsKeyArn: key.kmsKeyArn }),
  );
  const own = [
    rowItem('kms-key', key.kmsKeyArn, managed),
    ...Array.from({ length: CUSTOMERS }, (_, at) =>
      rowItem('customer', `customer-${at}`, aCustomer({ customerId: `customer-${at}` })),
    ),
    ...stores.map((store) => rowItem('data-store', dataStoreKey(store.customerId, store.dataStoreId), store)),
  ];
  const ownKeys = Array.from({ length: DATA_KEYS }, (_, at) => {
    const { customerId, dataStoreId } = stores[at % STORES] ?? aDataStore();
    return itemOf(
      aDataKey({ customerId, dataStoreId, dataKeyId: `key-${at}`, kmsKeyArn: key.kmsKeyArn, wrapped: WRAPPED }),
    );
  });
  await writeAll(own, controlTable, write);
  await writeAll(ownKeys, dataKeyTable, write);

  const ports = { control, dataKeys, aliases: { keyOf: async () => undefined }, clock: { now: () => NOW } };
  return {
    /** Writes what is missing between so many unrelated data keys and so many. */
    async growTo(from: number, to: number): Promise<void> {
      const chunk = STORES_A_KEY * STORES_SHARE;
      const starts = Array.from({ length: (to - from) / chunk }, (_, at) => from + at * chunk);
      const { failed } = await inParallel(starts, WRITERS, async (start) => {
        await writeAll(unrelatedStores(start), controlTable, write);
        await writeAll(unrelatedKeys(start), dataKeyTable, write);
      });
      if (failed.length > 0) throw failed[0];
    },

    /** The median of some rounds, in milliseconds. */
    async measure(): Promise<number> {
      const times: number[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        const startedAt = performance.now();
        const impact = (await showImpact.run({ key: key.kmsKeyArn }, { principal: 'bench' }, ports)) as KeyImpact;
        times.push(performance.now() - startedAt);
        assertWhole(impact);
      }
      return Number((times.sort((one, other) => one - other)[Math.floor(ROUNDS / 2)] ?? 0).toFixed(1));
    },
  };
}

function assertWhole({ dataKeys, dataStoreCount, customerCount }: KeyImpact): void {
  if (dataKeys.count === DATA_KEYS && dataStoreCount === STORES && customerCount === CUSTOMERS) return;
  throw new Error(
    `The impact is ${dataKeys.count} data keys, ${dataStoreCount} data stores, ${customerCount} customers.`,
  );
}

type Item = Readonly<Record<string, unknown>>;

/** As long as one that KMS makes. */
const WRAPPED = new Uint8Array(184);

const rowItem = (entityType: string, id: string, row: object): Item => ({
  ...row,
  pk: keyOfRow(entityType, id),
  revision: 1,
});

const unrelatedNames = (start: number, count: number) =>
  Array.from({ length: count }, (_, at) => ({
    customerId: `other-${start}`,
    dataStoreId: `store-${at % STORES_A_KEY}`,
    kmsKeyArn: anArn(`other-${start}`),
  }));

const unrelatedStores = (start: number): readonly Item[] =>
  unrelatedNames(start, STORES_A_KEY).map((name) =>
    rowItem('data-store', dataStoreKey(name.customerId, name.dataStoreId), aDataStore(name)),
  );

const unrelatedKeys = (start: number): readonly Item[] =>
  unrelatedNames(start, STORES_A_KEY * STORES_SHARE).map((name, at) =>
    itemOf(aDataKey({ ...name, dataKeyId: `key-${start + at}`, wrapped: WRAPPED })),
  );

const WRITERS = 8;
/** Source: BatchWriteItem takes 25 requests. */
const TOGETHER = 25;

type Writer = (body: string) => Promise<void>;

async function writeAll(items: readonly Item[], table: string, write: Writer): Promise<void> {
  for (let from = 0; from < items.length; from += TOGETHER) {
    const puts = items.slice(from, from + TOGETHER).map((item) => ({ PutRequest: { Item: wireOf(item) } }));
    await write(JSON.stringify({ RequestItems: { [table]: puts } }));
  }
}

const wireOf = (item: Item) =>
  Object.fromEntries(Object.entries(item).map(([name, value]) => [name, wireValue(value)]));

/** The kinds of value that these rows have. */
function wireValue(value: unknown): object {
  if (typeof value === 'number') return { N: String(value) };
  if (value instanceof Uint8Array) return { B: Buffer.from(value).toString('base64') };
  if (Array.isArray(value)) return { L: value.map(wireValue) };
  if (typeof value === 'object' && value !== null) return { M: wireOf(value as Item) };
  return { S: String(value) };
}

/** Asks the engine itself: the SDK would take longer over a million rows than it does. */
function writerTo(endpoint: string): Writer {
  const agent = new Agent({ keepAlive: true, maxSockets: WRITERS });
  const headers = {
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': 'DynamoDB_20120810.BatchWriteItem',
    'x-amz-date': '20260101T000000Z',
    authorization:
      'AWS4-HMAC-SHA256 Credential=test/20260101/eu-central-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
  };
  return (body) =>
    new Promise((resolve, reject) => {
      const sent = request(endpoint, { method: 'POST', agent, headers }, (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part) => parts.push(part));
        answer.on('end', () => {
          const text = Buffer.concat(parts).toString();
          if (answer.statusCode === 200 && !/"UnprocessedItems":\{"/.test(text)) resolve();
          else reject(new Error(`The engine answers ${answer.statusCode}: ${text.slice(0, 200)}`));
        });
      });
      sent.on('error', reject);
      sent.end(body);
    });
}
