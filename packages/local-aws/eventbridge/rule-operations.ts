/** Rules: PutRule, DescribeRule, ListRules, EnableRule, DisableRule, DeleteRule, ListRuleNamesByTarget, TestEventPattern. */
import * as z from 'zod/mini';
import { AwsError, type JsonObject } from '../call';
import { readObject } from '../json-object';
import type { Bus } from './buses';
import { arn, busNameOrArn, description, limit, noTags, ruleName } from './fields';
import { DEFAULT_BUS, ruleArn } from './names';
import {
  type EventBridge,
  invalid,
  knownBus,
  knownRule,
  type Operation,
  operation,
  present,
  type Request,
} from './operation';
import { pageOf } from './pages';
import { compilePattern } from './patterns/pattern';
import { type Rule, type RuleState, WIDE } from './rules';

/** Source: EventBridge quotas. */
const RULES_PER_BUS_MAX = 300;
const WILDCARD_RULES_PER_BUS_MAX = 30;

/** Fields that an event must have for TestEventPattern. Source: TestEventPattern in the SDK. */
const EVENT_FIELDS = ['id', 'account', 'source', 'time', 'region', 'resources', 'detail-type'] as const;

const oneRule = z.object({ Name: ruleName, EventBusName: z.optional(busNameOrArn) });
const paging = { Limit: z.optional(limit), NextToken: z.optional(z.string()) };

const ruleInput = z.object({
  Name: ruleName,
  EventBusName: z.optional(busNameOrArn),
  EventPattern: z.optional(z.string()),
  ScheduleExpression: z.optional(z.string()),
  State: z.optional(z.enum(['ENABLED', 'DISABLED', WIDE])),
  Description: z.optional(description),
  RoleArn: z.optional(arn),
  Tags: noTags,
});

export const ruleOperations: Readonly<Record<string, Operation>> = {
  PutRule: operation({
    readOnly: false,
    input: ruleInput,
    run(request) {
      const { events, input } = request;
      const bus = knownBus(request, input.EventBusName);
      request.allow(ruleArn(bus, input.Name), bus);
      checkKind(bus, input);
      const rule = ruleOf(request, bus);
      checkQuotas(events, bus, rule);
      events.together(() => events.router.schedule(events.rules.put(rule)));
      return { RuleArn: rule.arn };
    },
  }),

  DescribeRule: operation({
    readOnly: true,
    input: oneRule,
    run(request) {
      const rule = namedRule(request);
      return { ...shown(rule), CreatedBy: rule.createdBy };
    },
  }),

  ListRules: operation({
    readOnly: true,
    input: z.object({ NamePrefix: z.optional(ruleName), EventBusName: z.optional(busNameOrArn), ...paging }),
    run(request) {
      const { input } = request;
      const found = rulesOf(request).filter(({ name }) => name.startsWith(input.NamePrefix ?? ''));
      const { items, ...more } = pageOf(found, input);
      return { Rules: items.map(shown), ...more };
    },
  }),

  ListRuleNamesByTarget: operation({
    readOnly: true,
    input: z.object({ TargetArn: arn, EventBusName: z.optional(busNameOrArn), ...paging }),
    run(request) {
      const { input } = request;
      const found = rulesOf(request).filter(({ targets }) => targets.some(({ Arn }) => Arn === input.TargetArn));
      const { items, ...more } = pageOf(found, input);
      return { RuleNames: items.map(({ name }) => name), ...more };
    },
  }),

  EnableRule: operation({ readOnly: false, input: oneRule, run: (request) => setState(request, 'ENABLED') }),
  DisableRule: operation({ readOnly: false, input: oneRule, run: (request) => setState(request, 'DISABLED') }),

  /** Safe to repeat: a rule that is not there counts as deleted. */
  DeleteRule: operation({
    readOnly: false,
    input: z.object({ ...oneRule.shape, Force: z.optional(z.boolean()) }),
    run(request) {
      const { events, input } = request;
      const bus = knownBus(request, input.EventBusName);
      request.allow(ruleArn(bus, input.Name), bus);
      const rule = events.rules.find(bus, input.Name);
      if (rule === undefined) return {};
      if (rule.targets.length > 0) throw invalid("Rule can't be deleted since it has targets.");
      events.rules.remove(rule.arn);
      return {};
    },
  }),

  TestEventPattern: operation({
    readOnly: true,
    input: z.object({ EventPattern: z.string(), Event: z.string() }),
    run({ input, call, allow }) {
      allow(`arn:aws:events:${call.region}:${call.caller.accountId}:*`);
      const pattern = compilePattern(input.EventPattern);
      return { Result: pattern.matches(readEvent(input.Event)) };
    },
  }),
};

/** What AWS refuses about the kind of rule before it looks at pattern or schedule. */
function checkKind(bus: Bus, input: z.output<typeof ruleInput>): void {
  if (input.EventPattern === undefined && input.ScheduleExpression === undefined) {
    throw invalid('Parameter(s) EventPattern or ScheduleExpression must be specified.');
  }
  if (input.ScheduleExpression !== undefined && bus.name !== DEFAULT_BUS) {
    throw invalid('ScheduleExpression is supported only on the default event bus.');
  }
}

/** Putting a rule again replaces it and keeps its targets. Source: PutRule in the SDK. */
function ruleOf({ events, call, input }: Request<z.output<typeof ruleInput>>, bus: Bus): Rule {
  const known = events.rules.find(bus, input.Name);
  const isSameSchedule = known?.schedule === input.ScheduleExpression;
  return {
    arn: ruleArn(bus, input.Name),
    name: input.Name,
    busArn: bus.arn,
    busName: bus.name,
    state: input.State ?? 'ENABLED',
    createdBy: known?.createdBy ?? call.caller.accountId,
    scheduledFrom: known && isSameSchedule ? known.scheduledFrom : events.clock.now(),
    targets: known?.targets ?? [],
    ...(input.EventPattern !== undefined && { pattern: input.EventPattern }),
    ...(input.ScheduleExpression !== undefined && { schedule: input.ScheduleExpression }),
    ...(input.Description !== undefined && { description: input.Description }),
    ...(input.RoleArn !== undefined && { roleArn: input.RoleArn }),
  };
}

function checkQuotas({ rules }: EventBridge, bus: Bus, { arn: ruleArn, pattern }: Rule): void {
  const others = rules.onBus(bus.arn).filter(({ rule }) => rule.arn !== ruleArn);
  const usesWildcard = pattern !== undefined && compilePattern(pattern).usesWildcard;
  const wildcards = others.filter((other) => other.pattern?.usesWildcard).length;
  if (others.length < RULES_PER_BUS_MAX && !(usesWildcard && wildcards >= WILDCARD_RULES_PER_BUS_MAX)) return;
  throw new AwsError('LimitExceededException', 'The requested resource exceeds the maximum number allowed.');
}

function namedRule(request: Request<z.output<typeof oneRule>>): Rule {
  const bus = knownBus(request, request.input.EventBusName);
  request.allow(ruleArn(bus, request.input.Name), bus);
  return knownRule(request, bus, request.input.Name);
}

function setState(request: Request<z.output<typeof oneRule>>, state: RuleState): JsonObject {
  const { events } = request;
  const rule = namedRule(request);
  events.together(() => events.router.schedule(events.rules.put({ ...rule, state })));
  return {};
}

function rulesOf(request: Request<{ EventBusName?: string | undefined }>): readonly Rule[] {
  const bus = knownBus(request, request.input.EventBusName);
  request.allow(ruleArn(bus, '*'), bus);
  const rules = request.events.rules.onBus(bus.arn).map(({ rule }) => rule);
  return rules.sort((one, other) => (one.name < other.name ? -1 : 1));
}

function shown(rule: Rule): JsonObject {
  return present({
    Name: rule.name,
    Arn: rule.arn,
    EventPattern: rule.pattern,
    ScheduleExpression: rule.schedule,
    State: rule.state,
    Description: rule.description,
    RoleArn: rule.roleArn,
    EventBusName: rule.busName,
  });
}

function readEvent(text: string): JsonObject {
  const fields = readObject(text);
  if (fields === undefined) throw invalid('Parameter Event is not valid.');
  const missing = EVENT_FIELDS.find((field) => fields[field] === undefined);
  if (missing !== undefined) throw invalid(`Parameter Event is not valid. Reason: ${missing} is a required argument.`);
  return fields;
}
