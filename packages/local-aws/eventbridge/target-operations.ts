/** Targets of a rule: PutTargets, ListTargetsByRule, RemoveTargets. */
import * as z from 'zod/mini';
import { AwsError } from '../call';
import type { Bus } from './buses';
import { arn, busNameOrArn, limit, ruleName } from './fields';
import { accountOf, ruleArn, serviceOf } from './names';
import { invalid, knownBus, knownRule, type Operation, operation, type Request } from './operation';
import { pageOf } from './pages';
import type { Rule, Target } from './rules';

/** Not adjustable. Source: EventBridge quotas; the API model's 100 is misleading. */
const TARGETS_PER_RULE_MAX = 5;

/** What local AWS can deliver to, by the service in the target's ARN. */
const DELIVERS_TO: readonly string[] = ['sqs', 'lambda', 'events'];

const targetId = z.string().check(z.minLength(1), z.maxLength(64), z.regex(/^[.\-_A-Za-z0-9]+$/));

/** Fields that local AWS does not know are kept and shown again. */
const target = z.looseObject({
  Id: targetId,
  Arn: arn,
  RoleArn: z.optional(arn),
  Input: z.optional(z.string().check(z.maxLength(8192))),
  InputPath: z.optional(z.string().check(z.maxLength(256))),
  InputTransformer: z.optional(
    z.object({
      InputPathsMap: z.optional(z.record(z.string(), z.string())),
      InputTemplate: z.string().check(z.minLength(1), z.maxLength(8192)),
    }),
  ),
  SqsParameters: z.optional(z.object({ MessageGroupId: z.string() })),
  RetryPolicy: z.optional(
    z.object({
      MaximumRetryAttempts: z.optional(z.number().check(z.gte(0), z.lte(185))),
      MaximumEventAgeInSeconds: z.optional(z.number().check(z.gte(60), z.lte(86_400))),
    }),
  ),
  DeadLetterConfig: z.optional(z.object({ Arn: z.optional(arn) })),
});

const ofRule = { Rule: ruleName, EventBusName: z.optional(busNameOrArn) };

export const targetOperations: Readonly<Record<string, Operation>> = {
  /** A target with the id of an earlier one takes its place. */
  PutTargets: operation({
    readOnly: false,
    input: z.object({ ...ofRule, Targets: z.array(target).check(z.minLength(1), z.maxLength(100)) }),
    run(request) {
      const { rule, bus } = ruleOf(request);
      const added = request.input.Targets as readonly Target[];
      for (const one of added) checkTarget(bus, one);
      const byId = new Map([...rule.targets, ...added].map((one) => [one.Id, one]));
      if (byId.size > TARGETS_PER_RULE_MAX) {
        throw new AwsError('LimitExceededException', 'The requested resource exceeds the maximum number allowed.');
      }
      request.events.rules.put({ ...rule, targets: [...byId.values()] });
      return { FailedEntryCount: 0, FailedEntries: [] };
    },
  }),

  ListTargetsByRule: operation({
    readOnly: true,
    input: z.object({ ...ofRule, Limit: z.optional(limit), NextToken: z.optional(z.string()) }),
    run(request) {
      const { rule } = ruleOf(request);
      const { items, ...more } = pageOf(rule.targets, request.input);
      return { Targets: items, ...more };
    },
  }),

  /** Safe to repeat: a target that is not there counts as removed. */
  RemoveTargets: operation({
    readOnly: false,
    input: z.object({ ...ofRule, Ids: z.array(targetId).check(z.minLength(1)), Force: z.optional(z.boolean()) }),
    run(request) {
      const { rule } = ruleOf(request);
      const targets = rule.targets.filter(({ Id }) => !request.input.Ids.includes(Id));
      request.events.rules.put({ ...rule, targets });
      return { FailedEntryCount: 0, FailedEntries: [] };
    },
  }),
};

function ruleOf(request: Request<{ Rule: string; EventBusName?: string | undefined }>): { rule: Rule; bus: Bus } {
  const { input, allow } = request;
  const bus = knownBus(request, input.EventBusName);
  allow(ruleArn(bus, input.Rule), bus);
  return { rule: knownRule(request, bus, input.Rule), bus };
}

/** Texts: AWS's for RoleArn and SqsParameters (not in the recordings); the others are local AWS's own. */
function checkTarget(bus: Bus, { Id, Arn, RoleArn, Input, InputPath, InputTransformer, SqsParameters }: Target): void {
  const service = serviceOf(Arn);
  if (!DELIVERS_TO.includes(service)) {
    throw invalid(`Target ${Id}: local AWS delivers to SQS queues, Lambda functions and event buses, not to ${Arn}.`);
  }
  const changes = [Input, InputPath, InputTransformer].filter((change) => change !== undefined);
  if (changes.length > 1) {
    throw invalid(`Only one of Input, InputPath, or InputTransformer must be provided for target ${Id}.`);
  }
  if (Arn.endsWith('.fifo') && SqsParameters === undefined) {
    throw invalid(`Parameter(s) SqsParameters must be specified for target: ${Id}.`);
  }
  if (service !== 'events') return;
  if (Arn === bus.arn) throw invalid(`Target ${Id}: an event bus cannot be the target of its own rule.`);
  if (accountOf(Arn) !== bus.accountId && RoleArn === undefined)
    throw invalid(`RoleArn is required for target ${Arn}.`);
  if (changes.length > 0) throw invalid(`Modifying the input for target ${Id} is not supported.`);
}
