/**
 * What a KMS record tells, in the words that the whole product uses: who did what with which keys, and whether it
 * worked. One view for attribution, audit entries and signals, so that AWS's traps are known in one place.
 */

import { partitionOf } from './aws-partitions';
import { callerNameOf } from './caller-name';
import type { KmsRecord } from './cloudtrail-kms-record';
import type { EncryptionContext } from './cloudtrail-shape';
import { type KmsOperation, kmsOperation, type OperationKind } from './kms-operations';

/** One key that a call touched, and what it was given with it. ReEncrypt touches two: source, then destination. */
export interface TouchedKey {
  /** Absent where AWS named no key: then only the context can tell whose it was. */
  readonly kmsKeyArn?: string | undefined;
  readonly encryptionContext?: EncryptionContext | undefined;
  readonly keyMaterialId?: string | undefined;
  /** Whether it stands on the source or on the destination side of a ReEncrypt. */
  readonly side?: 'source' | 'destination' | undefined;
}

export interface KeyUse {
  readonly eventId: string;
  readonly sharedEventId?: string | undefined;
  /** The event's time: UTC with milliseconds. */
  readonly at: string;
  readonly operation: string;
  readonly kind: OperationKind;
  /** `dry-run-ok`: it would have worked; CloudTrail writes it as an error. */
  readonly outcome: 'ok' | 'dry-run-ok' | 'failed';
  /** Of `failed` only. `AccessDenied` and `AccessDeniedException` are the same refusal, written by different hands. */
  readonly errorCode?: string | undefined;
  readonly keys: readonly TouchedKey[];
  /** The account of the caller; absent when an AWS service called for itself. */
  readonly callerAccountId?: string | undefined;
  /** The name of the role whose session called; absent in a foreign owner's copy. */
  readonly callerRole?: string | undefined;
  /** Who called, in a few words: `role SecOps`. Absent where the record does not name them. */
  readonly callerName?: string | undefined;
  /** Set when an AWS service made the call. `AWS Internal` is common: no reliable label of the service. */
  readonly invokedBy?: string | undefined;
  /** Whose copy of the record this is. */
  readonly recipientAccountId?: string | undefined;
}

/** A record of the caller's network traffic: it never tells of a key, and shares its id with the call it carried. */
const NETWORK_ACTIVITY = 'AwsVpceEvent';

const DRY_RUN_OK = 'DryRunOperationException';

/** What a record says of a use of keys, in our words. Never throws: what a record leaves out is absent. */
export function keyUseOf(record: KmsRecord): KeyUse {
  const operation = kmsOperation(record.eventName, record.readOnly);
  const identity = record.userIdentity;
  const errorCode = record.errorCode;
  const isFailure = Boolean(errorCode) && errorCode !== DRY_RUN_OK;
  return {
    eventId: record.eventID,
    sharedEventId: record.sharedEventID ? sharedIdOf(record, record.sharedEventID) : undefined,
    at: withMilliseconds(record.eventTime),
    operation: record.eventName,
    kind: record.eventType === 'AwsServiceEvent' ? 'service-event' : operation.kind,
    outcome: isFailure ? 'failed' : errorCode ? 'dry-run-ok' : 'ok',
    errorCode: isFailure ? (errorCode ?? undefined) : undefined,
    keys: touchedKeys(record, operation),
    callerAccountId: identity?.accountId ?? undefined,
    callerRole: roleIn(identity?.arn),
    callerName: identity ? callerNameOf(identity) : undefined,
    invokedBy: identity?.invokedBy ?? undefined,
    recipientAccountId: record.recipientAccountId ?? undefined,
  };
}

/** The path of a role is not in it. The path of a user is in theirs, and may hold any word of this. */
const ROLE_SESSION = /^arn:aws[a-z-]*:sts::\d{12}:assumed-role\/([^/]+)\/[^/]+$/;

function roleIn(callerArn: string | null | undefined): string | undefined {
  return callerArn ? ROLE_SESSION.exec(callerArn)?.[1] : undefined;
}

/** The account that owns a key, from its ARN: `resources[].accountId` may say "AWS Internal". */
export function ownerAccountOf(kmsKeyArn: string): string {
  const end = kmsKeyArn.indexOf(':key/');
  return kmsKeyArn.slice(kmsKeyArn.lastIndexOf(':', end - 1) + 1, end);
}

/** The same call makes a management record and a network record that share one id: those are two records, not copies. */
function sharedIdOf(record: KmsRecord, sharedEventId: string): string {
  return record.eventType === NETWORK_ACTIVITY ? `${sharedEventId}/network` : sharedEventId;
}

/** `2026-01-01T00:00:00Z` -> `2026-01-01T00:00:00.000Z`: of one length, so that text order is time order. */
export function withMilliseconds(eventTime: string): string {
  if (eventTime.length === 20) return `${eventTime.slice(0, 19)}.000Z`;
  return `${eventTime.slice(0, -1).padEnd(23, '0').slice(0, 23)}Z`;
}

function touchedKeys(record: KmsRecord, operation: KmsOperation): readonly TouchedKey[] {
  if (record.eventType === NETWORK_ACTIVITY) return [];
  const arns = keyArnsOf(record);
  if (operation.contexts?.length === 2) return twoSides(record, operation, arns);
  const encryptionContext = contextOf(record, operation) ?? undefined;
  const keyMaterialId = materialIn(record, operation.materials?.[0]);
  if (arns.length === 0 && !encryptionContext) return [];
  const named = arns.length === 0 ? [undefined] : arns;
  return named.map((kmsKeyArn) => ({ kmsKeyArn, encryptionContext, keyMaterialId }));
}

/** Source and destination of a ReEncrypt, each with its own context: the two may belong to different customers. */
function twoSides(record: KmsRecord, operation: KmsOperation, arns: readonly string[]): readonly TouchedKey[] {
  const request = record.requestParameters;
  const named = sidesOf(record, arns);
  const sides: readonly TouchedKey[] = [
    {
      kmsKeyArn: named.source,
      encryptionContext: request?.sourceEncryptionContext ?? undefined,
      keyMaterialId: materialIn(record, operation.materials?.[0]),
      side: 'source',
    },
    {
      kmsKeyArn: named.destination,
      encryptionContext: request?.destinationEncryptionContext ?? undefined,
      keyMaterialId: materialIn(record, operation.materials?.[1]),
      side: 'destination',
    },
  ];
  const known = sides.filter((key) => key.kmsKeyArn || key.encryptionContext);
  return named.unplaced ? [{ kmsKeyArn: named.unplaced }, ...known] : known;
}

interface Sides {
  readonly source?: string | undefined;
  readonly destination?: string | undefined;
  readonly unplaced?: string;
}

/**
 * Which key is the source and which the destination. AWS lists both, the source first. Where only one is listed (a
 * refusal may do so, and an owner's copy: unconfirmed) the request may name it; otherwise it is left without a context
 * rather than given one that may be another customer's.
 */
function sidesOf(record: KmsRecord, [first, second]: readonly string[]): Sides {
  if (first === undefined || second !== undefined) return { source: first, destination: second };
  const isSource = names(record.requestParameters?.sourceKeyId, first);
  const isDestination = names(record.requestParameters?.destinationKeyId, first);
  if (!isSource && !isDestination) return { unplaced: first };
  return { source: isSource ? first : undefined, destination: isDestination ? first : undefined };
}

/** Whether what the caller wrote is this key's ARN or its id. */
function names(keyId: string | null | undefined, kmsKeyArn: string): boolean {
  return Boolean(keyId) && (keyId === kmsKeyArn || kmsKeyArn.endsWith(`:key/${keyId}`));
}

/**
 * Keys by ARN, as AWS names them: in `resources`, else in what KMS answered, else in its refusal. What the caller wrote
 * (`requestParameters.keyId`) is no proof of which key it was and is not used.
 */
function keyArnsOf(record: KmsRecord): readonly string[] {
  const listed: string[] = [];
  for (const { ARN } of record.resources ?? []) if (ARN && isKeyArn(ARN)) listed.push(ARN);
  if (listed.length > 0) return listed;
  const answered =
    record.responseElements?.keyId ?? record.responseElements?.keyMetadata?.arn ?? record.serviceEventDetails?.keyId;
  const arn = answered ? arnOf(answered, record) : record.errorMessage && refusedKeyIn(record.errorMessage);
  return arn ? [arn] : [];
}

/** Aliases are listed as resources too, and typed as keys: only the ARN tells them apart. */
function isKeyArn(arn: string): boolean {
  return KEY_ARN.test(arn);
}
const KEY_ARN = /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/;

/** KMS answers with a full ARN or, in older records, with a bare id: then it is a key of this account and Region. */
function arnOf(keyId: string, record: KmsRecord): string | undefined {
  if (isKeyArn(keyId)) return keyId;
  if (!/^[A-Za-z0-9-]+$/.test(keyId) || !record.recipientAccountId) return undefined;
  return `arn:${partitionIn(record)}:kms:${record.awsRegion}:${record.recipientAccountId}:key/${keyId}`;
}

/** As an ARN that the record lists has it, that of an alias for example; else as the Region's name tells. */
function partitionIn({ resources, awsRegion }: KmsRecord): string {
  const listed = resources?.find(({ ARN }) => ARN?.startsWith('arn:'))?.ARN;
  return listed?.split(':')[1] || partitionOf(awsRegion);
}

/** `… is not authorized to perform: kms:Decrypt on resource: ARN because …`, `ARN is disabled.` */
function refusedKeyIn(errorMessage: string): string | undefined {
  return /(?:on resource: |^)(arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+)/.exec(errorMessage)?.[1];
}

function contextOf(record: KmsRecord, operation: KmsOperation): EncryptionContext | null | undefined {
  const request = record.requestParameters;
  if (operation.contexts) return request?.encryptionContext;
  return request?.constraints?.encryptionContextEquals ?? request?.constraints?.encryptionContextSubset;
}

/** Materials are named beside the call for use, in the answer for imports, in the details for service events. */
function materialIn(record: KmsRecord, field: string | undefined): string | undefined {
  if (field === undefined) return undefined;
  const found =
    record.additionalEventData?.[field] ?? record.responseElements?.[field] ?? record.serviceEventDetails?.[field];
  return typeof found === 'string' ? found : undefined;
}
