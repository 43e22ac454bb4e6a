/** Imported key material that is gone: which, and how. KMS tells neither in the refusal. */
import { later } from '../instants';
import { type KmsKey, toObserve } from '../keys/kms-key';
import type { KeyObserver } from '../keys/ports';
import type { Clock } from '../ports';
import { answerOf } from './answer';
import type { KeyWatch } from './key-watch';

export interface MaterialLoss {
  /**
   * By what we saw while the key was well. `expired`: its time is over. `deleted`: it was to expire later, or never. `missing`: we
   * never saw it well.
   */
  readonly how: 'expired' | 'deleted' | 'missing';
  /** The materials that KMS lists as gone; none where we may not read the list. */
  readonly keyMaterialIds: readonly string[];
}

/** Warned of so long before: long enough to import it again, and short enough that it is the next thing to do. */
const SOON_MS = 24 * 3_600_000;

/** Whether the first of a key's imported materials expires soon. */
export const expiresSoon = (validTo: string | undefined, now: string): boolean =>
  validTo !== undefined && validTo <= later(now, SOON_MS);

/** Reads which materials are gone. Never throws for what KMS answers. */
export async function materialLossOf(
  key: KmsKey,
  { seenWell }: Pick<KeyWatch, 'seenWell'>,
  { observer, clock }: { readonly observer: Pick<KeyObserver, 'materials'>; readonly clock: Clock },
): Promise<MaterialLoss> {
  const listed = await answerOf(observer.materials(toObserve(key)));
  const gone = (listed.value ?? []).filter(({ isMissing }) => isMissing);
  return {
    how: seenWell ? (isOver(seenWell.validTo, clock.now()) ? 'expired' : 'deleted') : 'missing',
    keyMaterialIds: gone.map(({ keyMaterialId }) => keyMaterialId),
  };
}

const isOver = (validTo: string | undefined, now: string): boolean => validTo !== undefined && validTo <= now;
