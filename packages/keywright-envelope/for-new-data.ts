/** Which of its data keys a data store's new data is protected with. */
import type { DataKey } from '../../shared/domain/keys/data-key';
import type { KmsKey } from '../../shared/domain/keys/kms-key';

/** A data key older than this is not used for new data. */
export const DATA_KEY_DAYS_MAX = 30;
const DAY_MS = 86_400_000;

/** How far the clock of the process that made a data key may be ahead. One from later than that would never grow old. */
const CLOCKS_DIFFER_MS = 5 * 60_000;

/**
 * The most messages that one process protects with one data key. With random nonces AES-GCM allows 2^32 under one key
 * (NIST SP 800-38D, 8.3): 256 processes may share a data key.
 */
export const USES_MAX = 2 ** 24;

export interface Circumstances {
  /** The KMS key that the data store names. */
  readonly kmsKey: Pick<KmsKey, 'kmsKeyArn' | 'dataKeysFrom'>;
  /** Messages that this process has protected with it. */
  readonly uses: number;
  readonly usesMax: number;
  readonly nowMs: number;
}

/** Each must hold. What is asked of a data key that data is to be read with is none of this. */
const CONDITIONS: readonly ((dataKey: DataKey, circumstances: Circumstances) => boolean)[] = [
  ({ kmsKeyArn }, { kmsKey }) => kmsKeyArn === kmsKey.kmsKeyArn,
  ({ createdAt }, { nowMs }) => nowMs - Date.parse(createdAt) < DATA_KEY_DAYS_MAX * DAY_MS,
  ({ createdAt }, { nowMs }) => Date.parse(createdAt) - nowMs <= CLOCKS_DIFFER_MS,
  // Known to nobody else, as far as was declared: neither the data key itself nor a KMS key that it was under.
  ({ compromised }) => compromised === undefined,
  ({ createdAt }, { kmsKey }) => createdAt >= (kmsKey.dataKeysFrom ?? ''),
  (_, { uses, usesMax }) => uses < usesMax,
];

/** Whether a data key may protect new data. */
export const servesNewData = (dataKey: DataKey, circumstances: Circumstances): boolean =>
  CONDITIONS.every((holds) => holds(dataKey, circumstances));
