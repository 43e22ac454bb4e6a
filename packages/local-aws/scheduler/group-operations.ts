/** Schedule groups and their tags; schedules themselves have none. */
import * as z from 'zod/mini';
import type { JsonObject } from '../call';
import { tags, tagsByKey } from '../eventbridge/fields';
import { secondsOf } from '../eventbridge/operation';
import { pageOf } from '../eventbridge/pages';
import { DEFAULT_GROUP, groupArn } from './names';
import { conflict, invalid, knownGroup, notFound, type Operation, operation, type Request } from './operation';
import { type Group, newGroup } from './schedules';

const name = z.string().check(z.minLength(1), z.maxLength(64), z.regex(/^[0-9a-zA-Z-_.]+$/));
const named = z.object({ Name: name, ClientToken: z.optional(z.string()) });
const tagged = { ResourceArn: z.string().check(z.minLength(1), z.maxLength(1011)) };

export const groupOperations: Readonly<Record<string, Operation>> = {
  CreateScheduleGroup: operation(
    z.object({ ...named.shape, Tags: z.optional(tags) }),
    ({ scheduler, home, input, allow }) => {
      const arn = groupArn(home, input.Name);
      allow(arn);
      if (scheduler.book.findGroup(home, input.Name)) throw conflict(`Schedule group ${input.Name} already exists.`);
      const group = newGroup(home, input.Name, scheduler.clock.now());
      scheduler.book.putGroup({ ...group, tags: tagsByKey(input.Tags) });
      return { ScheduleGroupArn: arn };
    },
  ),

  GetScheduleGroup: operation(named, (request) => shown(allowedGroup(request))),

  /** Deletes the schedules of the group with it. */
  DeleteScheduleGroup: operation(named, (request) => {
    const { scheduler, home } = request;
    const group = allowedGroup(request);
    if (group.name === DEFAULT_GROUP) throw invalid('The default schedule group cannot be deleted.');
    const schedules = scheduler.book.list(home).filter(({ groupName }) => groupName === group.name);
    scheduler.together(() => {
      for (const { arn } of schedules) scheduler.book.remove(arn);
      scheduler.book.removeGroup(group.arn);
    });
    return {};
  }),

  ListScheduleGroups: operation(
    z.object({
      NamePrefix: z.optional(name),
      MaxResults: z.optional(z.coerce.number().check(z.gte(1), z.lte(100))),
      NextToken: z.optional(z.string()),
    }),
    ({ scheduler, home, input, allow }) => {
      allow(groupArn(home, '*'));
      const found = scheduler.book.listGroups(home).filter((group) => group.name.startsWith(input.NamePrefix ?? ''));
      const { items, ...more } = pageOf(found, { Limit: input.MaxResults, NextToken: input.NextToken });
      return { ScheduleGroups: items.map(shown), ...more };
    },
  ),

  TagResource: operation(z.object({ ...tagged, Tags: tags }), (request) => {
    const group = taggedGroup(request);
    const changed = { ...group.tags, ...tagsByKey(request.input.Tags) };
    request.scheduler.book.putGroup({ ...group, tags: changed });
    return {};
  }),

  UntagResource: operation(z.object({ ...tagged, TagKeys: z.union([z.string(), z.array(z.string())]) }), (request) => {
    const group = taggedGroup(request);
    const removed = [request.input.TagKeys].flat();
    const left = Object.entries(group.tags).filter(([key]) => !removed.includes(key));
    request.scheduler.book.putGroup({ ...group, tags: Object.fromEntries(left) });
    return {};
  }),

  ListTagsForResource: operation(z.object(tagged), (request) => ({
    Tags: Object.entries(taggedGroup(request).tags).map(([Key, Value]) => ({ Key, Value })),
  })),
};

function allowedGroup(request: Request<{ Name: string }>): Group {
  request.allow(groupArn(request.home, request.input.Name));
  return knownGroup(request, request.input.Name);
}

function taggedGroup({ scheduler, input, allow }: Request<{ ResourceArn: string }>): Group {
  allow(input.ResourceArn);
  const group = scheduler.book.groupByArn(input.ResourceArn);
  if (group === undefined) throw notFound(`Schedule group ${input.ResourceArn.split('/').at(-1)} does not exist.`);
  return group;
}

function shown({ arn, name, createdAt }: Group): JsonObject {
  const at = secondsOf(createdAt);
  return { Arn: arn, Name: name, State: 'ACTIVE', CreationDate: at, LastModificationDate: at };
}
