/** CreateSchedule, GetSchedule, UpdateSchedule, DeleteSchedule, ListSchedules. */
import * as z from 'zod/mini';
import type { JsonObject } from '../call';
import { DEFAULT_BUS, serviceOf } from '../eventbridge/names';
import { present, secondsOf } from '../eventbridge/operation';
import { pageOf } from '../eventbridge/pages';
import { readSchedule } from './expression';
import { name } from './fields';
import { DEFAULT_GROUP, scheduleArn } from './names';
import { conflict, invalid, knownGroup, notFound, type Operation, operation, type Request } from './operation';
import type { ScheduleRow, Target } from './schedules';
import { isTimeZone } from './time-zone';

/** Source of limits and patterns: Scheduler's service model in botocore. */
const arn = z.string().check(z.minLength(1), z.maxLength(1600));

/** What local AWS can deliver to, by the service in the target's ARN. */
const DELIVERS_TO: readonly string[] = ['sqs', 'lambda', 'events'];

/** Fields that local AWS does not know are kept and shown again. */
const target = z.looseObject({
  Arn: arn,
  RoleArn: arn,
  Input: z.optional(z.string().check(z.minLength(1))),
  RetryPolicy: z.optional(
    z.object({
      MaximumRetryAttempts: z.optional(z.number().check(z.gte(0), z.lte(185))),
      MaximumEventAgeInSeconds: z.optional(z.number().check(z.gte(60), z.lte(86_400))),
    }),
  ),
  DeadLetterConfig: z.optional(z.object({ Arn: z.optional(arn) })),
  SqsParameters: z.optional(z.object({ MessageGroupId: z.optional(z.string()) })),
  EventBridgeParameters: z.optional(
    z.object({
      DetailType: z.string().check(z.minLength(1), z.maxLength(128)),
      Source: z.string().check(z.minLength(1), z.maxLength(256)),
    }),
  ),
});

const scheduleInput = z.object({
  Name: name,
  GroupName: z.optional(name),
  ScheduleExpression: z.string().check(z.minLength(1), z.maxLength(256)),
  ScheduleExpressionTimezone: z.optional(z.string().check(z.minLength(1), z.maxLength(50))),
  FlexibleTimeWindow: z.object({
    Mode: z.enum(['OFF', 'FLEXIBLE']),
    MaximumWindowInMinutes: z.optional(z.number().check(z.gte(1), z.lte(1440))),
  }),
  Target: target,
  State: z.optional(z.enum(['ENABLED', 'DISABLED'])),
  Description: z.optional(z.string().check(z.maxLength(512))),
  StartDate: z.optional(z.number()),
  EndDate: z.optional(z.number()),
  ActionAfterCompletion: z.optional(z.enum(['NONE', 'DELETE'])),
  KmsKeyArn: z.optional(arn),
  ClientToken: z.optional(z.string().check(z.minLength(1), z.maxLength(64))),
});
type ScheduleInput = z.output<typeof scheduleInput>;

const named = z.object({ Name: name, GroupName: z.optional(name), ClientToken: z.optional(z.string()) });

export const scheduleOperations: Readonly<Record<string, Operation>> = {
  /** Safe to repeat with the same client token. */
  CreateSchedule: operation(scheduleInput, (request) => {
    const { scheduler, home, input, allow } = request;
    const made = scheduleArn(home, input.GroupName ?? DEFAULT_GROUP, input.Name);
    allow(made);
    knownGroup(request, input.GroupName ?? DEFAULT_GROUP);
    check(input);
    const known = scheduler.book.find(made);
    const isRepeated = known?.clientToken !== undefined && known.clientToken === input.ClientToken;
    if (known !== undefined && !isRepeated) throw conflict(`Schedule ${input.Name} already exists.`);
    if (known === undefined) save(request, scheduler.clock.now());
    return { ScheduleArn: made };
  }),

  GetSchedule: operation(named, (request) => shown(knownSchedule(request))),

  /** Replaces every field: what is left out falls back to its default, as in AWS. */
  UpdateSchedule: operation(scheduleInput, (request) => {
    const known = knownSchedule(request);
    check(request.input);
    save(request, known.createdAt);
    return { ScheduleArn: known.arn };
  }),

  DeleteSchedule: operation(named, (request) => {
    request.scheduler.book.remove(knownSchedule(request).arn);
    return {};
  }),

  ListSchedules: operation(
    z.object({
      GroupName: z.optional(name),
      NamePrefix: z.optional(name),
      State: z.optional(z.enum(['ENABLED', 'DISABLED'])),
      MaxResults: z.optional(z.coerce.number().check(z.gte(1), z.lte(100))),
      NextToken: z.optional(z.string()),
    }),
    ({ scheduler, home, input, allow }) => {
      allow(scheduleArn(home, '*', '*'));
      const found = scheduler.book
        .list(home)
        .filter(({ groupName }) => input.GroupName === undefined || groupName === input.GroupName)
        .filter((schedule) => schedule.name.startsWith(input.NamePrefix ?? ''))
        .filter(({ state }) => input.State === undefined || state === input.State);
      const { items, ...more } = pageOf(found, { Limit: input.MaxResults, NextToken: input.NextToken });
      return { Schedules: items.map(summary), ...more };
    },
  ),
};

function knownSchedule(request: Request<{ Name: string; GroupName?: string | undefined }>): ScheduleRow {
  const { scheduler, home, input, allow } = request;
  const wanted = scheduleArn(home, input.GroupName ?? DEFAULT_GROUP, input.Name);
  allow(wanted);
  const schedule = scheduler.book.find(wanted);
  if (schedule === undefined) throw notFound(`Schedule ${input.Name} does not exist.`);
  return schedule;
}

function check({ ScheduleExpression, ScheduleExpressionTimezone = 'UTC', Target, FlexibleTimeWindow }: ScheduleInput) {
  if (!isTimeZone(ScheduleExpressionTimezone)) {
    throw invalid(`The ScheduleExpressionTimezone ${ScheduleExpressionTimezone} is not valid.`);
  }
  readSchedule(ScheduleExpression, ScheduleExpressionTimezone);
  if (FlexibleTimeWindow.Mode === 'FLEXIBLE' && FlexibleTimeWindow.MaximumWindowInMinutes === undefined) {
    throw invalid('FlexibleTimeWindow FLEXIBLE needs MaximumWindowInMinutes.');
  }
  if (!DELIVERS_TO.includes(serviceOf(Target.Arn))) {
    throw invalid(
      `Target: local Scheduler delivers to SQS queues, Lambda functions and default event buses, not to ${Target.Arn}.`,
    );
  }
  if (serviceOf(Target.Arn) === 'events') checkBus(Target);
}

function checkBus({ Arn, EventBridgeParameters }: ScheduleInput['Target']): void {
  if (!Arn.endsWith(`:event-bus/${DEFAULT_BUS}`))
    throw invalid(`Target: local Scheduler delivers to default event buses alone, not to ${Arn}.`);
  if (!EventBridgeParameters) throw invalid('Target: an event bus needs EventBridgeParameters.');
}

function save({ scheduler, home, input }: Request<ScheduleInput>, createdAt: number): void {
  const groupName = input.GroupName ?? DEFAULT_GROUP;
  const schedule: ScheduleRow = {
    ...home,
    arn: scheduleArn(home, groupName, input.Name),
    name: input.Name,
    groupName,
    expression: input.ScheduleExpression,
    timeZone: input.ScheduleExpressionTimezone ?? 'UTC',
    window: input.FlexibleTimeWindow as ScheduleRow['window'],
    target: input.Target as Target,
    state: input.State ?? 'ENABLED',
    afterCompletion: input.ActionAfterCompletion ?? 'NONE',
    createdAt,
    modifiedAt: scheduler.clock.now(),
    ...(input.Description !== undefined && { description: input.Description }),
    ...(input.StartDate !== undefined && { startDate: input.StartDate * 1000 }),
    ...(input.EndDate !== undefined && { endDate: input.EndDate * 1000 }),
    ...(input.KmsKeyArn !== undefined && { kmsKeyArn: input.KmsKeyArn }),
    ...(input.ClientToken !== undefined && { clientToken: input.ClientToken }),
  };
  scheduler.together(() => {
    scheduler.book.put(schedule);
    scheduler.agenda.begin(schedule);
  });
}

function shown(schedule: ScheduleRow): JsonObject {
  return present({
    Arn: schedule.arn,
    Name: schedule.name,
    GroupName: schedule.groupName,
    ScheduleExpression: schedule.expression,
    ScheduleExpressionTimezone: schedule.timeZone,
    FlexibleTimeWindow: schedule.window,
    Target: schedule.target,
    State: schedule.state,
    Description: schedule.description,
    StartDate: schedule.startDate && secondsOf(schedule.startDate),
    EndDate: schedule.endDate && secondsOf(schedule.endDate),
    ActionAfterCompletion: schedule.afterCompletion,
    KmsKeyArn: schedule.kmsKeyArn,
    CreationDate: secondsOf(schedule.createdAt),
    LastModificationDate: secondsOf(schedule.modifiedAt),
  });
}

function summary(schedule: ScheduleRow): JsonObject {
  return {
    Arn: schedule.arn,
    Name: schedule.name,
    GroupName: schedule.groupName,
    State: schedule.state,
    Target: { Arn: schedule.target.Arn },
    CreationDate: secondsOf(schedule.createdAt),
    LastModificationDate: secondsOf(schedule.modifiedAt),
  };
}
