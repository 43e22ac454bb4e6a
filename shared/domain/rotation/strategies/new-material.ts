/** Whether KMS has newer key material for a key than we know of. */
import { isHeldByCustomer } from '../../customers/encryption-options';
import { KeywrightError } from '../../errors';
import { type KmsKey, toObserve } from '../../keys/kms-key';
import type { KeyObserver } from '../../keys/ports';

export interface NewMaterial {
  readonly keyMaterialId: string;
  /** Material between the one we know and this one: of rotations that nobody told us of. */
  readonly skipped: readonly string[];
  /** When it expires, where it was imported so. */
  readonly expiresAt?: string;
}

/**
 * The material that KMS wraps under now, if it is newer than what we know; undefined otherwise. Material that the key
 * has left behind, as a part of KMS that lags may show it, is never taken for new.
 *
 * @throws KeywrightError `kms.unsupported` when the key has no material that rotates; other `kms.*`, `sts.*`.
 */
export async function newMaterialOf(key: KmsKey, observer: KeyObserver): Promise<NewMaterial | undefined> {
  const { keyMaterialId, validTo } = await observer.describe(toObserve(key));
  if (keyMaterialId === undefined) {
    throw new KeywrightError('kms.unsupported', 'KMS names no key material for the key: it cannot be rotated.', {
      kmsKeyArn: key.kmsKeyArn,
    });
  }
  const known = knownTo(key);
  if (known.has(keyMaterialId)) return undefined;
  // KMS lists materials in the key's own account only: of a customer's key we believe what we see.
  const expires = validTo !== undefined && { expiresAt: validTo };
  if (isHeldByCustomer(key.option)) return { keyMaterialId, skipped: [], ...expires };
  const ids = (await observer.materials(toObserve(key))).map((material) => material.keyMaterialId);
  const [current, newest] = [ids.indexOf(key.keyMaterialId), ids.indexOf(keyMaterialId)];
  // Older than the key is known to us, or a list that lags: the next look sees more.
  if (current < 0 || newest < current) return undefined;
  return { keyMaterialId, skipped: ids.slice(0, newest).filter((id) => !known.has(id)), ...expires };
}

const knownTo = ({ keyMaterialId, olderMaterialIds = [] }: KmsKey) => new Set([...olderMaterialIds, keyMaterialId]);

/** The key as it is under new material. */
export function withMaterial(key: KmsKey, { keyMaterialId, skipped }: NewMaterial): KmsKey {
  return { ...key, keyMaterialId, olderMaterialIds: [...(key.olderMaterialIds ?? []), key.keyMaterialId, ...skipped] };
}
