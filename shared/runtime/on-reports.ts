/**
 * The stack of a function that the report table's stream wakes: each report ends by itself, and none keeps another back.
 *
 * What is no report is ignored, with the reason in the log: whoever may report could otherwise fill the dead letters.
 */
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { ContractViolation } from '../../events/define-event';
import { keyFailureIn } from '../adapters/dynamo-key-failures';
import { describe, mayPassOnRetry, type QueuePorts } from './on-queue';

type Outcome = 'signalled' | 'ignored' | 'retried' | 'parked';

/** @param run Gets what the item holds, as it came; throws ContractViolation for what is no report. */
export function onReports(run: (report: unknown) => Promise<'signalled' | 'ignored'>, ports: QueuePorts) {
  return middy<DynamoDBStreamEvent, DynamoDBBatchResponse>(async (event: DynamoDBStreamEvent) => {
    const batchItemFailures: DynamoDBBatchResponse['batchItemFailures'] = [];
    for (const record of event.Records) {
      const outcome = await attempt(record, run, ports);
      ports.metrics.addMetric(outcome, MetricUnit.Count, 1);
      if (outcome === 'retried') batchItemFailures.push({ itemIdentifier: record.dynamodb?.SequenceNumber ?? '' });
    }
    return { batchItemFailures };
  }).use(logMetrics(ports.metrics));
}

async function attempt(
  { dynamodb: change }: DynamoDBRecord,
  run: (report: unknown) => Promise<'signalled' | 'ignored'>,
  { log, park }: QueuePorts,
): Promise<Outcome> {
  const report = keyFailureIn(change?.NewImage ?? {});
  try {
    return await run(report);
  } catch (error) {
    if (error instanceof ContractViolation) {
      log.warn('ignored: no report', describe(error));
      return 'ignored';
    }
    if (mayPassOnRetry(error)) {
      log.warn('will be tried again', describe(error));
      return 'retried';
    }
    await park.park(JSON.stringify(report), describe(error));
    log.error('parked', describe(error));
    return 'parked';
  }
}
