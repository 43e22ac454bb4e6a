/**
 * CloudTrail records of KMS as EventBridge delivers them: the contracts of the three events, and the envelope's reader.
 *
 * Delivery: best effort, at least once, unordered. Deduplicate on `eventID`, and on `sharedEventID` where both accounts'
 * copies arrive. A forwarded event is a hint: whoever reads one compares `account` with the account that it expects.
 * Source: EventBridge User Guide, "AWS service events delivered through AWS CloudTrail".
 */
import { KMS_EVENT_SOURCE, type KmsRecord, readKmsRecord } from './cloudtrail-kms-record';
import { faultIn, isObject, readerOf, type Shape, schemaOf } from './cloudtrail-shape';
import { ContractViolation } from './define-event';
import { operationsOf } from './kms-operations';

/** The EventBridge source of every event about KMS. */
export const KMS_SOURCE = 'aws.kms';

/** Every detail-type of a CloudTrail event ends so. */
const VIA_CLOUDTRAIL = ' via CloudTrail';

export interface EventBridgeEnvelope {
  readonly id: string;
  readonly source: string;
  readonly 'detail-type': string;
  /** The account on whose bus it first appeared: kept when a rule forwards the event to another account. */
  readonly account: string;
  readonly region: string;
  readonly time: string;
  readonly resources?: readonly unknown[] | null;
  readonly detail: Readonly<Record<string, unknown>>;
}

const ENVELOPE = {
  id: { is: 'text', required: true },
  source: { is: 'text', required: true },
  'detail-type': { is: 'text', required: true },
  account: { is: 'account', required: true },
  region: { is: 'text', required: true },
  time: { is: 'time', required: true },
  detail: { fields: {}, required: true },
} as const satisfies Shape;

const reader = readerOf(ENVELOPE);

/** The specification; `readEnvelope` answers the same. */
export const envelopeSchema = schemaOf(ENVELOPE);

/** @throws ContractViolation naming the field at fault. */
export function readEnvelope(value: unknown): EventBridgeEnvelope {
  const fault = faultIn(reader, value, 'event');
  if (fault) throw new ContractViolation(fault.path, fault.problem);
  return value as unknown as EventBridgeEnvelope;
}

/** Whether a value looks like an event of EventBridge rather than a bare record. */
export function isEnvelope(value: unknown): boolean {
  return isObject(value) && typeof value['detail-type'] === 'string' && 'detail' in value;
}

/** Whether the event carries a CloudTrail record as its detail, of whatever service. */
export function isViaCloudTrail(envelope: { readonly 'detail-type': string }): boolean {
  return envelope['detail-type'].endsWith(VIA_CLOUDTRAIL);
}

/** One kind of CloudTrail event about KMS: its name, the rule that receives it, its reader and its builder. */
export interface KmsTrailContract {
  readonly detailType: string;
  /** Matches this contract and nothing else. Read-only records need a rule in the wide state as well. */
  readonly pattern: Readonly<Record<string, unknown>>;
  /**
   * Reads the detail of a received event, keeping every field.
   *
   * @throws ContractViolation naming the field at fault.
   */
  read(detail: unknown): KmsRecord;
  /** Builds the event around a record. Throws as `read` does. */
  of(record: KmsRecord): Pick<EventBridgeEnvelope, 'source' | 'detail-type' | 'account' | 'region' | 'time' | 'detail'>;
}

/** A call of the KMS API: it worked, failed, or was a dry run. */
export const kmsApiCall = trailContract('AWS API Call via CloudTrail', 'AwsApiCall');

/** What KMS did by itself: RotateKey, DeleteKey, DeleteExpiredKeyMaterial. */
export const kmsServiceEvent = trailContract('AWS Service Event via CloudTrail', 'AwsServiceEvent');

/** A call through a VPC endpoint, told to the endpoint's owner; names no key. Only where a trail asks for it. */
export const kmsNetworkActivity = trailContract('AWS Network Activity Event via CloudTrail', 'AwsVpceEvent');

const CONTRACTS = [kmsApiCall, kmsServiceEvent, kmsNetworkActivity];

/** The contract of a received event; undefined for one that is no CloudTrail event about KMS. */
export function kmsTrailContract(envelope: {
  readonly source: string;
  readonly 'detail-type': string;
}): KmsTrailContract | undefined {
  if (envelope.source !== KMS_SOURCE) return undefined;
  return CONTRACTS.find((contract) => contract.detailType === envelope['detail-type']);
}

/** The rule for changes and service events: a plain `ENABLED` rule receives all of them. */
export const kmsChangePattern = {
  source: [KMS_SOURCE],
  'detail-type': [kmsApiCall.detailType, kmsServiceEvent.detailType],
  detail: { eventSource: [KMS_EVENT_SOURCE], readOnly: [false] },
} as const;

/**
 * The rule for use of keys. It needs the state `ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS`: a plain rule does not
 * receive read-only records. It names operations, so that Describe, Get and List stay out.
 */
export const kmsUsePattern = {
  source: [KMS_SOURCE],
  'detail-type': [kmsApiCall.detailType],
  detail: { eventSource: [KMS_EVENT_SOURCE], eventName: operationsOf('crypto-use') },
};

function trailContract(detailType: string, eventType: string): KmsTrailContract {
  const read = (detail: unknown): KmsRecord => {
    const record = readKmsRecord(detail);
    if ((record.eventType ?? eventType) !== eventType) {
      throw new ContractViolation('record.eventType', `must be ${eventType} in an event "${detailType}"`);
    }
    return record;
  };
  return {
    detailType,
    pattern: { source: [KMS_SOURCE], 'detail-type': [detailType], detail: { eventSource: [KMS_EVENT_SOURCE] } },
    read,
    of(record) {
      const detail = read(record);
      if (!detail.recipientAccountId) throw new ContractViolation('record.recipientAccountId', 'is missing');
      return {
        source: KMS_SOURCE,
        'detail-type': detailType,
        account: detail.recipientAccountId,
        region: detail.awsRegion,
        time: detail.eventTime,
        detail,
      };
    },
  };
}
