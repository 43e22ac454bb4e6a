/** The data keys of one batch, some at a time, and what it comes to. */

import { KeywrightError } from '../../errors';
import { BATCH_MAX, type DataKeyName, encryptionContextOf } from '../../keys/data-key';
import { inParallel } from '../../parallel-work';
import { quarantined, type Task, type Worked, type WorkPorts, workDataKey } from './work-data-key';

/** Enough to hide the latency of KMS and DynamoDB, few enough that eight shards stay far below any connection limit. */
const CONCURRENCY = 16;

export type Tally =
  | { readonly kind: 'worked'; readonly reencrypted: number; readonly quarantined: number }
  /** A key cannot be used. Nothing is lost: the batch is worked again when it can. */
  | { readonly kind: 'refused'; readonly error: KeywrightError };

/**
 * Works every data key of the batch, also when some fail.
 *
 * @throws KeywrightError the first of what may pass (retry), after all were tried.
 */
export async function workCurrentBatch(names: readonly DataKeyName[], task: Task, ports: WorkPorts): Promise<Tally> {
  if (names.length > BATCH_MAX) throw new RangeError(`a batch has at most ${BATCH_MAX} data keys`);
  const dataKeys = names.length === 0 ? [] : await ports.dataKeys.findAll(names);
  const { succeeded, failed } = await inParallel(dataKeys, CONCURRENCY, (dataKey) => workDataKey(dataKey, task, ports));
  if (failed.length > 0) throw failed[0];

  const reencrypted = count(succeeded, 'reencrypted');
  const refused = succeeded.flatMap((worked) => (worked.kind === 'refused' ? [worked] : []));
  const [first] = refused;
  if (!first) return { kind: 'worked', reencrypted, quarantined: count(succeeded, 'quarantined') };
  const isOfContexts = refused.every(({ error }) => error.code === 'kms.access-denied');
  if (!isOfContexts || !(await stillServes(succeeded, task, ports))) return { kind: 'refused', error: first.error };

  // The same keys serve others of this batch: it is these data keys' contexts that a policy denies, not the keys.
  for (const { dataKey, error } of refused) await quarantined(dataKey, error, task, ports);
  return { kind: 'worked', reencrypted, quarantined: count(succeeded, 'quarantined') + refused.length };
}

/**
 * Whether the keys serve one of the batch that they served before: a policy that took them away in the middle of a batch denies
 * that one as well. Nothing is kept of it.
 */
async function stillServes(worked: readonly Worked[], { from, to }: Task, { crypto }: WorkPorts): Promise<boolean> {
  const served = worked.flatMap((one) => (one.kind === 'reencrypted' && one.from ? [one.from] : []))[0];
  // Of one that runs again after a crash all may have been served before: they count.
  if (!served) return count(worked, 'reencrypted') > 0;
  try {
    await crypto.reencrypt(from, to, served.wrapped, encryptionContextOf(served));
    return true;
  } catch (error) {
    if (error instanceof KeywrightError && !error.retry) return false;
    throw error;
  }
}

const count = (worked: readonly Worked[], kind: Worked['kind']) => worked.filter((one) => one.kind === kind).length;
