/**
 * The stack of a function that the control table's stream wakes: outbox rows on their way out.
 *
 * The rows that are worth another try are named, so that Lambda goes on from the first of them: a few times, as the
 * mapping says, and then they are left to `republish-facts`.
 */
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import type { OutboxRow } from '../domain/outbox/ports';
import type { Basics } from './basics';

/** `position` is what the stream calls the row. */
interface StreamedRow extends OutboxRow {
  readonly position: string;
}

/** @param run Gets the rows and gives back those that are worth another try. */
export function onOutbox(
  run: (rows: readonly StreamedRow[]) => Promise<readonly StreamedRow[]>,
  ports: Pick<Basics, 'metrics'>,
) {
  return middy<DynamoDBStreamEvent, DynamoDBBatchResponse>(async (event: DynamoDBStreamEvent) => {
    const left = await run(event.Records.map(streamedRow));
    return { batchItemFailures: left.map(({ position }) => ({ itemIdentifier: position })) };
  }).use(logMetrics(ports.metrics));
}

function streamedRow({ dynamodb: { Keys, NewImage, SequenceNumber } = {} }: DynamoDBRecord): StreamedRow {
  return {
    position: SequenceNumber ?? '',
    factId: (Keys?.['pk']?.S ?? '').slice('fact#'.length),
    detailType: NewImage?.['detailType']?.S,
    detail: NewImage?.['detail']?.S,
  };
}
