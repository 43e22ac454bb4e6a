/** One data key: wrapped anew, quarantined, or left to whoever has it. */

import { type ErrorCode, hasCode, KeywrightError } from '../../errors';
import { type DataKey, encryptionContextOf, rewrapped } from '../../keys/data-key';
import { isFor, type KmsKey } from '../../keys/kms-key';
import type { DataKeyCrypto, DataKeyStore, Wrapping } from '../../keys/ports';
import { defined } from '../../optional-fields';
import type { Clock } from '../../ports';
import { type QuotaUse, quotaOf } from '../quota/kms-quota';
import type { RateLimiter } from '../quota/ports';
import { isSelected, type ReencryptionJob } from '../reencryption';

export interface WorkPorts {
  readonly dataKeys: DataKeyStore;
  readonly crypto: DataKeyCrypto;
  readonly pace: RateLimiter;
  readonly clock: Clock;
}

/** One batch of one shard of a job, and the keys it works with. */
export interface Task {
  readonly job: ReencryptionJob;
  readonly from: KmsKey;
  readonly to: KmsKey;
  /** Names the batch in the data keys it works: of what it did before a crash, it knows that it was itself. */
  readonly mark: string;
}

export type Worked =
  /** `elsewhere`: moved, or quarantined by an earlier batch. Counted there, or nobody's work. */
  | { readonly kind: 'quarantined' | 'elsewhere' }
  /** `from`: as it was before, where it was done now and not by the same batch earlier. */
  | { readonly kind: 'reencrypted'; readonly from?: DataKey }
  /** KMS refused one of the keys, not this ciphertext. */
  | { readonly kind: 'refused'; readonly dataKey: DataKey; readonly error: KeywrightError };

/** How often a data key that somebody else changes at the same time is read again. */
const ATTEMPTS = 4;

/**
 * Safe to repeat: what the batch of that mark has done is recognised and not done again.
 *
 * @throws KeywrightError whatever may pass (retry): the data key is as it was, or done and recognised next time.
 */
export async function workDataKey(seen: DataKey, task: Task, ports: WorkPorts): Promise<Worked> {
  let dataKey: DataKey | undefined = seen;
  for (let attempt = 1; attempt <= ATTEMPTS && dataKey; attempt += 1) {
    const done = doneBefore(dataKey, task);
    if (done) return { kind: done };
    try {
      return await tryDataKey(dataKey, task, ports);
    } catch (error) {
      if (!hasCode(error, 'state.changed-meanwhile')) throw error;
      [dataKey] = await ports.dataKeys.findAll([dataKey]);
    }
  }
  if (!dataKey) return { kind: 'elsewhere' };
  throw new KeywrightError('state.changed-meanwhile', 'Somebody else keeps changing the data key.', nameOf(dataKey));
}

function doneBefore(
  dataKey: DataKey,
  { job, to, mark }: Task,
): 'reencrypted' | 'quarantined' | 'elsewhere' | undefined {
  const before = dataKey.workedBy?.find(({ batch }) => batch === mark);
  if (before) return before.did;
  if (dataKey.kmsKeyArn !== job.kmsKeyArn || dataKey.quarantined?.jobId === job.jobId) return 'elsewhere';
  return isThere(dataKey, job, to) || !isSelected(dataKey, job.only) ? 'elsewhere' : undefined;
}

/** Whether it is wrapped under the key that the job takes data keys to, and not under material it has left behind. */
function isThere({ kmsKeyArn, keyMaterialId }: Wrapping, job: ReencryptionJob, to: KmsKey): boolean {
  if (kmsKeyArn !== to.kmsKeyArn) return false;
  if (keyMaterialId === job.toKeyMaterialId) return true;
  const leftBehind = kmsKeyArn === job.kmsKeyArn && keyMaterialId === job.keyMaterialId;
  return !leftBehind && !to.olderMaterialIds?.includes(keyMaterialId);
}

async function tryDataKey(dataKey: DataKey, task: Task, ports: WorkPorts): Promise<Worked> {
  const { job, from, to, mark } = task;
  const context = encryptionContextOf(dataKey);
  try {
    refuseOthersKey(dataKey, task);
    const anew = await ports.pace.run(useOf(task), () => ports.crypto.reencrypt(from, to, dataKey.wrapped, context));
    if (!isThere(anew, job, to)) throw notThereYet(job);
    const { quarantined: _mended, ...kept } = dataKey;
    const moved = rewrapped(kept, anew, ports.clock.now());
    await ports.dataKeys.replace({ ...moved, ...marked(dataKey, mark, 'reencrypted') });
    return { kind: 'reencrypted', from: dataKey };
  } catch (error) {
    if (!(error instanceof KeywrightError) || error.retry) throw error;
    if (!hasCode(error, ...OF_ITS_ROW)) return { kind: 'refused', dataKey, error };
    await quarantined(dataKey, error, task, ports);
    return { kind: 'quarantined' };
  }
}

/** What is wrong with this one data key, and not with the keys of the job. */
const OF_ITS_ROW: readonly ErrorCode[] = [
  'kms.ciphertext-refused',
  'kms.wrong-key',
  'state.forbids',
  'store.row-refused',
];

/**
 * Wrapped anew it would pass for one of ours. Whoever made it under a key of their own knows it in the clear: under a key that is
 * its customer's, it would be taken for their new data.
 */
function refuseOthersKey({ customerId }: DataKey, { from, to }: Task): void {
  const others = [from, to].find((key) => !isFor(key, customerId));
  if (!others) return;
  const message = `The data key is ${customerId}’s, and the KMS key ${others.kmsKeyArn} another customer’s. Find out who wrote its row, and remove it.`;
  throw new KeywrightError('state.forbids', message, { kmsKeyArn: others.kmsKeyArn });
}

const useOf = ({ job, from, to }: Task): QuotaUse => ({
  quotaId: quotaOf(from, to),
  jobId: job.jobId,
  priority: job.priority ?? 'routine',
  ...defined({ agreedShare: job.agreedShare }),
});

/** Right after a rotation KMS may still wrap under the old material. Storing that would count as moved and never be. */
function notThereYet({ toKmsKeyArn, toKeyMaterialId }: ReencryptionJob): KeywrightError {
  const message = 'KMS does not wrap under the new key material yet.';
  return new KeywrightError('kms.conflict', message, { toKmsKeyArn, toKeyMaterialId });
}

/**
 * Leaves a data key as it is, with the reason, for somebody to look at. It is counted and keeps no other back. One whose row takes no
 * reason either is counted wherever the job comes upon it.
 */
export async function quarantined(
  dataKey: DataKey,
  error: KeywrightError,
  { job, mark }: Task,
  { dataKeys, clock }: Pick<WorkPorts, 'dataKeys' | 'clock'>,
): Promise<void> {
  const why = { jobId: job.jobId, reason: `${error.code}: ${error.message}`, at: clock.now() };
  try {
    await dataKeys.replace({ ...dataKey, quarantined: why, ...marked(dataKey, mark, 'quarantined') });
  } catch (refused) {
    if (!hasCode(refused, 'store.row-refused')) throw refused;
  }
}

/** Marks that are kept: more jobs than this do not meet on one key before a batch has come back from a crash. */
const MARKS = 3;

const marked = ({ workedBy = [] }: DataKey, batch: string, did: 'reencrypted' | 'quarantined') => ({
  workedBy: [{ batch, did }, ...workedBy].slice(0, MARKS),
});

const nameOf = ({ customerId, dataStoreId, dataKeyId }: DataKey) => ({ customerId, dataStoreId, dataKeyId });
