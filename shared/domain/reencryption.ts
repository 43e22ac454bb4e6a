/** A job that wraps data keys anew, and the shards it is worked in. */

export interface ReencryptionJob {
  readonly jobId: string;
  /** The data keys under this KMS key and material … */
  readonly kmsKeyArn: string;
  readonly keyMaterialId: string;
  /** … are wrapped under this key's current material. */
  readonly toKmsKeyArn: string;
  readonly rotationId?: string;
  readonly customerId?: string;
  readonly state: 'running' | 'parked' | 'done' | 'cancelled';
  readonly parkedBy?: string;
  /** Data keys found by the census at the start. */
  readonly total: number;
  readonly reencrypted: number;
  readonly setAside: number;
  readonly startedAt: string;
  readonly finishedAt?: string;
  readonly revision: number;
}

/** One shard's share of a job: the only row that its batches write, so that shards never wait for each other. */
export interface ReencryptionShard {
  readonly jobId: string;
  readonly shard: number;
  readonly kmsKeyArn: string;
  readonly state: 'running' | 'done';
  /** The batch that is due next. An event for an earlier one is a repeat and does nothing. */
  readonly batch: number;
  /** Data keys in this shard when the job began. */
  readonly total: number;
  readonly reencrypted: number;
  readonly setAside: number;
  readonly revision: number;
}
