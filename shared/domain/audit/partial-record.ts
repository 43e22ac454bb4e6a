/**
 * The part of a record that one of two customers may see: a ReEncrypt from one customer's key to another's.
 *
 * Built from a list of what may be shown, never by taking away what may not: a field that AWS adds later stays out.
 */
import type { KmsRecord } from '../../../events/cloudtrail-kms-record';
import type { TouchedKey } from '../../../events/kms-key-use';
import { elementsOf, type JsonSlice, membersOf, withoutSpaces } from './raw-json';

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

/**
 * The part of a record that is about these keys, as JSON: nothing of other keys, their contexts or parameters. What is shown
 * stands in it as it stood in the record.
 *
 * @param text the record as it was received.
 * @throws ContractViolation for a record nested too deeply.
 */
export function partOfRecord(text: string, { resources }: KmsRecord, keys: readonly TouchedKey[]): string {
  const own = new Set(keys.flatMap((key) => key.kmsKeyArn ?? []));
  const sides = keys.flatMap((key) => (key.side ? SIDE_FIELDS[key.side] : []));
  const members = membersOf(text);
  const request = picked(
    partsOf(members.get('requestParameters')),
    sides.flatMap((side) => side.request),
  );
  const materials = picked(
    partsOf(members.get('additionalEventData')),
    sides.map((side) => side.material),
  );
  const listed = resources ? elementsOf(members.get('resources')?.text ?? '[]') : [];
  const ownListed = listed.flatMap((slice, at) => (own.has(resources?.[at]?.ARN ?? '') ? [compact(slice)] : []));
  const parts = [
    ...picked(members, COMMON_FIELDS),
    `"requestParameters":{${request.join(',')}}`,
    `"additionalEventData":{${materials.join(',')}}`,
    `"resources":[${ownListed.join(',')}]`,
  ];
  return `{${parts.join(',')}}`;
}

const NONE: ReadonlyMap<string, JsonSlice> = new Map();

const partsOf = (slice: JsonSlice | undefined) => (slice?.text.startsWith('{') ? membersOf(slice.text) : NONE);

const compact = ({ text, isCompact }: JsonSlice): string => (isCompact ? text : withoutSpaces(text));

function picked(members: ReadonlyMap<string, JsonSlice>, names: readonly string[]): readonly string[] {
  return names.flatMap((name) => {
    const slice = members.get(name);
    return slice ? [`"${name}":${compact(slice)}`] : [];
  });
}
