/** Who else may use a bus: PutPermission and RemovePermission. */
import * as z from 'zod/mini';
import { AwsError, type JsonObject } from '../call';
import { isObject, readObject } from '../json-object';
import type { Bus, BusPolicy } from './buses';
import { busName } from './fields';
import { invalid, knownBus, notFound, type Operation, operation } from './operation';

/** Source: EventBridge quotas, "Event bus policy size". */
const POLICY_CHARACTERS_MAX = 10_240;

const statementId = z.string().check(z.minLength(1), z.maxLength(64), z.regex(/^[a-zA-Z0-9-_]+$/));

const permission = z.object({
  EventBusName: z.optional(busName),
  Policy: z.optional(z.string()),
  Action: z.optional(z.literal('events:PutEvents')),
  Principal: z.optional(z.string().check(z.regex(/^(\d{12}|\*)$/))),
  StatementId: z.optional(statementId),
  Condition: z.optional(z.object({ Type: z.string(), Key: z.string(), Value: z.string() })),
});

export const policyOperations: Readonly<Record<string, Operation>> = {
  PutPermission: operation({
    readOnly: false,
    input: permission,
    run(request) {
      const bus = knownBus(request, request.input.EventBusName);
      request.allow(bus.arn, bus);
      const policy =
        request.input.Policy === undefined ? withStatement(bus, request.input) : read(request.input.Policy);
      if (JSON.stringify(policy).length > POLICY_CHARACTERS_MAX) {
        throw new AwsError('PolicyLengthExceededException', 'The policy is longer than 10240 characters.');
      }
      request.events.buses.put({ ...bus, policy, modifiedAt: request.events.clock.now() });
      return {};
    },
  }),

  RemovePermission: operation({
    readOnly: false,
    input: z.object({
      EventBusName: z.optional(busName),
      StatementId: z.optional(statementId),
      RemoveAllPermissions: z.optional(z.boolean()),
    }),
    run(request) {
      const { input, events, allow } = request;
      const { policy, ...bus } = knownBus(request, input.EventBusName);
      allow(bus.arn, policy ? { ...bus, policy } : bus);
      const left = input.RemoveAllPermissions ? [] : statementsWithout(policy, input.StatementId);
      const modified = { ...bus, modifiedAt: events.clock.now() };
      events.buses.put(policy && left.length > 0 ? { ...modified, policy: { ...policy, Statement: left } } : modified);
      return {};
    },
  }),
};

function statementsWithout(policy: BusPolicy | undefined, sid: string | undefined): readonly JsonObject[] {
  if (sid === undefined) throw invalid('Parameter(s) StatementId must be specified.');
  const statements = policy?.Statement ?? [];
  const left = statements.filter(({ Sid }) => Sid !== sid);
  if (left.length === statements.length) throw notFound('Statement with the provided id does not exist.');
  return left;
}

/** A statement with the same id takes the place of the earlier one. */
function withStatement(bus: Bus, input: z.output<typeof permission>): BusPolicy {
  const { Principal, StatementId, Action, Condition } = input;
  if (Principal === undefined || StatementId === undefined || Action === undefined) {
    throw invalid('Parameter(s) Policy or Action, Principal and StatementId must be specified.');
  }
  const statement: JsonObject = {
    Sid: StatementId,
    Effect: 'Allow',
    Principal: Principal === '*' ? '*' : { AWS: `arn:aws:iam::${Principal}:root` },
    Action,
    Resource: bus.arn,
    ...(Condition && { Condition: { [Condition.Type]: { [Condition.Key]: Condition.Value } } }),
  };
  const others = (bus.policy?.Statement ?? []).filter(({ Sid }) => Sid !== StatementId);
  return { Version: '2012-10-17', Statement: [...others, statement] };
}

function read(text: string): BusPolicy {
  const statements = readObject(text)?.['Statement'];
  const list = Array.isArray(statements) ? statements : [statements];
  if (!list.every(isObject)) {
    throw invalid('Parameter Policy is not valid. Reason: it must be a JSON policy document with a Statement.');
  }
  return { Version: '2012-10-17', Statement: list };
}
