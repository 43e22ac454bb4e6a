/** The beginning of a key's watch: a canary of its own to unwrap, and nothing but good news so far. */

import type { KmsKey } from '../keys/kms-key';
import type { DataKeyCrypto, Wrapping } from '../keys/ports';
import { transition } from '../legal-moves';
import { defined } from '../optional-fields';
import type { Clock } from '../ports';
import { type KeyWatch, WATCH_MOVES } from './key-watch';
import { canaryContextOf } from './observe-key';

export interface NewWatchPorts {
  readonly crypto: Pick<DataKeyCrypto, 'generateWrapped'>;
  readonly clock: Clock;
}

/**
 * Makes a canary under the key, which proves that we may use it, and the row to commit. Safe to repeat.
 *
 * @returns the watch, and the material that the key wraps under now.
 * @throws KeywrightError any code that begins with `kms.` or `sts.` when the key does not serve.
 */
export async function newWatch(
  key: Pick<KmsKey, 'kmsKeyArn' | 'access' | 'customerId'>,
  { crypto, clock }: NewWatchPorts,
): Promise<{ readonly watch: KeyWatch } & Pick<Wrapping, 'keyMaterialId'>> {
  const { wrapped, keyMaterialId } = await crypto.generateWrapped(key, canaryContextOf(key));
  const now = clock.now();
  const watch = transition(WATCH_MOVES, undefined, {
    kmsKeyArn: key.kmsKeyArn,
    ...defined({ customerId: key.customerId }),
    availability: 'available',
    verdict: { availability: 'available', evidence: 'a data key was made', at: now },
    since: now,
    canary: { wrapped, keyMaterialId },
    dueAt: now,
    revision: 0,
  });
  return { watch, keyMaterialId };
}
