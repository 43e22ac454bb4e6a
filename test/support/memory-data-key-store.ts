/** A working data-key store in memory. Data keys are frozen copies: nobody changes one by hand. */
import { type DataKey, type DataKeyName, SHARDS } from '../../shared/domain/data-key';
import { KeywrightError } from '../../shared/domain/errors';
import type { ControlStore, DataKeyPage, DataKeyStore, PageOf, Wrapping } from '../../shared/domain/ports';
import { dataStoreKey } from '../../shared/domain/rows';
import { stableHash } from '../../shared/domain/stable-hash';
import { frozen } from './frozen';

export interface MemoryDataKeyStore extends DataKeyStore {
  /** Every data key as it is now. */
  all(): readonly DataKey[];
  /** Lets the index show what the table holds. Without `lagging` it always does. */
  catchUp(): void;
}

/**
 * @param control Where the data stores are.
 * @param options `lagging`: the index shows the table as it was when it last caught up, as DynamoDB's may.
 */
export function memoryDataKeyStore(
  control: Pick<ControlStore, 'find'>,
  options: { readonly lagging?: boolean } = {},
): MemoryDataKeyStore {
  const table = new Map<string, DataKey>();
  let snapshot = new Map<string, DataKey>();
  const index = () => (options.lagging ? snapshot : table);

  const write = (dataKey: DataKey): DataKey => {
    const key = nameOf(dataKey);
    if ((table.get(key)?.revision ?? 0) !== dataKey.revision) throw changedMeanwhile();
    const written = frozen({ ...dataKey, revision: dataKey.revision + 1 });
    table.set(key, written);
    return written;
  };

  const under = ({ kmsKeyArn, keyMaterialId }: Wrapping, shard: number) =>
    sorted(index()).filter(
      (dataKey) =>
        dataKey.kmsKeyArn === kmsKeyArn && dataKey.keyMaterialId === keyMaterialId && shardOf(dataKey) === shard,
    );

  return {
    all: () => sorted(table),
    catchUp() {
      snapshot = new Map(table);
    },
    find: async (name) => table.get(nameOf(name)),
    findAll: async (names) => names.flatMap((name) => table.get(nameOf(name)) ?? []),
    newest: async (customerId, dataStoreId) =>
      sorted(table)
        .filter((dataKey) => dataKey.customerId === customerId && dataKey.dataStoreId === dataStoreId)
        .sort((a, b) => (a.dataKeyId < b.dataKeyId ? -1 : 1))
        .at(-1),
    async create(dataKey) {
      const dataStore = await control.find('data-store', dataStoreKey(dataKey.customerId, dataKey.dataStoreId));
      if (dataStore?.kmsKeyArn !== dataKey.kmsKeyArn) throw changedMeanwhile();
      return write({ ...dataKey, revision: 0 });
    },
    replace: async (dataKey) => write(dataKey),
    underWrapping: async (wrapping, shard, page) => pageOf(under(wrapping, shard), page),
    countUnder: async (wrapping, shard) => under(wrapping, shard).length,
    sweep: async ({ kmsKeyArn, exceptKeyMaterialId, evenFormerly }, segment, page) =>
      pageOf(
        sorted(table).filter((dataKey) => {
          const isUnder = dataKey.kmsKeyArn === kmsKeyArn && dataKey.keyMaterialId !== exceptKeyMaterialId;
          const wasUnder = evenFormerly && dataKey.formerly?.[kmsKeyArn] !== undefined;
          return (isUnder || wasUnder) && shardOf(dataKey) === segment;
        }),
        page,
      ),
  };
}

const changedMeanwhile = () => new KeywrightError('state.changed-meanwhile', 'The row was changed since it was read.');

const nameOf = ({ customerId, dataStoreId, dataKeyId }: DataKeyName) =>
  JSON.stringify([customerId, dataStoreId, dataKeyId]);
const shards = new WeakMap<DataKeyName, number>();

function shardOf(dataKey: DataKey): number {
  const known = shards.get(dataKey) ?? stableHash(nameOf(dataKey)) % SHARDS;
  shards.set(dataKey, known);
  return known;
}

const sorted = (table: ReadonlyMap<string, DataKey>): DataKey[] =>
  [...table].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, dataKey]) => dataKey);

function pageOf(all: readonly DataKey[], { limit, after, exceptSetAsideBy }: PageOf): DataKeyPage {
  const left = all
    .filter((dataKey) => after === undefined || nameOf(dataKey) > after)
    .filter(({ setAside }) => exceptSetAsideBy === undefined || setAside?.jobId !== exceptSetAsideBy);
  const dataKeys = left.slice(0, limit);
  const last = dataKeys.at(-1);
  return dataKeys.length < left.length && last ? { dataKeys, next: nameOf(last) } : { dataKeys };
}
