/** What a shard works next: first what the index shows, then what a consistent sweep of the table finds. */
import { BATCH_MAX, type DataKey, type DataKeyName } from '../data-key';
import type { DataKeyPage, DataKeyStore, PageOf, Wrapping } from '../ports';
import { isSelected, type ReencryptionJob, type ReencryptionShard } from '../reencryption';

/** How many pages without anything to do are read in one batch: a sweep reads up to 1 MB a page. */
const PAGES_MAX = 40;

/** The part of a shard that reading on changes. */
export type Position = Pick<ReencryptionShard, 'state' | 'inHand' | 'after'>;

/** Reads on until something is found, the shard has seen everything, or enough was read for one batch. */
export async function nextPage(
  job: ReencryptionJob,
  shard: ReencryptionShard,
  { dataKeys }: { readonly dataKeys: DataKeyStore },
): Promise<Position> {
  let position = positionOf(shard.state, shard.after);
  for (let page = 0; page < PAGES_MAX && position.state !== 'done'; page += 1) {
    const { dataKeys: read, next } = await pageAt(position, job, shard.shard, dataKeys);
    const found = read.filter((dataKey) => isMeant(dataKey, job));
    position = next === undefined ? positionOf(FOLLOWING[position.state]) : positionOf(position.state, next);
    if (found.length > 0) return { ...position, inHand: found.map(nameOf) };
  }
  return position;
}

/** The sweep of a shard that ends with something in hand is over only when that has been worked. */
export const isOver = ({ state, inHand }: Position) => state === 'done' && inHand.length === 0;

const FOLLOWING = { index: 'sweep', sweep: 'done', done: 'done' } as const;

const positionOf = (state: ReencryptionShard['state'], after?: string): Position => ({
  state,
  inHand: [],
  ...(after !== undefined && { after }),
});

/** Of a data store, all of its data keys were read: also those of other keys, and those that are where they should be. */
const isMeant = (dataKey: DataKey, job: ReencryptionJob): boolean =>
  dataKey.kmsKeyArn === job.kmsKeyArn && !isTarget(dataKey, job) && isSelected(dataKey, job.only);

const isTarget = ({ kmsKeyArn, keyMaterialId }: Wrapping, { toKmsKeyArn, toKeyMaterialId }: ReencryptionJob): boolean =>
  kmsKeyArn === toKmsKeyArn && keyMaterialId === toKeyMaterialId;

async function pageAt(
  { state, after }: Position,
  job: ReencryptionJob,
  shard: number,
  dataKeys: DataKeyStore,
): Promise<DataKeyPage> {
  const page: PageOf = { limit: BATCH_MAX, exceptSetAsideBy: job.jobId, ...(after !== undefined && { after }) };
  const { kmsKeyArn, keyMaterialId } = job;
  const within = job.only?.within;
  if (state === 'index' && isTarget(job, job)) return NOTHING;
  if (state === 'index')
    return dataKeys.underWrapping({ kmsKeyArn, keyMaterialId }, shard, { ...page, ...(within && { within }) });
  if (within) return shard === 0 ? dataKeys.ofDataStore(within, page) : NOTHING;
  const sameKey = job.toKmsKeyArn === kmsKeyArn;
  return dataKeys.sweep({ kmsKeyArn, ...(sameKey && { exceptKeyMaterialId: job.toKeyMaterialId }) }, shard, page);
}

/** Of one data store, which is read through by its first shard; and of a key under whose older material the index shows none. */
const NOTHING: DataKeyPage = { dataKeys: [] };

const nameOf = ({ customerId, dataStoreId, dataKeyId }: DataKeyName): DataKeyName => ({
  customerId,
  dataStoreId,
  dataKeyId,
});
