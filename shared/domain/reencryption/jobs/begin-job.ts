/** Beginning a re-encryption job: the job, its shards, the hold on both keys and the first batches as one change. */

import { reencryptionBatchDue } from '../../../../events/reencryption-batch-due';
import { later, MINUTE_MS } from '../../instants';
import { SHARDS } from '../../keys/data-key';
import type { KmsKey } from '../../keys/kms-key';
import { transition } from '../../legal-moves';
import { defined } from '../../optional-fields';
import { newFact } from '../../outbox/new-fact';
import type { Change, Clock, Ids, Write } from '../../ports';
import { JOB_MOVES, type ReencryptionJob, type ReencryptionShard, type Selection, SHARD_MOVES } from '../reencryption';
import type { JobTerms } from './job-terms';

/** How long a job is left to its own events before it is looked after: longer than any batch takes with its retries. */
export const RECONCILE_MS = 15 * MINUTE_MS;

export interface BeginPorts {
  readonly clock: Clock;
  readonly ids: Ids;
}

export interface JobPlan {
  readonly jobId: string;
  readonly from: KmsKey;
  /** Where most of the data keys are. */
  readonly fromKeyMaterialId: string;
  readonly to: KmsKey;
  readonly toKeyMaterialId: string;
  readonly rotationId?: string;
  readonly only?: Selection;
  readonly movesDataStores?: true;
  readonly terms?: JobTerms;
}

/** The change that begins the job. Its key rows are the fence: neither key is replaced or retired under a job. */
export function beginJob(plan: JobPlan, ports: BeginPorts): Change {
  const shards = Array.from({ length: SHARDS }, (_, shard) => shardOf(plan, shard));
  return {
    writes: [
      { entityType: 'reencryption-job', row: jobOf(plan, ports) },
      ...shards.map((row) => ({ entityType: 'reencryption-shard', row }) as const),
      ...holds(plan),
    ],
    facts: shards.map((shard) => batchDue(shard, ports)),
  };
}

/** The fact that asks for a shard's next batch. */
export function batchDue({ jobId, shard, batch }: ReencryptionShard, ports: BeginPorts) {
  return newFact(reencryptionBatchDue, ports, { jobId, shard, batch });
}

function jobOf(plan: JobPlan, { clock }: BeginPorts): ReencryptionJob {
  const { jobId, from, to, rotationId, only, movesDataStores, terms, ...materials } = plan;
  const customerId = from.customerId ?? only?.within?.customerId;
  return transition(JOB_MOVES, undefined, {
    jobId,
    kmsKeyArn: from.kmsKeyArn,
    keyMaterialId: materials.fromKeyMaterialId,
    toKmsKeyArn: to.kmsKeyArn,
    toKeyMaterialId: materials.toKeyMaterialId,
    ...defined({ rotationId, customerId, only, movesDataStores }),
    // What moves off a compromised key goes first, unless somebody says otherwise.
    ...(from.compromise && { priority: 'compromise' as const }),
    ...terms,
    state: 'running',
    total: 0,
    reencrypted: 0,
    quarantined: 0,
    startedAt: clock.now(),
    dueAt: later(clock.now(), RECONCILE_MS),
    revision: 0,
  });
}

function shardOf({ jobId, from }: JobPlan, shard: number): ReencryptionShard {
  return transition(SHARD_MOVES, undefined, {
    jobId,
    shard,
    kmsKeyArn: from.kmsKeyArn,
    state: 'index',
    batch: 0,
    currentBatch: [],
    expected: 0,
    reencrypted: 0,
    quarantined: 0,
    revision: 0,
  });
}

function holds({ jobId, from, to }: JobPlan): Write[] {
  const keys = from.kmsKeyArn === to.kmsKeyArn ? [from] : [from, to];
  return keys.map((key) => ({ entityType: 'kms-key', row: { ...key, jobIds: [...(key.jobIds ?? []), jobId] } }));
}
