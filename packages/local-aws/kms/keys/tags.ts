/** Tags of keys. Texts of the TagExceptions: recorded from AWS, but for the duplicate, which is unconfirmed. */
import * as z from 'zod/mini';
import { AwsError } from '../../call';
import * as field from '../fields';
import { operation } from '../operation';
import { paged } from '../paging';
import { useKey } from '../use-key';
import type { Tag } from './kms-key';

/** Source: KMS developer guide, "Tags in AWS KMS". */
const TAGS_MAX = 50;

export const tagResource = operation({
  readOnly: false,
  quota: 'own',
  state: 'label',
  logs: ['KeyId', 'Tags'],
  input: z.object({ KeyId: field.keyId, Tags: field.tags }),
  run(kms, request) {
    const key = useKey(kms, request, { keyId: request.input.KeyId });
    kms.keys.save({ ...key, tags: withTags(key.tags, request.input.Tags) });
    request.notes.response = { keyId: key.arn };
    return undefined;
  },
});

export const untagResource = operation({
  readOnly: false,
  quota: 'own',
  state: 'label',
  logs: ['KeyId', 'TagKeys'],
  input: z.object({ KeyId: field.keyId, TagKeys: z.array(z.string().check(z.minLength(1), z.maxLength(128))) }),
  run(kms, request) {
    const key = useKey(kms, request, { keyId: request.input.KeyId });
    kms.keys.save({ ...key, tags: key.tags.filter((tag) => !request.input.TagKeys.includes(tag.TagKey)) });
    request.notes.response = { keyId: key.arn };
    return undefined;
  },
});

export const listResourceTags = operation({
  readOnly: true,
  quota: 'own',
  state: 'look',
  logs: ['KeyId', 'Limit', 'Marker'],
  input: z.object({ KeyId: field.keyId, ...field.page }),
  run(kms, request) {
    const { tags } = useKey(kms, request, { keyId: request.input.KeyId });
    return paged(
      'Tags',
      tags.map(({ TagKey, TagValue }) => ({ TagKey, TagValue })),
      request.input,
    );
  },
});

/** Adds tags and replaces the values of those that exist. @throws AwsError TagException */
export function withTags(existing: readonly Tag[], added: readonly Tag[]): readonly Tag[] {
  const names = added.map((tag) => tag.TagKey);
  if (names.some((name) => name.toLowerCase().startsWith('aws:'))) {
    throw new AwsError('TagException', 'Tags beginning with aws: are reserved');
  }
  if (new Set(names).size < names.length) throw new AwsError('TagException', 'Duplicate tag keys');
  const merged = new Map([...existing, ...added].map((tag) => [tag.TagKey, tag]));
  if (merged.size > TAGS_MAX) throw new AwsError('TagException', 'Too many tags');
  return [...merged.values()];
}
