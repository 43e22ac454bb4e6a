/** CloudTrail records of KMS for tests, written from the documented record contents; a test names only what it is about. */
import type { KmsRecord } from '../../events/cloudtrail-kms-record';

export const ACCOUNT = '111122223333';
export const KEY = `arn:aws:kms:eu-central-1:${ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
export const OTHER_ACCOUNT = '444455556666';
export const OTHER_KEY = `arn:aws:kms:eu-central-1:${OTHER_ACCOUNT}:key/0987dcba-09fe-87dc-65ba-ab0987654321`;
export const MATERIAL = 'a'.repeat(64);

export type Fields = Readonly<Record<string, unknown>>;

/** A Decrypt that worked. A field given as undefined is left out. */
export function aKmsRecord(fields: Fields = {}): KmsRecord {
  const record = {
    eventVersion: '1.11',
    userIdentity: {
      type: 'AssumedRole',
      principalId: 'AROAEXAMPLE:orders',
      arn: `arn:aws:sts::${ACCOUNT}:assumed-role/orders/orders`,
      accountId: ACCOUNT,
    },
    eventTime: '2026-11-01T08:15:30Z',
    eventSource: 'kms.amazonaws.com',
    eventName: 'Decrypt',
    awsRegion: 'eu-central-1',
    sourceIPAddress: '192.0.2.10',
    userAgent: 'aws-sdk-js/3',
    requestParameters: { encryptionAlgorithm: 'SYMMETRIC_DEFAULT', encryptionContext: { tenant: 'acme' } },
    responseElements: null,
    additionalEventData: { keyMaterialId: MATERIAL },
    requestID: '0f1e2d3c-0000-4000-8000-000000000001',
    eventID: anEventId(1),
    readOnly: true,
    resources: [{ accountId: ACCOUNT, type: 'AWS::KMS::Key', ARN: KEY }],
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: ACCOUNT,
    eventCategory: 'Management',
    ...fields,
  };
  return JSON.parse(JSON.stringify(record)) as KmsRecord;
}

/** A ReEncrypt from the one key to the other, each with a context of its own. */
export function aReEncrypt(fields: Fields = {}): KmsRecord {
  return aKmsRecord({
    eventName: 'ReEncrypt',
    requestParameters: {
      sourceEncryptionContext: { tenant: 'acme' },
      destinationEncryptionContext: { tenant: 'globex' },
      destinationKeyId: OTHER_KEY,
    },
    additionalEventData: { sourceKeyMaterialId: MATERIAL, destinationKeyMaterialId: 'b'.repeat(64) },
    resources: [
      { accountId: ACCOUNT, type: 'AWS::KMS::Key', ARN: KEY },
      { accountId: OTHER_ACCOUNT, type: 'AWS::KMS::Key', ARN: OTHER_KEY },
    ],
    ...fields,
  });
}

/** What KMS did by itself: no identity type, no request. */
export function aServiceEvent(fields: Fields = {}): KmsRecord {
  return aKmsRecord({
    userIdentity: { accountId: ACCOUNT, invokedBy: 'AWS Internal' },
    eventName: 'RotateKey',
    eventType: 'AwsServiceEvent',
    requestParameters: null,
    additionalEventData: undefined,
    requestID: undefined,
    readOnly: false,
    serviceEventDetails: { keyId: KEY, rotationType: 'AUTOMATIC', currentKeyMaterialId: MATERIAL },
    ...fields,
  });
}

export function anEventId(number: number): string {
  return `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;
}

/** The event that EventBridge makes of a record. */
export function anEnvelope(record: KmsRecord, fields: Fields = {}): Fields {
  return {
    version: '0',
    id: '11111111-2222-4333-8444-555555555555',
    'detail-type': 'AWS API Call via CloudTrail',
    source: 'aws.kms',
    account: ACCOUNT,
    time: '2026-11-01T08:15:30Z',
    region: 'eu-central-1',
    resources: [],
    detail: record,
    ...fields,
  };
}
