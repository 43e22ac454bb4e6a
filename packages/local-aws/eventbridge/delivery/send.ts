/** One attempt to hand an event to a target: a queue, a function, or another bus. Each throws AwsError. */
import { randomUUID } from 'node:crypto';
import { AwsError } from '../../call';
import type { BusEvent, Iam, Targets } from '../../contracts';
import { actingAs } from '../../iam/acting-as';
import type { BusBook } from '../buses';
import { accountOf, busArn, readBusName, regionOf, serviceOf } from '../names';
import type { Target } from '../rules';
import type { Deliverable, Kept, Sender } from './deliveries';
import { eventText, inputFor, readFunctionInput } from './target-input';

/** An event on its way to a target of a rule. */
export interface Delivery extends Deliverable {
  readonly event: BusEvent;
  readonly ruleArn: string;
  readonly target: Target;
  readonly origin: Origin;
}

export interface Origin {
  /**
   * A CloudTrail record of a read-only management event. Other buses ask for the wide state as well when it was forwarded:
   * not documented, and the safer of the two assumptions.
   */
  readonly readOnlyManagement?: boolean;
  /** It came from another bus: it may not go on to a third. */
  readonly isForwarded?: boolean;
}

export interface Sending {
  readonly iam: Iam;
  readonly targets: Targets;
  readonly buses: BusBook;
  /** Hands a forwarded event to the rules of another bus. */
  forward(busArn: string, event: BusEvent, origin: Origin): void;
}

const SERVICE = 'events.amazonaws.com';

export function sender(sending: Sending): (delivery: Kept<Delivery>) => void {
  return (delivery) => {
    const service = serviceOf(delivery.target.Arn);
    if (service === 'sqs') sendToQueue(sending, delivery);
    else if (service === 'lambda') invoke(sending, delivery);
    else forward(sending, delivery);
  };
}

/** Dead letters hold the event as it was, whatever the target would have received. */
export function burier(targets: Targets): Sender<Delivery>['bury'] {
  return (deadLetterArn, { event, ruleArn, target }, attributes) => {
    targets.sendToQueue(deadLetterArn, eventText({ ...event }), {
      service: SERVICE,
      sourceArn: ruleArn,
      attributes: { RULE_ARN: ruleArn, TARGET_ARN: target.Arn, ...attributes },
    });
  };
}

function sendToQueue({ targets }: Sending, delivery: Kept<Delivery>): void {
  const { target, ruleArn } = delivery;
  targets.sendToQueue(target.Arn, inputOf(delivery), {
    service: SERVICE,
    sourceArn: ruleArn,
    ...(target.SqsParameters && { messageGroupId: target.SqsParameters.MessageGroupId }),
  });
}

function invoke({ targets }: Sending, delivery: Kept<Delivery>): void {
  const input = readFunctionInput(inputOf(delivery));
  targets.invokeLater(delivery.target.Arn, input, { service: SERVICE, sourceArn: delivery.ruleArn });
}

function inputOf({ target, event, ruleArn, acceptedAt }: Kept<Delivery>): string {
  return inputFor(target, { ...event }, { ruleArn, ruleName: ruleArn.split('/').at(-1) ?? '', acceptedAt });
}

/**
 * Within an account a rule reaches every bus; under a role, or in another account, the role's policies and the bus's
 * policy decide. The event keeps its account and Region, and its id unless it goes to another Region (recorded).
 */
function forward({ iam, buses, forward: route }: Sending, { target, event, ruleArn, origin }: Kept<Delivery>): void {
  const [fromRegion, toRegion] = [regionOf(ruleArn), regionOf(target.Arn)];
  if (origin.isForwarded) {
    const code = fromRegion === toRegion ? 'THIRD_ACCOUNT_HOP_DETECTED' : 'THIRD_REGION_HOP_DETECTED';
    throw new AwsError(code, 'Events received from another event bus cannot be forwarded to a third one.');
  }
  const name = readBusName(target.Arn, { accountId: accountOf(target.Arn), region: toRegion });
  const bus = buses.find(name);
  if (target.RoleArn !== undefined) {
    iam.require(actingAs(iam, target.RoleArn, SERVICE), {
      action: 'events:PutEvents',
      resource: busArn(name),
      resourceAccountId: name.accountId,
      ...(bus?.policy && { resourcePolicy: bus.policy }),
    });
  }
  if (bus === undefined) throw new AwsError('ResourceNotFoundException', `Event bus ${name.name} does not exist.`);
  const forwarded = fromRegion === toRegion ? event : { ...event, id: randomUUID() };
  route(bus.arn, forwarded, { ...origin, isForwarded: true });
}
