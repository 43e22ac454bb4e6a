/**
 * Where Lambda reports what failed for good: a queue, written to with the function's own role, as in AWS.
 */
import { AwsError, type JsonObject } from '../call';
import type { LambdaFunction } from './functions';
import type { Logs } from './logs';
import { isQueue } from './mappings';
import type { QueueClient } from './queue-client';

export interface Destinations {
  /**
   * Sends a report. Never rejects: AWS drops a report that it cannot deliver and counts it in a metric
   * (DestinationDeliveryFailures, DeadLetterErrors); here it is a line in the function's log.
   */
  send(from: LambdaFunction, queueArn: string, body: JsonObject, attributes?: JsonObject): Promise<void>;
}

export function destinations(parts: { readonly queues: QueueClient; readonly logs: Logs }): Destinations {
  return {
    async send(from, queueArn, body, attributes = {}) {
      try {
        if (!isQueue(queueArn)) throw new AwsError('InvalidParameterValueException', 'only queues can be destinations');
        await parts.queues.send(from, queueArn, body, attributes);
      } catch (error) {
        parts.logs.write(from.name, `could not report to ${queueArn}: ${String(error)} ${JSON.stringify(body)}`);
      }
    },
  };
}
