/** Whether KMS has newer key material for a key than we know of. */
import { KeywrightError } from '../errors';
import { type KmsKey, toObserve } from '../kms-key';
import type { KeyObserver } from '../ports';

export interface NewMaterial {
  readonly keyMaterialId: string;
  /** Material between the one we know and this one: of rotations that nobody told us of. */
  readonly skipped: readonly string[];
}

/**
 * The material that KMS wraps under now, if it is newer than what we know; undefined otherwise. Material that the key
 * has left behind, as a part of KMS that lags may show it, is never taken for new.
 *
 * @throws KeywrightError `kms.unsupported` when the key has no material that rotates; other `kms.*`, `sts.*`.
 */
export async function newMaterialOf(key: KmsKey, observer: KeyObserver): Promise<NewMaterial | undefined> {
  const { keyMaterialId } = await observer.describe(toObserve(key));
  if (keyMaterialId === undefined) {
    throw new KeywrightError('kms.unsupported', 'KMS names no key material for the key: it can not be rotated.', {
      kmsKeyArn: key.kmsKeyArn,
    });
  }
  const known = knownTo(key);
  if (known.has(keyMaterialId)) return undefined;
  return { keyMaterialId, skipped: await skippedBefore(keyMaterialId, known, key, observer) };
}

/** KMS lists materials in the key's own account only: of a customer's key we see what we see. */
async function skippedBefore(newest: string, known: ReadonlySet<string>, key: KmsKey, observer: KeyObserver) {
  if (key.option === 'customer-managed') return [];
  const ids = (await observer.materials(toObserve(key))).map(({ keyMaterialId }) => keyMaterialId);
  return ids.slice(0, Math.max(0, ids.indexOf(newest))).filter((id) => !known.has(id));
}

const knownTo = ({ keyMaterialId, olderMaterialIds = [] }: KmsKey) => new Set([...olderMaterialIds, keyMaterialId]);

/** The key as it is under new material. */
export function withMaterial(key: KmsKey, { keyMaterialId, skipped }: NewMaterial): KmsKey {
  return { ...key, keyMaterialId, olderMaterialIds: [...(key.olderMaterialIds ?? []), key.keyMaterialId, ...skipped] };
}
