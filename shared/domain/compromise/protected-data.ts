/** What would be declared compromised, before anybody does: read off the indexes, nothing is touched. */

import type { DataKey } from '../keys/data-key';
import { SHARDS } from '../keys/data-key';
import type { KmsKey } from '../keys/kms-key';
import { defined } from '../optional-fields';
import { mustFind } from '../require-row';
import type { CompromiseRequest } from './declaration';
import { namedDataKeys } from './declare-data-keys';
import type { CompromisePorts } from './ports';

export interface Protects {
  readonly customers: number;
  readonly dataStores: number;
  /** Under it now. What was under it before is found by the containment. */
  readonly dataKeys: number;
  /** When the oldest of them was made. */
  readonly from?: string;
  /** False: there are more than were counted. */
  readonly isWhole: boolean;
}

/** A person waits for the answer: so much is counted and no more. */
export const COUNTED_MAX = 10_000;
const PAGE = 1_000;

type Reading = Pick<CompromisePorts, 'control' | 'dataKeys'>;

/** @throws KeywrightError `input.invalid`, `state.not-found`. */
export async function protectedBy(request: CompromiseRequest, ports: Reading): Promise<Protects> {
  if ('dataKeys' in request) return counted([], await namedDataKeys(request.dataKeys, ports));
  const { kmsKeyArn } = request;
  const key = await mustFind('kms-key', kmsKeyArn, ports);
  return counted(await dataStoresOf(key, ports), await dataKeysOf(key, ports));
}

interface Place {
  readonly customerId: string;
  readonly dataStoreId: string;
}

function counted(dataStores: readonly Place[], dataKeys: readonly DataKey[]): Protects {
  const places = [...dataStores, ...dataKeys];
  const from = dataKeys.map(({ createdAt }) => createdAt).sort()[0];
  return {
    customers: new Set(places.map(({ customerId }) => customerId)).size,
    dataStores: new Set(places.map(({ customerId, dataStoreId }) => JSON.stringify([customerId, dataStoreId]))).size,
    dataKeys: dataKeys.length,
    ...defined({ from }),
    isWhole: dataStores.length < COUNTED_MAX && dataKeys.length < COUNTED_MAX,
  };
}

async function dataStoresOf({ kmsKeyArn }: KmsKey, { control }: Reading): Promise<readonly Place[]> {
  const found: Place[] = [];
  for await (const dataStore of control.ofKmsKey('data-store', kmsKeyArn)) {
    if (found.length === COUNTED_MAX) break;
    found.push(dataStore);
  }
  return found;
}

/** The data keys under a KMS key, at most `COUNTED_MAX` of them, by the index. */
export async function dataKeysOf(key: KmsKey, ports: Pick<Reading, 'dataKeys'>): Promise<readonly DataKey[]> {
  const found: DataKey[] = [];
  for await (const page of pagesUnder(key, ports)) {
    found.push(...page.slice(0, COUNTED_MAX - found.length));
    if (found.length === COUNTED_MAX) break;
  }
  return found;
}

async function* pagesUnder(
  { kmsKeyArn, keyMaterialId, olderMaterialIds = [] }: KmsKey,
  { dataKeys }: Pick<Reading, 'dataKeys'>,
): AsyncIterable<readonly DataKey[]> {
  for (const material of [keyMaterialId, ...olderMaterialIds]) {
    for (let shard = 0; shard < SHARDS; shard += 1) {
      let after: string | undefined;
      do {
        const page = { limit: PAGE, ...defined({ after }) };
        const answer = await dataKeys.underWrapping({ kmsKeyArn, keyMaterialId: material }, shard, page);
        yield answer.dataKeys;
        after = answer.next;
      } while (after !== undefined);
    }
  }
}
