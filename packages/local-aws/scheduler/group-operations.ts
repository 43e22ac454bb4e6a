/** Schedule groups and their tags; schedules themselves have none. Groups are made and read by their tags, as recorded. */
import * as z from 'zod/mini';
import { name } from './fields';
import { groupArn } from './names';
import { conflict, notFound, type Operation, operation, type Request } from './operation';
import { type Group, newGroup } from './schedules';

const tags = z.array(z.object({ Key: z.string(), Value: z.string() }));
const tagged = { ResourceArn: z.string().check(z.minLength(1), z.maxLength(1011)) };

export const groupOperations: Readonly<Record<string, Operation>> = {
  CreateScheduleGroup: operation(
    z.object({ Name: name, ClientToken: z.optional(z.string()), Tags: z.optional(tags) }),
    ({ scheduler, home, input, allow }) => {
      const arn = groupArn(home, input.Name);
      allow(arn);
      if (scheduler.book.findGroup(home, input.Name)) throw conflict(`Schedule group ${input.Name} already exists.`);
      const group = newGroup(home, input.Name, scheduler.clock.now());
      scheduler.book.putGroup({ ...group, tags: tagsByKey(input.Tags ?? []) });
      return { ScheduleGroupArn: arn };
    },
  ),

  TagResource: operation(z.object({ ...tagged, Tags: tags }), (request) => {
    const group = taggedGroup(request);
    const changed = { ...group.tags, ...tagsByKey(request.input.Tags) };
    request.scheduler.book.putGroup({ ...group, tags: changed });
    return {};
  }),

  ListTagsForResource: operation(z.object(tagged), (request) => ({
    Tags: Object.entries(taggedGroup(request).tags).map(([Key, Value]) => ({ Key, Value })),
  })),
};

function tagsByKey(list: z.output<typeof tags>): Readonly<Record<string, string>> {
  return Object.fromEntries(list.map(({ Key, Value }) => [Key, Value]));
}

function taggedGroup({ scheduler, input, allow }: Request<{ ResourceArn: string }>): Group {
  allow(input.ResourceArn);
  const group = scheduler.book.groupByArn(input.ResourceArn);
  if (group === undefined) throw notFound(`Schedule group ${input.ResourceArn.split('/').at(-1)} does not exist.`);
  return group;
}
