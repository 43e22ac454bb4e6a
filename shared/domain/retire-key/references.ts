/** What still needs a KMS key. Nothing here is taken on trust: each reference was read from where it rests. */
import type { KmsKey } from '../kms-key';
import type { ControlStore, DataKeyStore } from '../ports';
import { dataStoreKey } from '../rows';
import { sweepAll } from '../sweep-all';

export interface References {
  readonly jobs: readonly string[];
  readonly dataStores: readonly string[];
  /** Data keys under it, at any material, that a job may still move. */
  readonly dataKeys: number;
  /** Data keys under it that a job has set aside: somebody has to look at them. */
  readonly setAside: number;
}

interface ReferencePorts {
  readonly control: ControlStore;
  readonly dataKeys: DataKeyStore;
}

export async function referencesTo(key: KmsKey, ports: ReferencePorts): Promise<References> {
  const dataStores = await dataStoresOf(key, ports);
  return { jobs: key.jobIds ?? [], dataStores, ...(await dataKeysOf(key, ports)) };
}

export const isNeeded = ({ jobs, dataStores, dataKeys, setAside }: References): boolean =>
  jobs.length + dataStores.length + dataKeys + setAside > 0;

/** How many of a kind are named in a sentence for people. */
const NAMED_MAX = 10;

/** In words, for the fact and the row. */
export function inWords({ jobs, dataStores, dataKeys, setAside }: References): readonly string[] {
  return [
    ...jobs.slice(0, NAMED_MAX).map((jobId) => `re-encryption job ${jobId}`),
    ...dataStores.slice(0, NAMED_MAX).map((id) => `data store ${id}`),
    ...(dataStores.length > NAMED_MAX ? [`${dataStores.length - NAMED_MAX} more data stores`] : []),
    ...(dataKeys > 0 ? [`${dataKeys} data keys`] : []),
    ...(setAside > 0 ? [`${setAside} data keys that were set aside`] : []),
  ];
}

/** The index may show a data store that has moved since: each is read. */
async function dataStoresOf({ kmsKeyArn }: KmsKey, { control }: ReferencePorts): Promise<string[]> {
  const found: string[] = [];
  for await (const { customerId, dataStoreId } of control.ofKmsKey('data-store', kmsKeyArn)) {
    const id = dataStoreKey(customerId, dataStoreId);
    if ((await control.find('data-store', id))?.kmsKeyArn === kmsKeyArn) found.push(id);
  }
  return found;
}

async function dataKeysOf({ kmsKeyArn }: KmsKey, ports: ReferencePorts) {
  const counts = { dataKeys: 0, setAside: 0 };
  for await (const dataKey of sweepAll({ kmsKeyArn }, ports)) counts[dataKey.setAside ? 'setAside' : 'dataKeys'] += 1;
  return counts;
}
