/** What a shard works next: first what the index shows, then what a consistent scan of the table finds. */

import { BATCH_MAX, type DataKeyName } from '../../keys/data-key';
import type { DataKeyPage, DataKeyStore } from '../../keys/ports';
import { defined } from '../../optional-fields';
import { isSelected, type ReencryptionJob, type ReencryptionShard, type ShardState } from '../reencryption';
import { type ReadPage, type ScanPorts, scanning } from '../scan-data-keys';

/** How many pages without anything to do are read in one batch: a scan reads up to 1 MB a page. */
const PAGES_MAX = 40;

type Ports = ScanPorts & { readonly dataKeys: DataKeyStore };

/** The part of a shard that reading on changes. */
export type Position = Pick<ReencryptionShard, 'state' | 'currentBatch' | 'after'>;

/** Reads on until something is found, the shard has seen everything, or enough was read for one batch. */
export async function nextPage(job: ReencryptionJob, shard: ReencryptionShard, ports: Ports): Promise<Position> {
  const read: Reads = { index: indexOf(job, ports), scan: scanOf(job, ports), done: async () => NOTHING };
  let position = positionOf(shard.state, shard.after);
  for (let page = 0; page < PAGES_MAX && position.state !== 'done'; page += 1) {
    const { state, after } = position;
    const asked = { limit: BATCH_MAX, exceptQuarantinedBy: job.jobId, ...defined({ after }) };
    const { dataKeys, next } = await read[state](shard.shard, asked);
    const found = dataKeys.filter((dataKey) => isSelected(dataKey, job.only));
    position = next === undefined ? positionOf(FOLLOWING[position.state]) : positionOf(position.state, next);
    if (found.length > 0) return { ...position, currentBatch: found.map(nameOf) };
  }
  return position;
}

/** The scan of a shard that ends with something in hand is over only when that has been worked. */
export const isOver = ({ state, currentBatch }: Position) => state === 'done' && currentBatch.length === 0;

const FOLLOWING = { index: 'scan', scan: 'done', done: 'done' } as const;

const positionOf = (state: ShardState, after?: string): Position => ({
  state,
  currentBatch: [],
  ...defined({ after }),
});

type Reads = Readonly<Record<ShardState, ReadPage>>;

const NOTHING: DataKeyPage = { dataKeys: [] };

/** What is under the material that most of them are under. */
function indexOf({ kmsKeyArn, keyMaterialId, only, ...job }: ReencryptionJob, ports: Ports): ReadPage {
  // Nothing but the newest material: what is there is where it should be.
  if (job.toKmsKeyArn === kmsKeyArn && job.toKeyMaterialId === keyMaterialId) return async () => NOTHING;
  const within = only?.within && { within: only.within };
  return (shard, page) => ports.dataKeys.underWrapping({ kmsKeyArn, keyMaterialId }, shard, { ...page, ...within });
}

/** What is under the key at all, and not where it should be. */
function scanOf({ kmsKeyArn, customerId, only, ...job }: ReencryptionJob, ports: Ports): ReadPage {
  const isSameKey = job.toKmsKeyArn === kmsKeyArn;
  const except = isSameKey ? { exceptKeyMaterialId: job.toKeyMaterialId } : {};
  // Of a job for a whole key: the customer whose key alone it is.
  const key = { kmsKeyArn, ...defined({ customerId }) };
  return scanning({ key, within: only?.within, ...except }, ports);
}

const nameOf = ({ customerId, dataStoreId, dataKeyId }: DataKeyName): DataKeyName => ({
  customerId,
  dataStoreId,
  dataKeyId,
});
