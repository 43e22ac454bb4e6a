/**
 * Any record that CloudTrail writes, of whatever service: what names it, and how to read one.
 *
 * Source: AWS CloudTrail User Guide, "CloudTrail record contents".
 */
import { faultIn, isObject, type JsonObject, readerOf, type Shape, schemaOf } from './cloudtrail-shape';
import { ContractViolation } from './define-event';

export interface CloudTrailRecord extends JsonObject {
  readonly eventVersion: string;
  /** When the request completed; UTC with second precision. */
  readonly eventTime: string;
  readonly eventSource: string;
  readonly eventName: string;
  readonly awsRegion: string;
  /** Unique for each record: the key to remove repeated deliveries by. */
  readonly eventID: string;
}

export const CLOUDTRAIL_RECORD = {
  eventVersion: { is: 'version', required: true },
  eventTime: { is: 'time', required: true },
  eventSource: { is: 'text', required: true },
  eventName: { is: 'text', required: true },
  awsRegion: { is: 'text', required: true },
  eventID: { is: 'text', required: true },
} as const satisfies Shape;

/** An Insight tells of a change in call rates; it has neither source nor name of its own and never concerns a key. */
const INSIGHT = {
  eventVersion: CLOUDTRAIL_RECORD.eventVersion,
  eventTime: CLOUDTRAIL_RECORD.eventTime,
  eventID: CLOUDTRAIL_RECORD.eventID,
} as const satisfies Shape;

const RECORD_READER = readerOf(CLOUDTRAIL_RECORD);
const INSIGHT_READER = readerOf(INSIGHT);

/** The specification; `readCloudTrailRecord` answers the same for everything but Insights. */
export const cloudTrailRecordSchema = schemaOf(CLOUDTRAIL_RECORD);

/**
 * Reads a record of any service. The value itself is returned, with every field it came with.
 *
 * @returns undefined for an Insight: a sound record with no call in it.
 * @throws ContractViolation naming the field at fault.
 */
export function readCloudTrailRecord(value: unknown): CloudTrailRecord | undefined {
  const isInsight = isObject(value) && value['eventType'] === 'AwsCloudTrailInsight';
  const fault = faultIn(isInsight ? INSIGHT_READER : RECORD_READER, value, 'record');
  if (fault) throw new ContractViolation(fault.path, fault.problem);
  return isInsight ? undefined : (value as CloudTrailRecord);
}
