/**
 * The stack of a function that the control table's stream wakes: outbox rows on their way out.
 *
 * The rows that failed are named, so that Lambda goes on from the first of them and nothing is skipped.
 */
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import type { Fact } from '../../events/define-event';
import type { Park } from '../domain/ports';
import type { OutboxRow } from '../domain/relay-facts';
import type { Basics } from './basics';

/** @param run Gets the rows and gives back the positions of those that failed. */
export function onOutbox(
  run: (rows: readonly OutboxRow[]) => Promise<readonly string[]>,
  ports: Pick<Basics, 'log' | 'metrics'> & { readonly park: Park },
) {
  return middy<DynamoDBStreamEvent, DynamoDBBatchResponse>(async (event: DynamoDBStreamEvent) => {
    const rows: OutboxRow[] = [];
    for (const record of event.Records) {
      const row = outboxRowOf(record);
      if (row) rows.push(row);
      // Only this product writes the table: a row that does not read is a mistake of ours, kept for whoever mends it.
      else await ports.park.park(JSON.stringify(record.dynamodb?.Keys ?? {}), { reason: 'no outbox row' });
    }
    const failed = await run(rows);
    ports.log[failed.length === 0 ? 'info' : 'warn']('relayed', { facts: rows.length, failed: failed.length });
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
  }).use(logMetrics(ports.metrics));
}

function outboxRowOf({ dynamodb }: DynamoDBRecord): OutboxRow | undefined {
  const { pk, detailType, detail } = dynamodb?.NewImage ?? {};
  if (!pk?.S || !detailType?.S || !detail?.S || !dynamodb?.SequenceNumber) return undefined;
  const fact: Fact = { factId: pk.S.slice('fact#'.length), detailType: detailType.S, detail: JSON.parse(detail.S) };
  return { position: dynamodb.SequenceNumber, fact };
}
