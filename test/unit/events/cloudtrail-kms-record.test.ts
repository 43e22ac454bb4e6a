import { KMS_EVENT_SOURCE, readKmsRecord } from '../../../events/cloudtrail-kms-record';
import { otherRecord } from '../../../events/cloudtrail-record';
import { aKmsRecord, aServiceEvent, type Fields } from '../../support/cloudtrail-records';

const sound: readonly [string, Fields][] = [
  ['of version 1.02', { eventVersion: '1.02' }],
  ['of a later minor version', { eventVersion: '1.12' }],
  ['without resources', { resources: undefined }],
  ['with resources null', { resources: null }],
  ['with empty resources', { resources: [] }],
  [
    'whose resource has no type and an account that is no number',
    { resources: [{ ARN: 'a', accountId: 'AWS Internal' }] },
  ],
  ['without a user identity type', { userIdentity: { accountId: '111122223333', invokedBy: 'AWS Internal' } }],
  ['of a service without an account', { userIdentity: { type: 'AWSService', invokedBy: 'dynamodb.amazonaws.com' } }],
  ['that failed without a message', { errorCode: 'AccessDenied' }],
  [
    'with request parameters null, as RetireGrant has',
    { requestParameters: null, additionalEventData: { grantId: 'g' } },
  ],
  [
    'with a number where this product reads nothing',
    { requestParameters: { numberOfBytes: 32, tags: [{ tagKey: 'a' }] } },
  ],
  ['of an operation that AWS has not yet', { eventName: 'QuantumEncrypt' }],
  ['with a fraction in its time', { eventTime: '2026-11-01T08:15:30.123Z' }],
];

test.each(sound)('a record %s is read', (_, fields) => {
  const record = aKmsRecord(fields);

  expect(readKmsRecord(record)).toBe(record);
});

test('a service event is read', () => {
  expect(readKmsRecord(aServiceEvent()).eventName).toBe('RotateKey');
});

test('fields that nobody knows are kept', () => {
  const record = aKmsRecord({ newField: { deep: [1] }, requestParameters: { newParameter: true } });

  expect(readKmsRecord(record)).toEqual(expect.objectContaining({ newField: { deep: [1] } }));
  expect(readKmsRecord(record).requestParameters).toEqual({ newParameter: true });
});

const wrong: readonly [string, Fields][] = [
  ['record.eventVersion', { eventVersion: '2.0' }],
  ['record.eventVersion', { eventVersion: undefined }],
  ['record.eventTime', { eventTime: 'yesterday' }],
  ['record.eventTime', { eventTime: '2026-02-32T00:00:00Z' }],
  ['record.eventID', { eventID: '' }],
  ['record.eventID', { eventID: 7 }],
  ['record.eventID', { eventID: 'x'.repeat(257) }],
  ['record.eventName', { eventName: null }],
  ['record.eventSource', { eventSource: 's3.amazonaws.com' }],
  ['record.recipientAccountId', { recipientAccountId: '1234' }],
  ['record.userIdentity', { userIdentity: 'root' }],
  ['record.userIdentity.arn', { userIdentity: { arn: [] } }],
  ['record.resources', { resources: {} }],
  ['record.resources.1.ARN', { resources: [{ ARN: 'a' }, { ARN: 7 }] }],
  ['record.requestParameters.encryptionContext', { requestParameters: { encryptionContext: { tenant: 1 } } }],
  [
    'record.requestParameters.constraints.encryptionContextSubset',
    { requestParameters: { constraints: { encryptionContextSubset: 'all' } } },
  ],
  ['record.serviceEventDetails.keyId', { serviceEventDetails: { keyId: 1 } }],
];

test.each(wrong)('a record is refused by the path of its fault: %s', (path, fields) => {
  expect(() => readKmsRecord(aKmsRecord(fields))).toThrow(expect.objectContaining({ name: 'ContractViolation', path }));
});

test('a refusal does not repeat the value that it refuses', () => {
  const secret = { requestParameters: { encryptionContext: 'hunter2' } };

  expect(() => readKmsRecord(aKmsRecord(secret))).toThrow(
    expect.not.objectContaining({ message: expect.stringContaining('hunter2') }),
  );
});

test.each([
  ['insight', { eventVersion: '1.09', eventTime: '2026-11-01T08:15:00Z', eventType: 'AwsCloudTrailInsight' }],
  ['insight', { eventVersion: '1.11', eventCategory: 'Insight', eventSource: 'kms.amazonaws.com' }],
  ['aggregated', { eventVersion: '1.0', eventType: 'AwsAggregatedEvent', eventSource: 'kms.amazonaws.com' }],
  ['aggregated', { eventVersion: '1.0', eventCategory: 'Aggregated' }],
  ['other-service', { eventVersion: '1.0', eventSource: 'ec2.amazonaws.com' }],
  [undefined, aKmsRecord()],
  [undefined, { eventVersion: '1.0', eventSource: 'kms.amazonaws.com' }],
  [undefined, { eventSource: '' }],
  [undefined, { eventSource: 7 }],
])('besides records of KMS calls there are others: %s', (other, value) => {
  expect(otherRecord(value, KMS_EVENT_SOURCE)).toBe(other);
});
