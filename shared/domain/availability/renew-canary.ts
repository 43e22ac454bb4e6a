/** The canary under a key's newest material: the first one, wrapped anew once the key has newer material. */
import type { KmsKey } from '../keys/kms-key';
import type { DataKeyCrypto } from '../keys/ports';
import type { Log } from '../ports';
import { answerOf } from './answer';
import type { Canary, KeyWatch } from './key-watch';
import { canaryContextOf, newestOf } from './observe-key';

/**
 * The newest canary as it is to be kept. One call of KMS where there is news, else none. KMS tells of new material late, and
 * wraps under the old one for a while: then the next full look tries again, as it does where KMS refuses.
 *
 * @param keyMaterialId What the key wraps under, as KMS described it just now.
 */
export async function renewCanary(
  key: KmsKey,
  watch: KeyWatch,
  keyMaterialId: string | undefined,
  { crypto, log }: { readonly crypto: Pick<DataKeyCrypto, 'reencrypt'>; readonly log: Log },
): Promise<Canary | undefined> {
  const known = [watch.canary, newestOf(watch)].map((canary) => canary.keyMaterialId);
  if (keyMaterialId === undefined || known.includes(keyMaterialId)) return watch.newestCanary;
  const { value, error } = await answerOf(crypto.reencrypt(key, key, watch.canary.wrapped, canaryContextOf(key)));
  if (error) log.info('the canary was not wrapped anew', { kmsKeyArn: key.kmsKeyArn, code: error.code });
  if (!value || known.includes(value.keyMaterialId)) return watch.newestCanary;
  return { wrapped: value.wrapped, keyMaterialId: value.keyMaterialId };
}
