/** A working data-key store in memory, with indexes as the real one has them. Data keys are frozen copies: nobody changes one by hand. */
import { type default as BTree, EmptyBTree } from 'sorted-btree';
import { misplaced } from '../../shared/adapters/misplaced-row';
import type { DataStoreName } from '../../shared/domain/customers/customer';
import { KeywrightError } from '../../shared/domain/errors';
import { type DataKey, type DataKeyName, SHARDS } from '../../shared/domain/keys/data-key';
import type { DataKeyPage, DataKeyStore, PageOf, Wrapping } from '../../shared/domain/keys/ports';
import type { ControlStore } from '../../shared/domain/ports';
import { dataStoreKey } from '../../shared/domain/rows';
import { stableHash } from '../../shared/domain/stable-hash';
import { frozen } from './frozen';

/** Data keys by name. */
type Sorted = BTree<string, DataKey>;

export interface MemoryDataKeyStore extends DataKeyStore {
  /** Every data key as it is now. */
  all(): readonly DataKey[];
  /** Puts the row of a data key, as it is or was, where another is kept. */
  misplace(row: DataKey, to: DataKeyName): void;
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
  const table: Sorted = EmptyBTree.clone();
  const segments = Array.from({ length: SHARDS }, (): Sorted => EmptyBTree.clone());
  const index = new Map<string, Sorted>();
  /** What the index does not show yet. */
  let unseen: (() => void)[] = [];
  /** Where rows are that say that they are other ones. */
  const misplacedAt = new Set<string>();

  const write = (dataKey: DataKey): DataKey => {
    if ((table.get(nameOf(dataKey))?.revision ?? 0) !== dataKey.revision) throw changedMeanwhile();
    misplacedAt.delete(nameOf(dataKey));
    return put(frozen({ ...dataKey, revision: dataKey.revision + 1 }));
  };

  const put = (written: DataKey): DataKey => {
    const name = nameOf(written);
    const before = table.get(name);
    const shard = before ? shardOf(before) : shardOf(written);
    shards.set(written, shard);
    table.set(name, written);
    segments[shard]?.set(name, written);
    unseen.push(() => {
      if (before) under(before, shard).delete(name);
      under(written, shard).set(name, written);
    });
    if (!options.lagging) catchUp();
    return written;
  };

  const catchUp = () => {
    for (const show of unseen) show();
    unseen = [];
  };

  const under = ({ kmsKeyArn, keyMaterialId }: Wrapping, shard: number): Sorted => {
    const place = `${kmsKeyArn}#${keyMaterialId}#${shard}`;
    const found: Sorted = index.get(place) ?? EmptyBTree.clone();
    index.set(place, found);
    return found;
  };

  const find = async (name: DataKeyName) => {
    if (misplacedAt.has(nameOf(name))) throw misplaced(nameOf(name));
    return table.get(nameOf(name));
  };

  return {
    all: () => table.valuesArray(),
    misplace(row, { customerId, dataStoreId, dataKeyId }) {
      const copy = put(frozen({ ...row, customerId, dataStoreId, dataKeyId }));
      if (nameOf(copy) === nameOf(row)) misplacedAt.delete(nameOf(copy));
      else misplacedAt.add(nameOf(copy));
    },
    catchUp,
    find,
    findAll: async (names) => names.flatMap((name) => table.get(nameOf(name)) ?? []),
    async newest(customerId, dataStoreId) {
      const newest = table
        .valuesArray()
        .filter(isWithin({ customerId, dataStoreId }))
        .sort((a, b) => (a.dataKeyId < b.dataKeyId ? -1 : 1))
        .at(-1);
      return newest && find(newest);
    },
    async create(dataKey) {
      const dataStore = await control.find('data-store', dataStoreKey(dataKey.customerId, dataKey.dataStoreId));
      if (dataStore?.kmsKeyArn !== dataKey.kmsKeyArn) throw changedMeanwhile();
      return write({ ...dataKey, revision: 0 });
    },
    replace: async (dataKey) => write(dataKey),
    underWrapping: async (wrapping, shard, page) =>
      pageOf(
        under(wrapping, shard),
        page,
        (dataKey) => isWithin(page.within)(dataKey) && (!page.inTable || isUnder(wrapping, table.get(nameOf(dataKey)))),
      ),
    countUnder: async (wrapping, shard, within) =>
      within ? under(wrapping, shard).valuesArray().filter(isWithin(within)).length : under(wrapping, shard).size,
    scan: async ({ kmsKeyArn, exceptKeyMaterialId, evenFormerly, within }, segment, page) =>
      pageOf(within ? table : (segments[segment] ?? EmptyBTree.clone()), page, (dataKey) => {
        if (!isWithin(within)(dataKey)) return false;
        if (kmsKeyArn === undefined) return true;
        const isUnder = dataKey.kmsKeyArn === kmsKeyArn && dataKey.keyMaterialId !== exceptKeyMaterialId;
        const wasUnder = evenFormerly && dataKey.formerly?.[kmsKeyArn] !== undefined;
        return isUnder || wasUnder === true;
      }),
  };
}

const isWithin = (within: DataStoreName | undefined) => (dataKey: DataKey) =>
  within === undefined || (dataKey.customerId === within.customerId && dataKey.dataStoreId === within.dataStoreId);

const isUnder = ({ kmsKeyArn, keyMaterialId }: Wrapping, dataKey: DataKey | undefined) =>
  dataKey?.kmsKeyArn === kmsKeyArn && dataKey.keyMaterialId === keyMaterialId;

const changedMeanwhile = () => new KeywrightError('state.changed-meanwhile', 'The row was changed since it was read.');

const nameOf = ({ customerId, dataStoreId, dataKeyId }: DataKeyName) =>
  JSON.stringify([customerId, dataStoreId, dataKeyId]);
const shards = new WeakMap<DataKeyName, number>();

function shardOf(dataKey: DataKey): number {
  const known = shards.get(dataKey) ?? stableHash(nameOf(dataKey)) % SHARDS;
  shards.set(dataKey, known);
  return known;
}

/** Reads on from where the page before ended until the page is full. */
function pageOf(
  dataKeys: Sorted,
  { limit, after, exceptQuarantinedBy }: PageOf,
  isWanted: (dataKey: DataKey) => boolean = () => true,
): DataKeyPage {
  const found: DataKey[] = [];
  for (const [name, dataKey] of dataKeys.entries(after)) {
    if (name === after || !isWanted(dataKey)) continue;
    if (exceptQuarantinedBy !== undefined && dataKey.quarantined?.jobId === exceptQuarantinedBy) continue;
    const last = found.at(-1);
    if (found.length === limit && last) return { dataKeys: found, next: nameOf(last) };
    found.push(dataKey);
  }
  return { dataKeys: found };
}
