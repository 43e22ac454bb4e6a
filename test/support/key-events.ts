/**
 * EventBridge events about KMS keys, composed from AWS's documented shapes: no captured one is public.
 * Source: KMS developer guide, CloudTrail examples; EventBridge user guide, "Events delivered through AWS CloudTrail".
 */
import { anArn, NOW, OUR_ACCOUNT, REGION } from './make';

export const CUSTOMER_ACCOUNT = '444455556666';

type Fields = Readonly<Record<string, unknown>>;

/** A call of ours that worked: unwrapping a data key of acme. */
export function aRecord(fields: Fields = {}): Fields & { readonly eventID: string } {
  return {
    eventVersion: '1.11',
    userIdentity: {
      type: 'AssumedRole',
      accountId: OUR_ACCOUNT,
      arn: `arn:aws:sts::${OUR_ACCOUNT}:assumed-role/app/one`,
    },
    eventTime: '2026-11-24T11:59:58Z',
    eventSource: 'kms.amazonaws.com',
    eventName: 'Decrypt',
    awsRegion: REGION,
    sourceIPAddress: '192.0.2.1',
    userAgent: 'aws-sdk-js/3',
    requestParameters: { encryptionAlgorithm: 'SYMMETRIC_DEFAULT' },
    responseElements: null,
    requestID: 'request-1',
    readOnly: true,
    resources: [{ accountId: OUR_ACCOUNT, type: 'AWS::KMS::Key', ARN: anArn() }],
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: OUR_ACCOUNT,
    eventCategory: 'Management',
    ...fields,
    eventID: String(fields['eventID'] ?? 'event-1'),
  };
}

/** A change that a person made to their key, as their account's trail has it. */
export function aChange(eventName: string, fields: Fields = {}) {
  return aRecord({
    eventName,
    readOnly: false,
    userIdentity: { type: 'IAMUser', accountId: CUSTOMER_ACCOUNT, arn: `arn:aws:iam::${CUSTOMER_ACCOUNT}:user/admin` },
    requestParameters: { keyId: anArn('theirs', CUSTOMER_ACCOUNT) },
    resources: [{ accountId: CUSTOMER_ACCOUNT, ARN: anArn('theirs', CUSTOMER_ACCOUNT) }],
    recipientAccountId: CUSTOMER_ACCOUNT,
    ...fields,
  });
}

export function viaCloudTrail(record: Fields, account = String(record['recipientAccountId'])): Fields {
  const kind = record['eventType'] === 'AwsServiceEvent' ? 'Service Event' : 'API Call';
  return { ...anEnvelope('aws.kms', `AWS ${kind} via CloudTrail`, record), account };
}

/** An event as a queue hands it on. */
export const received = (value: unknown) => ({ value, text: JSON.stringify(endedAt(value, 300)) });

/** What is nested without end is in the text only as deep as JSON.stringify can write. */
function endedAt(value: unknown, levels: number): unknown {
  if (typeof value !== 'object' || value === null || levels === 0) return endOf(value);
  if (Array.isArray(value)) return value.map((element) => endedAt(element, levels - 1));
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, endedAt(member, levels - 1)]));
}

const endOf = (value: unknown) => (typeof value === 'object' && value !== null ? [] : value);

export function anEnvelope(source: string, detailType: string, detail: Fields): Fields {
  return {
    version: '0',
    id: 'delivery-1',
    source,
    'detail-type': detailType,
    account: OUR_ACCOUNT,
    time: NOW,
    region: REGION,
    resources: [],
    detail,
  };
}
