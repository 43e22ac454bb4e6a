/** Calls to SQS that Lambda makes with the role of a function. */
import { randomUUID } from 'node:crypto';
import type { Engine, JsonObject } from '../call';
import type { LambdaFunction } from './functions';
import type { RoleSessions } from './role-sessions';

export interface QueueClient {
  /** All attributes of a queue. @throws AwsError */
  attributes(by: LambdaFunction, queueArn: string): Promise<Readonly<Record<string, string | undefined>>>;
  /** @throws AwsError */
  send(by: LambdaFunction, queueArn: string, body: JsonObject, attributes: JsonObject): Promise<void>;
}

const SERVICE = 'lambda.amazonaws.com';

export function queueClient(parts: {
  readonly sessions: RoleSessions;
  readonly sqs: Pick<Engine, 'handle'>;
  readonly endpoint: () => string;
}): QueueClient {
  const call = async (
    by: LambdaFunction,
    queueArn: string,
    operation: string,
    input: JsonObject,
  ): Promise<JsonObject> => {
    const [, , , region = '', accountId = '', name = ''] = queueArn.split(':');
    const outcome = await parts.sqs.handle({
      service: 'sqs',
      operation,
      region,
      caller: parts.sessions.principalOf(by.roleArn, by.name),
      input: { QueueUrl: `${parts.endpoint()}/${accountId}/${name}`, ...input },
      requestId: randomUUID(),
      sourceIp: SERVICE,
      userAgent: SERVICE,
    });
    if (outcome.error) throw outcome.error;
    return outcome.output ?? {};
  };
  return {
    async attributes(by, queueArn) {
      const { Attributes } = await call(by, queueArn, 'GetQueueAttributes', { AttributeNames: ['All'] });
      return Attributes as Readonly<Record<string, string | undefined>>;
    },
    async send(by, queueArn, body, attributes) {
      await call(by, queueArn, 'SendMessage', { MessageBody: JSON.stringify(body), MessageAttributes: attributes });
    },
  };
}
