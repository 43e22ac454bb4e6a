/**
 * Every record that CloudTrail writes of KMS: calls that worked, failed or were dry runs, events that KMS itself
 * causes, and network activity; in every version since 1.02, in either account's copy.
 *
 * Tolerant by rule: a record is refused only for a field that this product reads. Its other fields are kept untouched.
 * Source: AWS KMS Developer Guide, "Logging AWS KMS API calls with AWS CloudTrail"; record contents 1.02 to 1.11.
 */
import { CLOUDTRAIL_RECORD, type CloudTrailRecord } from './cloudtrail-record';
import { type EncryptionContext, faultIn, type JsonObject, readerOf, type Shape, schemaOf } from './cloudtrail-shape';
import { ContractViolation } from './define-event';

export const KMS_EVENT_SOURCE = 'kms.amazonaws.com';

type Maybe<Value> = Value | null | undefined;

/** Fields are absent or null alike, unless they are required. */
export interface KmsRecord extends CloudTrailRecord {
  /** Has no `type` on service events, no `arn` in the owner's copy of a foreign call, no `accountId` for AWS services. */
  readonly userIdentity?: Maybe<{
    readonly type?: Maybe<string>;
    readonly principalId?: Maybe<string>;
    readonly arn?: Maybe<string>;
    readonly accountId?: Maybe<string>;
    readonly invokedBy?: Maybe<string>;
  }>;
  readonly sourceIPAddress?: Maybe<string>;
  /** A successful dry run carries `DryRunOperationException`. */
  readonly errorCode?: Maybe<string>;
  readonly errorMessage?: Maybe<string>;
  readonly requestParameters?: Maybe<RequestParameters>;
  readonly responseElements?: Maybe<ResponseElements>;
  readonly additionalEventData?: Maybe<AdditionalEventData>;
  /** `AwsServiceEvent` only. */
  readonly serviceEventDetails?: Maybe<ServiceEventDetails>;
  /** Keys and aliases; both are typed `AWS::KMS::Key`. ReEncrypt: source first. Absent, null and empty mean the same. */
  readonly resources?: Maybe<readonly { readonly ARN?: Maybe<string> }[]>;
  readonly readOnly?: Maybe<boolean>;
  /** `AwsApiCall`, `AwsServiceEvent` or `AwsVpceEvent`. */
  readonly eventType?: Maybe<string>;
  readonly eventCategory?: Maybe<string>;
  /** Whose copy this is. */
  readonly recipientAccountId?: Maybe<string>;
  /** The same in each account's copy of one call. */
  readonly sharedEventID?: Maybe<string>;
}

export interface RequestParameters extends JsonObject {
  /** As the caller spelled it: id, ARN, alias or alias ARN. Never the proof of which key it was. */
  readonly keyId?: Maybe<string>;
  readonly sourceKeyId?: Maybe<string>;
  readonly destinationKeyId?: Maybe<string>;
  readonly encryptionContext?: Maybe<EncryptionContext>;
  readonly sourceEncryptionContext?: Maybe<EncryptionContext>;
  readonly destinationEncryptionContext?: Maybe<EncryptionContext>;
  readonly constraints?: Maybe<{
    readonly encryptionContextSubset?: Maybe<EncryptionContext>;
    readonly encryptionContextEquals?: Maybe<EncryptionContext>;
  }>;
  readonly pendingWindowInDays?: Maybe<number>;
  /** The whole new policy, as JSON text. */
  readonly policy?: Maybe<string>;
  readonly grantId?: Maybe<string>;
  readonly dryRun?: Maybe<boolean>;
}

export interface ResponseElements extends JsonObject {
  /** The full ARN in records since December 2022, a bare id before, often null. */
  readonly keyId?: Maybe<string>;
  readonly keyMaterialId?: Maybe<string>;
  readonly keyMetadata?: Maybe<{ readonly arn?: Maybe<string> }>;
}

export interface AdditionalEventData extends JsonObject {
  readonly keyMaterialId?: Maybe<string>;
  readonly sourceKeyMaterialId?: Maybe<string>;
  readonly destinationKeyMaterialId?: Maybe<string>;
  /** Where RetireGrant names its grant. */
  readonly grantId?: Maybe<string>;
}

export interface ServiceEventDetails extends JsonObject {
  readonly keyId?: Maybe<string>;
  readonly rotationType?: Maybe<string>;
  readonly keyMaterialId?: Maybe<string>;
  readonly previousKeyMaterialId?: Maybe<string>;
  readonly currentKeyMaterialId?: Maybe<string>;
}

const string = { is: 'string' } as const;
const context = { is: 'context' } as const;

export const KMS_RECORD = {
  ...CLOUDTRAIL_RECORD,
  userIdentity: { fields: { type: string, principalId: string, arn: string, accountId: string, invokedBy: string } },
  sourceIPAddress: string,
  errorCode: string,
  errorMessage: string,
  requestParameters: {
    fields: {
      keyId: string,
      sourceKeyId: string,
      destinationKeyId: string,
      encryptionContext: context,
      sourceEncryptionContext: context,
      destinationEncryptionContext: context,
      constraints: { fields: { encryptionContextSubset: context, encryptionContextEquals: context } },
      pendingWindowInDays: { is: 'number' },
      policy: string,
      grantId: string,
      dryRun: { is: 'boolean' },
    },
  },
  responseElements: {
    fields: { keyId: string, keyMaterialId: string, keyMetadata: { fields: { arn: string } } },
  },
  additionalEventData: {
    fields: {
      keyMaterialId: string,
      sourceKeyMaterialId: string,
      destinationKeyMaterialId: string,
      grantId: string,
    },
  },
  serviceEventDetails: {
    fields: {
      keyId: string,
      rotationType: string,
      keyMaterialId: string,
      previousKeyMaterialId: string,
      currentKeyMaterialId: string,
    },
  },
  resources: { each: { ARN: string } },
  readOnly: { is: 'boolean' },
  eventType: string,
  eventCategory: string,
  recipientAccountId: { is: 'account' },
  sharedEventID: { is: 'text' },
} as const satisfies Shape;

const reader = readerOf(KMS_RECORD);

/** The specification; `readKmsRecord` answers the same and is what runs. */
export const kmsRecordSchema = schemaOf(KMS_RECORD);

/**
 * Reads a CloudTrail record of KMS. The value itself is returned, with every field it came with.
 *
 * @throws ContractViolation naming the field at fault.
 */
export function readKmsRecord(value: unknown): KmsRecord {
  const fault = faultIn(reader, value, 'record');
  if (fault) throw new ContractViolation(fault.path, fault.problem);
  const record = value as KmsRecord;
  if (record.eventSource !== KMS_EVENT_SOURCE) {
    throw new ContractViolation('record.eventSource', `must be ${KMS_EVENT_SOURCE}`);
  }
  return record;
}
