import {
  kmsApiCall,
  kmsChangePattern,
  kmsNetworkActivity,
  kmsServiceEvent,
  kmsTrailContract,
  kmsUsePattern,
  readEnvelope,
} from '../../../events/cloudtrail-envelope';
import { ACCOUNT, aKmsRecord, anEnvelope, aServiceEvent } from '../../support/cloudtrail-records';

test('an event is read by its contract, and the record keeps its fields', () => {
  const record = aKmsRecord({ newField: 1 });
  const envelope = readEnvelope(anEnvelope(record));

  expect(kmsTrailContract(envelope)?.read(envelope.detail)).toEqual(record);
});

test.each([
  ['AWS API Call via CloudTrail', kmsApiCall],
  ['AWS Service Event via CloudTrail', kmsServiceEvent],
  ['AWS Network Activity Event via CloudTrail', kmsNetworkActivity],
])('"%s" has its contract', (detailType, contract) => {
  expect(kmsTrailContract({ source: 'aws.kms', 'detail-type': detailType })).toBe(contract);
});

test.each([
  ['aws.s3', 'AWS API Call via CloudTrail'],
  ['aws.kms', 'KMS CMK Rotation'],
  ['keywright', 'key-rotated.v1'],
])('an event of %s, "%s", is no CloudTrail event about KMS', (source, detailType) => {
  expect(kmsTrailContract({ source, 'detail-type': detailType })).toBeUndefined();
});

test('a service event in the clothes of an API call is refused', () => {
  expect(() => kmsApiCall.read(aServiceEvent())).toThrow(expect.objectContaining({ path: 'record.eventType' }));
});

test('what a contract builds it reads again', () => {
  const built = kmsServiceEvent.of(aServiceEvent());

  expect(built).toMatchObject({ source: 'aws.kms', account: ACCOUNT, region: 'eu-central-1' });
  expect(kmsServiceEvent.read(built.detail)).toEqual(aServiceEvent());
});

test.each([
  ['event.account', { account: '12' }],
  ['event.id', { id: undefined }],
  ['event.detail', { detail: 'text' }],
  ['event.time', { time: 'now' }],
])('an event is refused by the path of its fault: %s', (path, fields) => {
  expect(() => readEnvelope(anEnvelope(aKmsRecord(), fields))).toThrow(expect.objectContaining({ path }));
});

/** EventBridge refuses longer patterns by default. Source: EventBridge quotas. */
const PATTERN_CHARACTERS_MAX = 2048;

test('the rules for changes and for use fit EventBridge, and use leaves out what only looks', () => {
  expect(JSON.stringify(kmsUsePattern).length).toBeLessThan(PATTERN_CHARACTERS_MAX);
  expect(JSON.stringify(kmsChangePattern).length).toBeLessThan(PATTERN_CHARACTERS_MAX);
  expect(kmsUsePattern.detail.eventName).toContain('ReEncrypt');
  expect(kmsUsePattern.detail.eventName).not.toContain('DescribeKey');
  expect(kmsChangePattern['detail-type']).toContain(kmsServiceEvent.detailType);
});
