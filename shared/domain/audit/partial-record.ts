/**
 * The part of a record that one of two customers may see: a ReEncrypt from one customer's key to another's.
 *
 * Built from a list of what may be shown, never by taking away what may not: a field that AWS adds later stays out.
 */
import type { KmsRecord } from '../../../events/cloudtrail-kms-record';
import type { TouchedKey } from '../../../events/kms-key-use';

/** Fields that tell who called, when, from where and with which result, and nothing about keys. */
const COMMON_FIELDS = [
  'eventVersion',
  'userIdentity',
  'eventTime',
  'eventSource',
  'eventName',
  'awsRegion',
  'sourceIPAddress',
  'userAgent',
  'errorCode',
  'requestID',
  'eventID',
  'readOnly',
  'eventType',
  'managementEvent',
  'eventCategory',
  'recipientAccountId',
  'sharedEventID',
  'vpcEndpointId',
  'tlsDetails',
] as const;

const SIDE_FIELDS = {
  source: {
    request: ['sourceKeyId', 'sourceEncryptionContext', 'sourceEncryptionAlgorithm'],
    material: 'sourceKeyMaterialId',
  },
  destination: {
    request: ['destinationKeyId', 'destinationEncryptionContext', 'destinationEncryptionAlgorithm'],
    material: 'destinationKeyMaterialId',
  },
} as const;

/** The part of a record that is about these keys: nothing of other keys, their contexts or parameters. */
export function partOfRecord(record: KmsRecord, keys: readonly TouchedKey[]): Readonly<Record<string, unknown>> {
  const own = new Set(keys.flatMap((key) => key.kmsKeyArn ?? []));
  const sides = keys.flatMap((key) => (key.side ? SIDE_FIELDS[key.side] : []));
  const part = picked(record, COMMON_FIELDS);
  return {
    ...part,
    requestParameters: picked(
      record.requestParameters,
      sides.flatMap((side) => side.request),
    ),
    additionalEventData: picked(
      record.additionalEventData,
      sides.map((side) => side.material),
    ),
    resources: (record.resources ?? []).filter((resource) => resource.ARN && own.has(resource.ARN)),
  };
}

function picked(from: Readonly<Record<string, unknown>> | null | undefined, names: readonly string[]) {
  const found = names.filter((name) => from && Object.hasOwn(from, name));
  return Object.fromEntries(found.map((name) => [name, from?.[name]]));
}
