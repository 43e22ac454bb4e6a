/**
 * The stack of a function that the report table's stream wakes: each report ends by itself, and none keeps another back.
 *
 * Of each key the newest failure in a batch is worked, and the newest word that it works again: whoever reports one key all the
 * time delays nobody, and hides nothing. What is
 * no report is ignored, with the reason in the log: whoever may report could otherwise fill the dead letters.
 */
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { keyFailureIn } from '../adapters/dynamo-key-failures';
import { WORKS_AGAIN } from '../domain/availability/key-failure';
import { type Report, readReport } from '../domain/availability/receive-reports';
import { describe, mayPassOnRetry, type QueuePorts } from './on-queue';

type Outcome = 'signalled' | 'ignored' | 'retried' | 'parked';

interface Received {
  readonly report: Report;
  readonly itemIdentifier: string;
}

/** @param run Gets each key’s newest report of each kind in the batch. */
export function onReports(run: (report: Report) => Promise<'signalled' | 'ignored'>, ports: QueuePorts) {
  return middy<DynamoDBStreamEvent, DynamoDBBatchResponse>(async (event: DynamoDBStreamEvent) => {
    const received = event.Records.flatMap((record) => readable(record, ports));
    const newest = new Map(received.map((one) => [kindOf(one.report), one]));
    const batchItemFailures: DynamoDBBatchResponse['batchItemFailures'] = [];
    for (const { report, itemIdentifier } of newest.values()) {
      const outcome = await attempt(report, run, ports);
      ports.metrics.addMetric(outcome, MetricUnit.Count, 1);
      if (outcome === 'retried') batchItemFailures.push({ itemIdentifier });
    }
    return { batchItemFailures };
  }).use(logMetrics(ports.metrics));
}

const kindOf = ({ kmsKeyArn, failure }: Report): string => `${kmsKeyArn} ${failure === WORKS_AGAIN}`;

function readable({ dynamodb: change }: DynamoDBRecord, { log, metrics }: QueuePorts): readonly Received[] {
  try {
    const report = readReport(keyFailureIn(change?.NewImage ?? {}));
    return [{ report, itemIdentifier: change?.SequenceNumber ?? '' }];
  } catch (error) {
    log.warn('ignored: no report', describe(error));
    metrics.addMetric('ignored', MetricUnit.Count, 1);
    return [];
  }
}

async function attempt(
  report: Report,
  run: (report: Report) => Promise<'signalled' | 'ignored'>,
  { log, park }: QueuePorts,
): Promise<Outcome> {
  try {
    return await run(report);
  } catch (error) {
    if (mayPassOnRetry(error)) {
      log.warn('will be tried again', describe(error));
      return 'retried';
    }
    await park.park(JSON.stringify(report), describe(error));
    log.error('parked', describe(error));
    return 'parked';
  }
}
