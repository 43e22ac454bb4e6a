/**
 * The stack of a function that a table's stream wakes: a batch of outbox rows becomes facts.
 *
 * The rows that failed are named, so that Lambda goes on from the first of them and nothing is skipped.
 */
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import type { Basics } from './basics';

/** @param run Gets the records and gives back the sequence numbers of those that failed. */
export function onStream(
  run: (records: readonly DynamoDBRecord[]) => Promise<readonly string[]>,
  ports: Pick<Basics, 'log' | 'metrics'>,
) {
  return middy<DynamoDBStreamEvent, DynamoDBBatchResponse>(async (event: DynamoDBStreamEvent) => {
    const failed = await run(event.Records);
    const level = failed.length === 0 ? 'info' : 'warn';
    ports.log[level]('relayed', { records: event.Records.length, failed: failed.length });
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
  }).use(logMetrics(ports.metrics));
}
