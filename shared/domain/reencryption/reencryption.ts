/** A job that wraps data keys anew, and the shards it is worked in. */
import type { DataStoreName } from '../customers/customer';
import type { DataKey, DataKeyName } from '../keys/data-key';
import type { Moves } from '../legal-moves';
import type { WorkWindow } from '../rotation/work-window';
import type { Priority } from './quota/kms-quota';

/** Which of the data keys under a KMS key are meant: those for which all holds that is given. */
export interface Selection {
  readonly within?: DataStoreName;
  readonly keyMaterialId?: string;
  /** Wrapped for the last time before this instant. */
  readonly wrappedBefore?: string;
}

/** Whether a data key is meant. */
export const isSelected = (dataKey: DataKey, { within, keyMaterialId, wrappedBefore }: Selection = {}): boolean =>
  (within === undefined || isOf(dataKey, within)) &&
  (keyMaterialId === undefined || dataKey.keyMaterialId === keyMaterialId) &&
  (wrappedBefore === undefined || (dataKey.reencryptedAt ?? dataKey.createdAt) < wrappedBefore);

const isOf = (dataKey: DataStoreName, { customerId, dataStoreId }: DataStoreName): boolean =>
  dataKey.customerId === customerId && dataKey.dataStoreId === dataStoreId;

/** `parked` goes on by itself when the keys can be used again; `paused` when a person says so. */
export type JobState = 'running' | 'parked' | 'paused' | 'done' | 'cancelled';

export const JOB_MOVES = {
  entityType: 'reencryption-job',
  stateOf: ({ state }) => state,
  states: {
    running: { initial: true, next: ['parked', 'paused', 'done', 'cancelled'] },
    parked: { next: ['running', 'paused', 'cancelled'] },
    paused: { next: ['running', 'cancelled'] },
    done: { next: [] },
    cancelled: { next: [] },
  },
} as const satisfies Moves<ReencryptionJob, JobState>;

export type ShardState = 'index' | 'scan' | 'done';

export const SHARD_MOVES = {
  entityType: 'reencryption-shard',
  stateOf: ({ state }) => state,
  states: {
    index: { initial: true, next: ['scan', 'done'] },
    scan: { next: ['done'] },
    done: { next: [] },
  },
} as const satisfies Moves<ReencryptionShard, ShardState>;

export interface ReencryptionJob {
  readonly jobId: string;
  /** The data keys under this KMS key are moved, most of which are under this material … */
  readonly kmsKeyArn: string;
  readonly keyMaterialId: string;
  /** … or some of them … */
  readonly only?: Selection;
  /** … to this key and its material. The same key: whatever is under its older materials. */
  readonly toKmsKeyArn: string;
  readonly toKeyMaterialId: string;
  /** Data stores that name the first key, all or the one that is meant, name the other one before data keys are moved. */
  readonly movesDataStores?: true;
  readonly rotationId?: string;
  readonly customerId?: string;
  /** Which jobs go first where they share a quota. `routine` when absent. */
  readonly priority?: Priority;
  /** When its batches may be worked. Absent: at any time. */
  readonly window?: WorkWindow;
  /** The part of a customer's own KMS request quota, from 0 to 1, that they agreed re-encryption may use. */
  readonly agreedShare?: number;
  readonly state: JobState;
  readonly parkedBy?: string;
  readonly pausedBy?: string;
  /** The sum of re-encrypted and quarantined, as of the last shard that ended; zero before. `progressOf` tells the present. */
  readonly total: number;
  readonly reencrypted: number;
  readonly quarantined: number;
  readonly startedAt: string;
  readonly finishedAt?: string;
  /** When the job is looked after: its batches are asked for again, parked or not. `NEVER` while it is paused and once it is over. */
  readonly dueAt: string;
  readonly revision: number;
}

/**
 * One shard's share of a job: the only row that its batches write, so that shards never wait for each other.
 *
 * First it works its shard of the index, which is quick and may lag. Then it scans its segment of the base table with
 * consistent reads and works what the index did not show. When all shards are done, nothing was missed that was there
 * when the job began. A data key that is stored later under old material of a key that stays opens as ever, and moves
 * with the next job; under a key that was replaced nothing is stored any more.
 */
export interface ReencryptionShard {
  readonly jobId: string;
  readonly shard: number;
  readonly kmsKeyArn: string;
  readonly state: ShardState;
  /** The batch that is due next. An event for another one is a repeat and does nothing. */
  readonly batch: number;
  /** The data keys of that batch: chosen before they are worked, so that a batch that runs again knows what it had done. */
  readonly currentBatch: readonly DataKeyName[];
  /** Where the next page begins. */
  readonly after?: string;
  /** Data keys in this shard of the index when the job began: for progress only. */
  readonly expected: number;
  readonly reencrypted: number;
  readonly quarantined: number;
  readonly revision: number;
}
