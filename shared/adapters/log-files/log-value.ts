/**
 * What a value of a log file is: a record of KMS, bare or in an EventBridge event; another record; a digest; or nothing of the kind.
 */

import { isEnvelope, isViaCloudTrail, readEnvelope } from '../../../events/cloudtrail-envelope';
import { KMS_EVENT_SOURCE, type KmsRecord, readKmsRecord } from '../../../events/cloudtrail-kms-record';
import { type OtherRecord, otherRecord } from '../../../events/cloudtrail-record';
import { isObject, type JsonObject } from '../../../events/cloudtrail-shape';
import { ContractViolation } from '../../../events/define-event';

export type LogValue =
  | {
      readonly is: 'record';
      readonly record: KmsRecord;
      /** Under which names within each other the record stands in the value; none, where it is the whole of it. */
      readonly under: readonly string[];
    }
  | { readonly is: OtherRecord | 'digest' };

/**
 * Members under which others hand a record on: log shippers and HTTP collectors put the original under `event`
 * (Splunk's collector), `record` is common in exports.
 */
const WRAPPERS = ['record', 'event'];

/** @throws ContractViolation saying why the value is no CloudTrail record, with the field at fault. */
export function readLogValue(value: unknown): LogValue {
  if (!isObject(value)) throw new ContractViolation('record', 'must be an object');
  if (isDigest(value)) return { is: 'digest' };
  if (isEnvelope(value)) return recordFrom(detailOf(value), ['detail']);
  const wrapper = looksLikeRecord(value) ? undefined : WRAPPERS.find((name) => looksLikeLog(value[name]));
  if (wrapper === undefined) return recordFrom(value, []);
  const wrapped = value[wrapper];
  return isEnvelope(wrapped) ? recordFrom(detailOf(wrapped), [wrapper, 'detail']) : recordFrom(wrapped, [wrapper]);
}

function recordFrom(value: unknown, under: readonly string[]): LogValue {
  const other = isObject(value) ? otherRecord(value, KMS_EVENT_SOURCE) : undefined;
  return other ? { is: other } : { is: 'record', record: readKmsRecord(value), under };
}

/** Whether a value was meant to be a CloudTrail record, sound or not: what tells a damaged log from another file. */
export function looksLikeLog(value: unknown): boolean {
  return isObject(value) && (looksLikeRecord(value) || isEnvelope(value));
}

function looksLikeRecord(value: JsonObject): boolean {
  return 'eventVersion' in value || 'eventSource' in value || 'eventID' in value;
}

function detailOf(value: unknown): unknown {
  const envelope = readEnvelope(value);
  if (isViaCloudTrail(envelope)) return envelope.detail;
  throw new ContractViolation('event.detail-type', `"${envelope['detail-type']}" is no CloudTrail event`);
}

/** CloudTrail puts an hourly digest beside its logs. Source: CloudTrail User Guide, "CloudTrail digest file structure". */
function isDigest(value: JsonObject): boolean {
  return typeof value['digestS3Object'] === 'string' && Array.isArray(value['logFiles']);
}
