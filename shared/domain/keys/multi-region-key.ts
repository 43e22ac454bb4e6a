/** Multi-Region keys: the same key material in several regions, under one key id. */
import type { KeyRef } from './kms-key';

/**
 * The key that opens, in the region of another one, what a key has wrapped: the key itself there, or its replica.
 * Undefined where it can have none. Whether the replica exists is for KMS to say.
 *
 * Source: KMS developer guide, multi-Region keys: their id begins with `mrk-`, and is the same in every region.
 */
export function readableIn<Key extends KeyRef>(
  { kmsKeyArn: there }: Pick<KeyRef, 'kmsKeyArn'>,
  key: Key,
): Key | undefined {
  const [arn, aws, kms, region = '', account, resource = ''] = key.kmsKeyArn.split(':');
  const otherRegion = there.split(':')[3] ?? '';
  if (region === otherRegion) return key;
  if (!resource.startsWith('key/mrk-')) return undefined;
  return { ...key, kmsKeyArn: [arn, aws, kms, otherRegion, account, resource].join(':') };
}
