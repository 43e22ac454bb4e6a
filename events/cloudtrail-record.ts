/**
 * Any record that CloudTrail writes, of whatever service: what names it, and which it is.
 *
 * Source: AWS CloudTrail User Guide, "CloudTrail record contents".
 */
import type { JsonObject, Shape } from './cloudtrail-shape';

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

/** What CloudTrail writes besides the records of single calls: sound, and never of the use of a key. */
export type OtherRecord = 'insight' | 'aggregated' | 'other-service';

/**
 * Which other record a value is; undefined for what has to be a record of this service. Nothing more is asked of one: the fields
 * that this product reads of its service's records came with later versions, or have no place in records of that kind.
 *
 * An Insight tells of a change in call rates; an aggregated event counts calls of some minutes, and has neither time nor id.
 * Source: CloudTrail User Guide, "CloudTrail record contents for Insights events" and "for aggregated events".
 */
export function otherRecord(value: JsonObject, eventSource: string): OtherRecord | undefined {
  const { eventType, eventCategory, eventSource: source } = value;
  if (eventType === 'AwsCloudTrailInsight' || eventCategory === 'Insight') return 'insight';
  if (eventType === 'AwsAggregatedEvent' || eventCategory === 'Aggregated') return 'aggregated';
  return typeof source === 'string' && source !== '' && source !== eventSource ? 'other-service' : undefined;
}
