/** A schedule whose target is its account's default event bus: what reaches the bus, under the schedule's role. */
import { AwsError, type JsonObject } from '../call';
import type { Buses, Iam } from '../contracts';
import { accountOf, regionOf } from '../eventbridge/names';
import { actingAs } from '../iam/acting-as';
import type { Target } from './schedules';

export interface BusParts {
  readonly iam: Iam;
  readonly buses: Buses;
}

/** Source: EventBridge Scheduler API reference, EventBridgeParameters; `Input` becomes the detail. Throws AwsError. */
export function putOnBus(
  { iam, buses }: BusParts,
  { target, input, time, service }: { target: Target; input: string; time: string; service: string },
): void {
  const { DetailType = '', Source = '' } = target.EventBridgeParameters ?? {};
  const account = accountOf(target.Arn);
  iam.require(actingAs(iam, target.RoleArn, service), {
    action: 'events:PutEvents',
    resource: target.Arn,
    resourceAccountId: account,
  });
  buses.publish(account, regionOf(target.Arn), {
    ...{ 'detail-type': DetailType, source: Source, time, resources: [] },
    detail: detailOf(input),
  });
}

function detailOf(input: string): JsonObject {
  const detail: unknown = JSON.parse(input);
  if (typeof detail === 'object' && detail !== null && !Array.isArray(detail)) return detail as JsonObject;
  throw new AwsError('ValidationException', 'Target.Input: must be a JSON object where the target is an event bus.');
}
