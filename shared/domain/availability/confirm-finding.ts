/** A loss or a return is believed when two looks at the key, one after the other, find the same. */
import type { KmsKey } from '../keys/kms-key';
import type { Pause } from '../ports';
import { type Evidence, findingOf, isSame } from './key-evidence';
import type { KeyWatch } from './key-watch';
import { type ObservePorts, observeKey } from './observe-key';

/** KMS shows a change of state everywhere within seconds: two looks this far apart that agree are believed. */
const BETWEEN_LOOKS_MS = 500;

/** A key whose looks never agree is left to the probe, or to the next signal. */
const LOOKS_MAX = 4;

export interface ConfirmPorts extends ObservePorts {
  readonly pause: Pause;
}

/**
 * Looks until two in a row find the same, or what is believed already. Undefined when they never do.
 *
 * @throws what `observeKey` throws.
 */
export async function confirmFinding(key: KmsKey, watch: KeyWatch, ports: ConfirmPorts): Promise<Evidence | undefined> {
  let before = await observeKey(key, watch, ports);
  if (isSame(findingOf(before), watch.verdict)) return before;
  for (let look = 1; look < LOOKS_MAX; look += 1) {
    await ports.pause.wait(BETWEEN_LOOKS_MS);
    const now = await observeKey(key, watch, ports);
    if (isSame(findingOf(before), findingOf(now))) return now;
    before = now;
  }
  return undefined;
}
