/** A key made by KMS for one customer and data store. Only its wrapped form is kept. */

export interface DataKey {
  readonly customerId: string;
  readonly dataStoreId: string;
  /** Ordered by time of creation: the greatest of a data store is the one that new data is protected with. */
  readonly dataKeyId: string;
  /** The KMS key and material it is wrapped under. */
  readonly kmsKeyArn: string;
  readonly keyMaterialId: string;
  readonly wrapped: Uint8Array;
  readonly createdAt: string;
  /** When it was last wrapped anew; absent until the first time. */
  readonly reencryptedAt?: string;
  /** Why it could not be re-encrypted. Such a data key is counted and left as it is until somebody asks again. */
  readonly setAside?: { readonly jobId: string; readonly reason: string; readonly at: string };
  /**
   * What the last few batches of jobs did with it, the newest first: by it a batch that runs again knows what it had
   * already done, also when another job has been there since.
   */
  readonly workedBy?: readonly { readonly batch: string; readonly did: 'reencrypted' | 'set-aside' }[];
  readonly revision: number;
}

/** What names one data key. */
export type DataKeyName = Pick<DataKey, 'customerId' | 'dataStoreId' | 'dataKeyId'>;

/** How many data keys are read, worked and counted together. Source: BatchGetItem takes 100 keys. */
export const BATCH_MAX = 100;

/** How many partitions the index by KMS key and material has: the most workers that one re-encryption job can keep busy. */
export const SHARDS = 8;

/**
 * The encryption context of a data key. KMS refuses to unwrap it under any other, so a wrapped data key moved to
 * another customer or data store never opens. Rebuilt from the name, never stored. CloudTrail shows it in clear.
 */
export function encryptionContextOf(name: DataKeyName): Readonly<Record<string, string>> {
  return {
    'keywright:customerId': name.customerId,
    'keywright:dataStoreId': name.dataStoreId,
    'keywright:dataKeyId': name.dataKeyId,
  };
}
