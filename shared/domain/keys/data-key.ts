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
  readonly quarantined?: { readonly jobId: string; readonly reason: string; readonly at: string };
  /** Somebody else may know it. It is never used for new data again; what it protects is to be protected anew. */
  readonly compromised?: { readonly compromiseId: string; readonly at: string };
  /** KMS keys that it was wrapped under before, and until when: what a KMS key protected is known after it is gone. */
  readonly formerly?: Readonly<Record<string, string>>;
  /**
   * What the last few batches of jobs did with it, the newest first: by it a batch that runs again knows what it had
   * already done, also when another job has been there since.
   */
  readonly workedBy?: readonly { readonly batch: string; readonly did: 'reencrypted' | 'quarantined' }[];
  readonly revision: number;
}

/** What names one data key. */
export type DataKeyName = Pick<DataKey, 'customerId' | 'dataStoreId' | 'dataKeyId'>;

/** How many data keys are read, worked and counted together. Source: BatchGetItem takes 100 keys. */
export const BATCH_MAX = 100;

/** How many partitions the index by KMS key and material has: the most workers that one re-encryption job can keep busy. */
export const SHARDS = 8;

/** How long an application uses a plaintext data key that it has without asking again, unless it chose another time. */
export const DATA_KEY_WINDOW_MS_DEFAULT = 5 * 60_000;

/** How long it may do so at the most. */
export const DATA_KEY_WINDOW_MS_MAX = 60 * 60_000;

/**
 * So long after a data key was marked as compromised, no process protects new data with it any more: every window is
 * over, with five minutes for calls that were under way and clocks that differ.
 */
export const OUT_OF_USE_MS = DATA_KEY_WINDOW_MS_MAX + 5 * 60_000;

/** The data key under another wrapping. Which KMS key it leaves, and when, stays with it. */
export function rewrapped(
  dataKey: DataKey,
  anew: Pick<DataKey, 'wrapped' | 'kmsKeyArn' | 'keyMaterialId'>,
  at: string,
): DataKey {
  const left =
    dataKey.kmsKeyArn === anew.kmsKeyArn ? {} : { formerly: { ...dataKey.formerly, [dataKey.kmsKeyArn]: at } };
  return { ...dataKey, ...anew, ...left, reencryptedAt: at };
}

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
