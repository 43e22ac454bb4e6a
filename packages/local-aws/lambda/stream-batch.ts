/**
 * A batch of a table's stream, in the slices it is cut into: what a function gets of it, what is tried again, what is given up.
 * Source of retries, splitting and reports: Lambda developer guide, "Retain discarded records for a DynamoDB event source".
 */
import type { JsonObject } from '../call';
import { instantOf } from '../clock';
import type { StreamRecord } from '../contracts';
import { failedIds } from './batch-answer';
import type { Run } from './fleet';
import type { LambdaFunction } from './functions';
import type { Mapping } from './mappings';

/** How long after a failure a batch is tried again: AWS names no figure; this doubles from the first to the second. */
export const RETRY_MS_MIN = 1_000;
const RETRY_MS_MAX = 60_000;

export interface Slice {
  readonly records: readonly StreamRecord[];
  /** When its records were read: their age counts from here. What they say themselves is by the machine's clock. */
  readonly readAt: number;
  /** How often this slice, or the one it was cut from, failed. */
  readonly failures: number;
}

/** What of a slice has to be tried again: nothing, the part from the first failure on, or the whole, perhaps in halves. */
export function remainder(mapping: Mapping, slice: Slice, run: Run): readonly Slice[] {
  const ids = slice.records.map(({ dynamodb }) => dynamodb.SequenceNumber);
  const failed = failedIds(run.answer, ids, mapping.reportsFailures);
  if (failed.size === 0) return [];
  // Everything before the first failure is done; everything behind it comes again, to keep the order.
  const from = ids.findIndex((id) => failed.has(id));
  const records = slice.records.slice(from);
  // Progress begins the count anew, and cutting a batch in two is no retry.
  const isSplit = mapping.bisectsOnError && records.length > 1 && from === 0;
  if (!isSplit) return [{ ...slice, records, failures: from > 0 ? 1 : slice.failures + 1 }];
  const middle = Math.ceil(records.length / 2);
  return [records.slice(0, middle), records.slice(middle)].map((half) => ({ ...slice, records: half }));
}

/** Whether a slice is given up: it failed or waited as often and as long as the mapping allows. */
export function isSpent(mapping: Mapping, slice: Slice, now: number): boolean {
  if (mapping.retriesMax !== undefined && slice.failures > mapping.retriesMax) return true;
  return mapping.ageSecondsMax !== undefined && now - slice.readAt > mapping.ageSecondsMax * 1000;
}

/** After so many failures, at least one. */
export function retryMs(failures: number): number {
  return Math.min(RETRY_MS_MAX, RETRY_MS_MIN * 2 ** (failures - 1));
}

/** Source of the shape: Lambda developer guide, "Using Lambda with Amazon DynamoDB", example event. */
export function recordOf(mapping: Mapping) {
  const awsRegion = mapping.sourceArn.split(':')[3] ?? '';
  return (record: StreamRecord): JsonObject => ({
    eventID: record.eventID,
    eventName: record.eventName,
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion,
    dynamodb: record.dynamodb,
    eventSourceARN: mapping.sourceArn,
  });
}

/** What was given up: where it stands in the stream, not the records themselves. Source: as above, "on-failure destination". */
export function discarded(mapping: Mapping, target: LambdaFunction, slice: Slice, run: Run, now: number): JsonObject {
  const [first, last] = [slice.records[0], slice.records.at(-1)];
  const arrival = (record: StreamRecord | undefined) =>
    instantOf(Number(record?.dynamodb['ApproximateCreationDateTime'] ?? now / 1000) * 1000);
  return {
    requestContext: {
      requestId: run.requestId,
      functionArn: target.arn,
      condition: 'RetryAttemptsExhausted',
      approximateInvokeCount: slice.failures,
    },
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    version: '1.0',
    timestamp: instantOf(now),
    DDBStreamBatchInfo: {
      shardId: 'shardId-00000000000000000000-local',
      startSequenceNumber: first?.dynamodb.SequenceNumber,
      endSequenceNumber: last?.dynamodb.SequenceNumber,
      approximateArrivalOfFirstRecord: arrival(first),
      approximateArrivalOfLastRecord: arrival(last),
      batchSize: slice.records.length,
      streamArn: mapping.sourceArn,
    },
  };
}
