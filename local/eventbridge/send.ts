/** One attempt to hand an event to a target: a queue, a function, or another bus. Each throws AwsError. */
import { randomUUID } from 'node:crypto';
import { AwsError, type Json, type JsonObject, type Principal } from '../call';
import type { BusEvent, Iam, Role, Targets } from '../parts';
import type { BusBook } from './buses';
import type { Delivery } from './deliveries';
import { accountOf, busArn, readBusName, regionOf, serviceOf } from './names';
import { inputFor } from './target-input';

export interface Sending {
  readonly iam: Iam;
  readonly targets: Targets;
  readonly buses: BusBook;
  /** Hands a forwarded event to the rules of another bus. */
  forward(busArn: string, event: BusEvent): void;
}

const SERVICE = 'events.amazonaws.com';

export function sender(sending: Sending): (delivery: Delivery) => void {
  return (delivery) => {
    const service = serviceOf(delivery.target.Arn);
    if (service === 'sqs') sendToQueue(sending, delivery);
    else if (service === 'lambda') invoke(sending, delivery);
    else forward(sending, delivery);
  };
}

function sendToQueue({ targets }: Sending, delivery: Delivery): void {
  const { target, ruleArn } = delivery;
  targets.sendToQueue(target.Arn, inputOf(delivery), {
    service: SERVICE,
    sourceArn: ruleArn,
    ...(target.SqsParameters && { messageGroupId: target.SqsParameters.MessageGroupId }),
  });
}

function invoke({ targets }: Sending, delivery: Delivery): void {
  const input = readObject(inputOf(delivery));
  targets.invokeLater(delivery.target.Arn, input, { service: SERVICE, sourceArn: delivery.ruleArn });
}

function inputOf({ target, event, ruleArn, acceptedAt }: Delivery): string {
  return inputFor(target, { ...event }, { ruleArn, ruleName: ruleArn.split('/').at(-1) ?? '', acceptedAt });
}

/** Local functions take JSON objects; AWS would hand over any JSON value. */
function readObject(text: string): JsonObject {
  let value: Json = null;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    // Refused below, like any other value that is no object.
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw new AwsError('INVALID_JSON', 'The input for the function is no JSON object.');
}

/**
 * Within an account a rule reaches every bus; under a role, or in another account, the role's policies and the bus's
 * policy decide. The event keeps its account and Region, and its id unless it goes to another Region (recorded).
 */
function forward({ iam, buses, forward: route }: Sending, { target, event, ruleArn, isForwarded }: Delivery): void {
  const [fromRegion, toRegion] = [regionOf(ruleArn), regionOf(target.Arn)];
  if (isForwarded) {
    const code = fromRegion === toRegion ? 'THIRD_ACCOUNT_HOP_DETECTED' : 'THIRD_REGION_HOP_DETECTED';
    throw new AwsError(code, 'Events received from another event bus cannot be forwarded to a third one.');
  }
  const name = readBusName(target.Arn, { accountId: accountOf(target.Arn), region: toRegion });
  const bus = buses.find(name);
  if (target.RoleArn !== undefined) {
    iam.require(actingAs(iam, target.RoleArn), {
      action: 'events:PutEvents',
      resource: busArn(name),
      resourceAccountId: name.accountId,
      ...(bus?.policy && { resourcePolicy: bus.policy }),
    });
  }
  if (bus === undefined) throw new AwsError('ResourceNotFoundException', `Event bus ${name.name} does not exist.`);
  route(bus.arn, fromRegion === toRegion ? event : { ...event, id: randomUUID() });
}

function actingAs(iam: Iam, roleArn: string): Principal {
  const role = iam.roleOf(roleArn);
  const service: Principal = { type: 'AWSService', accountId: '', arn: SERVICE, principalId: SERVICE };
  if (role === undefined || !trusts(iam, role, service)) {
    throw new AwsError('FAILED_TO_ASSUME_ROLE', `${SERVICE} cannot assume the role ${roleArn}.`);
  }
  const { arn, name, accountId, principalId } = role;
  return {
    type: 'AssumedRole',
    accountId,
    arn: `arn:aws:sts::${accountId}:assumed-role/${name}/events`,
    principalId: `${principalId}:events`,
    role: { arn, name, principalId },
  };
}

function trusts(iam: Iam, role: Role, service: Principal): boolean {
  const permission = { action: 'sts:AssumeRole', resource: role.arn, resourceAccountId: role.accountId };
  return iam.resourceEffect(role.trustPolicy, service, permission).effect === 'allow';
}
