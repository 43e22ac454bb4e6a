/**
 * Where Lambda reports what failed for good: a queue, written to with the function's own role, as in AWS.
 */
import { randomUUID } from 'node:crypto';
import { AwsError, type Engine, type JsonObject } from '../call';
import type { LambdaFunction } from './functions';
import type { Logs } from './logs';
import { isQueue } from './mappings';
import type { RoleSessions } from './role-sessions';

export interface Destinations {
  /**
   * Sends a report. Never rejects: AWS drops a report that it cannot deliver and counts it in a metric
   * (DestinationDeliveryFailures, DeadLetterErrors); here it is a line in the function's log.
   */
  send(from: LambdaFunction, queueArn: string, body: JsonObject, attributes?: JsonObject): Promise<void>;
}

export function destinations(parts: {
  readonly sessions: RoleSessions;
  readonly sqs: Pick<Engine, 'handle'>;
  readonly endpoint: () => string;
  readonly logs: Logs;
}): Destinations {
  const send = async (from: LambdaFunction, queueArn: string, body: JsonObject, attributes: JsonObject) => {
    if (!isQueue(queueArn)) throw new AwsError('InvalidParameterValueException', 'only queues can be destinations');
    const [, , , region = '', accountId = '', name = ''] = queueArn.split(':');
    const outcome = await parts.sqs.handle({
      service: 'sqs',
      operation: 'SendMessage',
      region,
      caller: parts.sessions.principalOf(from.roleArn, from.name),
      input: {
        QueueUrl: `${parts.endpoint()}/${accountId}/${name}`,
        MessageBody: JSON.stringify(body),
        MessageAttributes: attributes,
      },
      requestId: randomUUID(),
      sourceIp: 'lambda.amazonaws.com',
      userAgent: 'lambda.amazonaws.com',
    });
    if (outcome.error) throw outcome.error;
  };

  return {
    async send(from, queueArn, body, attributes = {}) {
      try {
        await send(from, queueArn, body, attributes);
      } catch (error) {
        parts.logs.write(from.name, `could not report to ${queueArn}: ${String(error)} ${JSON.stringify(body)}`);
      }
    },
  };
}
