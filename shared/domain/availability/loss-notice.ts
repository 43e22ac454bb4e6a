/**
 * What applications are told of a key that was confirmed to be lost. It stands on the key's own row: they may read that, and no
 * watch. It follows the watch and is never asked for a decision of ours.
 */
import type { KmsKey } from '../keys/kms-key';
import type { KeyWatch } from './key-watch';

type Watched = Pick<KeyWatch, 'availability' | 'verdict' | 'since'>;

/** A key that is only at risk serves: nobody is told anything that would stop them. */
function lossOf({ availability, verdict: { cause = 'unconfirmed' }, since }: Watched): KmsKey['loss'] {
  return availability === 'unavailable' ? { cause, since } : undefined;
}

/** Whether the key's row says what its watch says. Not so where an earlier build confirmed the loss, or the return. */
export function isNoticed({ loss }: KmsKey, watch: Watched): boolean {
  const due = lossOf(watch);
  return loss?.cause === due?.cause && loss?.since === due?.since;
}

/** The key's row as its watch has it. */
export function withNotice(key: KmsKey, watch: Watched): KmsKey {
  const loss = lossOf(watch);
  return { ...withoutNotice(key), ...(loss && { loss }) };
}

/** The row of a key that nobody watches any more. */
export function withoutNotice({ loss: _, ...key }: KmsKey): KmsKey {
  return key;
}
