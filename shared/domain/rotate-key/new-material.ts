/** Whether KMS has newer key material for a key than we know of. */
import { KeywrightError } from '../errors';
import { type KmsKey, toObserve } from '../kms-key';
import type { ControlStore, KeyObserver } from '../ports';

/**
 * The material that KMS wraps under now if it is newer than the one we know; undefined when it is the same.
 *
 * KMS is eventually consistent: an answer may be older than what we know. Material that an earlier rotation of the key
 * left behind is never taken for new.
 *
 * @throws KeywrightError `kms.unsupported` when the key has no material that rotates.
 */
export async function newMaterialOf(
  key: KmsKey,
  { control, observer }: { readonly control: ControlStore; readonly observer: KeyObserver },
): Promise<string | undefined> {
  const { keyMaterialId } = await observer.describe(toObserve(key));
  if (keyMaterialId === undefined) {
    throw new KeywrightError('kms.unsupported', 'KMS names no key material for the key: it can not be rotated.', {
      kmsKeyArn: key.kmsKeyArn,
    });
  }
  if (keyMaterialId === key.keyMaterialId) return undefined;
  for await (const earlier of control.ofKmsKey('rotation', key.kmsKeyArn)) {
    if (earlier.fromKeyMaterialId === keyMaterialId && earlier.rotatedAt !== undefined) return undefined;
  }
  return keyMaterialId;
}
