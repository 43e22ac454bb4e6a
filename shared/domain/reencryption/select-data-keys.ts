/** What a request means, as parts of which each has one KMS key: a job moves data keys from one key. */

import type { DataStore, DataStoreName } from '../customers/customer';
import { invalid, KeywrightError } from '../errors';
import { isFor, type KmsKey } from '../keys/kms-key';
import type { DataKeyStore } from '../keys/ports';
import { defined } from '../optional-fields';
import type { ControlStore } from '../ports';
import { mustFind, nobodyWith } from '../require-row';
import { dataStoreKey } from '../rows';
import { type InventoryLine, inventoryOf } from './inventory';
import type { Selection } from './reencryption';
import type { ReencryptionRequest } from './reencryption-request';

export interface Part {
  readonly from: KmsKey;
  readonly only: Selection;
  /** What is under the key at this moment, within the data store where one is meant, by key material. */
  readonly inventory: readonly InventoryLine[];
}

export interface SelectPorts {
  readonly control: ControlStore;
  readonly dataKeys: DataKeyStore;
}

/** A customer with more is asked for one data store at a time: each is read through. */
const DATA_STORES_MAX = 50;

/** @throws KeywrightError `state.not-found`, `input.invalid`, each naming the field. */
export async function partsOf(request: ReencryptionRequest, ports: SelectPorts): Promise<readonly Part[]> {
  refuseUnclear(request);
  const { kmsKeyArn, customerId } = request;
  if (customerId === undefined) return [await wholeKey(request, ports)];
  const parts = await ofCustomer(customerId, request, ports);
  if (parts.length > 0) return parts;
  const message = `kmsKeyArn: nothing of ${customerId} is under ${kmsKeyArn}.`;
  throw new KeywrightError('state.not-found', message, { field: 'kmsKeyArn' });
}

function refuseUnclear({ kmsKeyArn, customerId, dataStoreId, wrappedBefore }: ReencryptionRequest): void {
  if (kmsKeyArn === undefined && customerId === undefined)
    throw invalid('kmsKeyArn', 'is missing. Name a KMS key or a customer.');
  if (dataStoreId !== undefined && customerId === undefined)
    throw invalid('customerId', 'is missing. A data store is named together with its customer.');
  if (wrappedBefore !== undefined && new Date(Date.parse(wrappedBefore) || 0).toISOString() !== wrappedBefore)
    throw invalid('wrappedBefore', 'must be an instant in UTC, such as 2026-01-31T00:00:00.000Z.');
}

async function wholeKey({ kmsKeyArn = '', ...request }: ReencryptionRequest, ports: SelectPorts): Promise<Part> {
  const from = await mustFind('kms-key', kmsKeyArn, ports);
  return { from, only: filterOf(request), inventory: await inventoryOf(from, ports) };
}

const filterOf = ({ keyMaterialId, wrappedBefore }: ReencryptionRequest): Selection => ({
  ...defined({ keyMaterialId, wrappedBefore }),
});

async function ofCustomer(customerId: string, request: ReencryptionRequest, ports: SelectPorts): Promise<Part[]> {
  const parts: Part[] = [];
  for (const dataStore of await dataStoresOf(customerId, request, ports)) {
    const keys = await keysUnder(dataStore, request, ports);
    const { dataStoreId } = dataStore;
    const only = { ...filterOf(request), within: { customerId, dataStoreId } };
    parts.push(...keys.map(({ from, inventory }) => ({ from, only, inventory })));
  }
  return parts;
}

async function dataStoresOf(
  customerId: string,
  { dataStoreId }: ReencryptionRequest,
  { control }: SelectPorts,
): Promise<readonly DataStore[]> {
  if (dataStoreId !== undefined) {
    const dataStore = await control.find('data-store', dataStoreKey(customerId, dataStoreId));
    if (dataStore) return [dataStore];
    const message = `dataStoreId: ${customerId} has no data store ${dataStoreId}.`;
    throw new KeywrightError('state.not-found', message, { field: 'dataStoreId' });
  }
  const found: DataStore[] = [];
  for await (const dataStore of control.ofCustomer('data-store', customerId)) {
    if (found.push(dataStore) > DATA_STORES_MAX)
      throw invalid('dataStoreId', `is missing. ${customerId} has more than ${DATA_STORES_MAX} data stores: name one.`);
  }
  if (found.length > 0) return found;
  throw nobodyWith('a data store', customerId, 'customerId');
}

/** The key that the data store names, and those that its data keys are still under: no row makes another customer's key one of them. */
async function keysUnder(dataStore: DataStore, { kmsKeyArn }: ReencryptionRequest, ports: SelectPorts) {
  const counts = await countsIn(dataStore, ports);
  const arns = [...new Set([dataStore.kmsKeyArn, ...counts.keys()])];
  const meant = arns.filter((arn) => kmsKeyArn === undefined || arn === kmsKeyArn);
  const keys = await Promise.all(meant.map((arn) => ports.control.find('kms-key', arn)));
  return keys.flatMap((from) =>
    from && isFor(from, dataStore.customerId) ? [{ from, inventory: censusIn(from, counts.get(from.kmsKeyArn)) }] : [],
  );
}

const PAGE = 1_000;

/** Data keys by material. */
type Counts = Map<string, number>;

async function countsIn(
  { customerId, dataStoreId }: DataStoreName,
  { dataKeys }: SelectPorts,
): Promise<ReadonlyMap<string, Counts>> {
  const within = { customerId, dataStoreId };
  const counts = new Map<string, Counts>();
  let after: string | undefined;
  do {
    const page = await dataKeys.scan({ within }, 0, { limit: PAGE, ...defined({ after }) });
    for (const { kmsKeyArn, keyMaterialId } of page.dataKeys) {
      const under = counts.get(kmsKeyArn) ?? new Map<string, number>();
      counts.set(kmsKeyArn, under.set(keyMaterialId, (under.get(keyMaterialId) ?? 0) + 1));
    }
    after = page.next;
  } while (after !== undefined);
  return counts;
}

/** Material that we do not know of came after all that we know. */
const censusIn = ({ olderMaterialIds = [] }: KmsKey, counts: Counts = new Map()): readonly InventoryLine[] =>
  [...counts].map(([keyMaterialId, dataKeys]) => ({
    keyMaterialId,
    isNewest: !olderMaterialIds.includes(keyMaterialId),
    dataKeys,
  }));
