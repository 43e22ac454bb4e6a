/**
 * The records that CloudTrail writes of a call or of a service's own act.
 * Source: CloudTrail User Guide, "CloudTrail record contents" (version 1.11); KMS Developer Guide, "Logging AWS KMS API
 * calls". `tlsDetails` is left out, as in AWS's own samples: the door speaks no TLS.
 */
import { randomUUID } from 'node:crypto';
import type { AwsError, Call, JsonObject, Outcome, TrailDetails } from '../call';
import type { ServiceEvent } from '../contracts';
import { foreignIdentity, toTheSecond, userIdentity } from './identity';

export type TrailRecord = JsonObject & {
  readonly eventID: string;
  readonly eventTime: string;
  readonly eventType: 'AwsApiCall' | 'AwsServiceEvent';
  readonly eventSource: string;
  readonly awsRegion: string;
  readonly recipientAccountId: string;
  readonly readOnly: boolean;
};

const EVENT_VERSION = '1.11';

/**
 * One record for each account concerned: the caller's, and those that own what was touched. They share a
 * `sharedEventID` and nothing else that tells them to be one call. A refused caller is seen by its own account only.
 */
export function callRecords(
  call: Call,
  outcome: Outcome & { readonly trail: TrailDetails },
  when: { readonly nowMs: number; readonly sessionOpenedAt: number | undefined },
): readonly TrailRecord[] {
  const recipients = recipientsOf(call, outcome);
  const isShared = recipients.length > 1 || call.caller.type === 'AWSService';
  const shared = isShared ? { sharedEventID: randomUUID() } : {};
  return recipients.map((recipientAccountId) => ({
    eventVersion: EVENT_VERSION,
    userIdentity:
      recipientAccountId === call.caller.accountId
        ? userIdentity(call.caller, when.sessionOpenedAt)
        : foreignIdentity(call.caller),
    eventTime: toTheSecond(when.nowMs),
    ...said(call, outcome),
    eventID: randomUUID(),
    readOnly: outcome.trail.readOnly,
    ...(outcome.trail.resources && { resources: outcome.trail.resources }),
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId,
    ...shared,
    eventCategory: 'Management',
  }));
}

function said(call: Call, { trail, error }: Outcome & { readonly trail: TrailDetails }) {
  const isService = call.caller.type === 'AWSService';
  return {
    eventSource: trail.eventSource,
    eventName: call.operation,
    awsRegion: trail.region ?? call.region,
    sourceIPAddress: isService ? call.caller.arn : call.sourceIp,
    userAgent: isService ? call.caller.arn : call.userAgent,
    ...(error && { errorCode: errorCode(error), errorMessage: error.message }),
    requestParameters: trail.requestParameters,
    responseElements: trail.responseElements,
    ...(trail.additionalEventData && { additionalEventData: trail.additionalEventData }),
    requestID: call.requestId,
  };
}

function recipientsOf({ caller }: Call, { trail, error }: Outcome & { readonly trail: TrailDetails }) {
  const own = caller.type === 'AWSService' ? [] : [caller.accountId];
  if (error && errorCode(error) === 'AccessDenied') return own;
  const owners = (trail.resources ?? []).map(({ accountId }) => accountId);
  return [...new Set([...own, ...owners])];
}

/** CloudTrail drops the suffix where the SDK throws `AccessDeniedException`; all other codes are the SDK's. */
function errorCode({ code }: AwsError): string {
  return code === 'AccessDeniedException' ? 'AccessDenied' : code;
}

export function serviceEventRecord(event: ServiceEvent, nowMs: number): TrailRecord {
  return {
    eventVersion: EVENT_VERSION,
    userIdentity: { accountId: event.accountId, invokedBy: 'AWS Internal' },
    eventTime: toTheSecond(nowMs),
    eventSource: event.eventSource,
    eventName: event.eventName,
    awsRegion: event.region,
    sourceIPAddress: 'AWS Internal',
    userAgent: 'AWS Internal',
    requestParameters: null,
    responseElements: null,
    ...(event.additionalEventData && { additionalEventData: event.additionalEventData }),
    eventID: randomUUID(),
    readOnly: false,
    resources: event.resources,
    eventType: 'AwsServiceEvent',
    managementEvent: true,
    recipientAccountId: event.accountId,
    ...(event.serviceEventDetails && { serviceEventDetails: event.serviceEventDetails }),
    eventCategory: 'Management',
  };
}
