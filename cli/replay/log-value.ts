/**
 * What a value of a log file is: a CloudTrail record, bare or in an EventBridge event; a digest; or nothing of the kind.
 */

import { isEnvelope, isViaCloudTrail, readEnvelope } from '../../events/cloudtrail-envelope';
import { type CloudTrailRecord, readCloudTrailRecord } from '../../events/cloudtrail-record';
import { isObject, type JsonObject } from '../../events/cloudtrail-shape';
import { ContractViolation } from '../../events/define-event';

export type LogValue =
  | {
      readonly is: 'record';
      /** Undefined for an Insight: a record with no call in it. */
      readonly record: CloudTrailRecord | undefined;
      /** The record is the whole value, not a part of it. */
      readonly isBare: boolean;
    }
  | { readonly is: 'digest' };

/**
 * Members under which others hand a record on: log shippers and HTTP collectors put the original under `event`
 * (Splunk's collector), `record` is common in exports.
 */
const WRAPPERS = ['record', 'event'];

/** @throws ContractViolation saying why the value is no CloudTrail record, with the field at fault. */
export function readLogValue(value: unknown): LogValue {
  if (!isObject(value)) throw new ContractViolation('record', 'must be an object');
  if (isDigest(value)) return { is: 'digest' };
  if (isEnvelope(value)) return { is: 'record', record: recordInEnvelope(value), isBare: false };
  const wrapped = looksLikeRecord(value) ? undefined : wrappedIn(value);
  if (wrapped === undefined) return { is: 'record', record: readCloudTrailRecord(value), isBare: true };
  const record = isEnvelope(wrapped) ? recordInEnvelope(wrapped) : readCloudTrailRecord(wrapped);
  return { is: 'record', record, isBare: false };
}

/** Whether a value was meant to be a CloudTrail record, sound or not: what tells a damaged log from another file. */
export function looksLikeLog(value: unknown): boolean {
  return isObject(value) && (looksLikeRecord(value) || isEnvelope(value));
}

function looksLikeRecord(value: JsonObject): boolean {
  return 'eventVersion' in value || 'eventSource' in value || 'eventID' in value;
}

function wrappedIn(value: JsonObject): unknown {
  return WRAPPERS.map((name) => value[name]).find(looksLikeLog);
}

function recordInEnvelope(value: unknown): CloudTrailRecord | undefined {
  const envelope = readEnvelope(value);
  if (!isViaCloudTrail(envelope)) {
    throw new ContractViolation('event.detail-type', `"${envelope['detail-type']}" is no CloudTrail event`);
  }
  return readCloudTrailRecord(envelope.detail);
}

/** CloudTrail puts an hourly digest beside its logs. Source: CloudTrail User Guide, "CloudTrail digest file structure". */
function isDigest(value: JsonObject): boolean {
  return typeof value['digestS3Object'] === 'string' && Array.isArray(value['logFiles']);
}
