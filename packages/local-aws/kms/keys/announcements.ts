/**
 * What KMS makes known of its own accord: a service event in CloudTrail and its twin, the native event on the default
 * bus. Source: KMS developer guide, "Understanding AWS KMS log entries" and "Monitor KMS keys with Amazon EventBridge".
 */
import type { JsonObject } from '../../call';
import { instantOf } from '../../clock';
import type { Kms } from '../kms';
import type { KmsKey } from './kms-key';

export interface Announcement {
  readonly eventName: 'RotateKey' | 'DeleteKey' | 'DeleteExpiredKeyMaterial';
  readonly details?: JsonObject;
  readonly detailType: 'KMS CMK Rotation' | 'KMS CMK Deletion' | 'KMS Imported Key Material Expiration';
  readonly detail: JsonObject;
}

export function announce(kms: Kms, key: KmsKey, { eventName, details, detailType, detail }: Announcement): void {
  const { accountId, region, arn } = key;
  kms.trail.recordServiceEvent({
    eventSource: 'kms.amazonaws.com',
    eventName,
    region,
    accountId,
    resources: [{ accountId, type: 'AWS::KMS::Key', ARN: arn }],
    ...(details ? { serviceEventDetails: details } : {}),
  });
  kms.buses.publish(accountId, region, {
    'detail-type': detailType,
    source: 'aws.kms',
    time: instantOf(kms.clock.now()).replace(/\.\d+Z$/, 'Z'),
    resources: [arn],
    detail,
  });
}
