/** Tags of buses and rules: TagResource, UntagResource, ListTagsForResource. */
import * as z from 'zod/mini';
import { arn, tags, tagsByKey } from './fields';
import { readBusName } from './names';
import { homeOf, notFound, type Operation, operation, type Request } from './operation';

type Tags = Readonly<Record<string, string>>;

/** Something that can be tagged: what tags it has, and how to give it others. */
interface Tagged {
  readonly tags: Tags;
  put(tags: Tags): void;
}

export const tagOperations: Readonly<Record<string, Operation>> = {
  TagResource: operation({
    readOnly: false,
    input: z.object({ ResourceARN: arn, Tags: tags }),
    run(request) {
      const tagged = taggedBy(request);
      tagged.put({ ...tagged.tags, ...tagsByKey(request.input.Tags) });
      return {};
    },
  }),

  UntagResource: operation({
    readOnly: false,
    input: z.object({ ResourceARN: arn, TagKeys: z.array(z.string()) }),
    run(request) {
      const tagged = taggedBy(request);
      const left = Object.entries(tagged.tags).filter(([key]) => !request.input.TagKeys.includes(key));
      tagged.put(Object.fromEntries(left));
      return {};
    },
  }),

  ListTagsForResource: operation({
    readOnly: true,
    input: z.object({ ResourceARN: arn }),
    run: (request) => ({ Tags: Object.entries(taggedBy(request).tags).map(([Key, Value]) => ({ Key, Value })) }),
  }),
};

function taggedBy({ events, call, input, allow }: Request<{ ResourceARN: string }>): Tagged {
  const { ResourceARN } = input;
  allow(ResourceARN);
  const rule = events.rules.byArn(ResourceARN)?.rule;
  if (rule !== undefined) return { tags: rule.tags, put: (changed) => events.rules.put({ ...rule, tags: changed }) };
  if (ResourceARN.includes(':rule/')) throw notFound(`Rule ${ResourceARN.split('/').at(-1)} does not exist.`);
  const bus = events.buses.find(readBusName(ResourceARN, homeOf(call)));
  if (bus === undefined) throw notFound(`Event bus ${ResourceARN.split('/').at(-1)} does not exist.`);
  return { tags: bus.tags, put: (changed) => events.buses.put({ ...bus, tags: changed }) };
}
