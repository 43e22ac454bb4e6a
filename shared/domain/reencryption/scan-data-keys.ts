/**
 * Every data key under a KMS key, by strongly consistent reads.
 *
 * Under a key that is one customer's there is nobody else's data key: only that customer's data stores are read, so that the
 * proof costs what the customer has and not what everybody has. Of a key that customers share the whole table is read.
 */

import type { DataStoreName } from '../customers/customer';
import { type DataKey, SHARDS } from '../keys/data-key';
import { dataStoresOf } from '../keys/find-data-stores';
import type { KmsKey } from '../keys/kms-key';
import type { DataKeyPage, DataKeyStore, PageOf } from '../keys/ports';
import { defined } from '../optional-fields';
import type { ControlStore } from '../ports';
import { stableHash } from '../stable-hash';
import type { ScanPlace } from './scan-place';

export interface ScanOf {
  readonly key: Pick<KmsKey, 'kmsKeyArn' | 'customerId'>;
  /** Only what is in this data store. */
  readonly within?: DataStoreName | undefined;
  readonly exceptKeyMaterialId?: string;
  /** Also what was under the key before. */
  readonly evenFormerly?: boolean;
}

export interface ScanPorts {
  readonly control: Pick<ControlStore, 'find' | 'ofCustomer'>;
  readonly dataKeys: Pick<DataKeyStore, 'scan'>;
}

/** Reads a page of one of the `SHARDS` segments. A data key that is there all the while is in exactly one of them. */
export type ReadPage = (segment: number, page: PageOf) => Promise<DataKeyPage>;

/**
 * Reads pages of what is under a key: of one customer’s key its data stores only, of a shared key the whole table.
 */
export function scanning({ key, within, ...which }: ScanOf, ports: ScanPorts): ReadPage {
  const { kmsKeyArn, customerId } = key;
  const under = { kmsKeyArn, ...which };
  if (within === undefined && customerId === undefined) {
    return (segment, page) => ports.dataKeys.scan(under, segment, page);
  }
  let dataStores: Promise<readonly DataStoreName[]> | undefined = within && Promise.resolve([within]);
  return async (segment, page) => {
    dataStores ??= dataStoresOf(customerId ?? '', ports);
    const mine = (await dataStores).filter(({ dataStoreId }) => stableHash(dataStoreId) % SHARDS === segment);
    return pageOfThem(mine, page, (store, rest) => ports.dataKeys.scan({ ...under, within: store }, segment, rest));
  };
}

/** One data store after the other, in the order of their ids; where a page ended is the data store and the place in it. */
async function pageOfThem(
  dataStores: readonly DataStoreName[],
  { after, ...page }: PageOf,
  read: (dataStore: DataStoreName, page: PageOf) => Promise<DataKeyPage>,
): Promise<DataKeyPage> {
  const [from = '', place]: readonly string[] = after === undefined ? [] : JSON.parse(after);
  const [dataStore, following] = dataStores.filter(({ dataStoreId }) => dataStoreId >= from);
  if (!dataStore) return { dataKeys: [] };
  const isSame = dataStore.dataStoreId === from && place !== undefined;
  const { dataKeys, next } = await read(dataStore, { ...page, ...(isSame && { after: place }) });
  if (next !== undefined) return { dataKeys, next: JSON.stringify([dataStore.dataStoreId, next]) };
  return following ? { dataKeys, next: JSON.stringify([following.dataStoreId]) } : { dataKeys };
}

const PAGE = 1_000;

/** The rest of it as of there, page by page, each with the place where the next one begins. */
export async function* scanFrom(
  start: ScanPlace,
  what: ScanOf,
  ports: ScanPorts,
): AsyncIterable<{ readonly dataKeys: readonly DataKey[]; readonly next?: ScanPlace }> {
  const read = scanning(what, ports);
  for (let place: ScanPlace | undefined = start; place !== undefined; ) {
    const { segment, after } = place;
    const page = await read(segment, { limit: PAGE, ...defined({ after }) });
    place = placeAfter(segment, page.next);
    yield { dataKeys: page.dataKeys, ...(place && { next: place }) };
  }
}

function placeAfter(segment: number, after: string | undefined): ScanPlace | undefined {
  if (after !== undefined) return { segment, after };
  return segment + 1 < SHARDS ? { segment: segment + 1 } : undefined;
}

/** All of it. */
export async function* scanAll(what: ScanOf, ports: ScanPorts): AsyncIterable<DataKey> {
  for await (const { dataKeys } of scanFrom({ segment: 0 }, what, ports)) yield* dataKeys;
}
