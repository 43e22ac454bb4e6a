/** Parks work among a function's dead letters, with the reason beside it. */
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { escapedForSqs, jsonForSqs } from '../domain/audit/json-text';
import { KeywrightError } from '../domain/errors';
import type { Park } from '../domain/ports';

/** Parks in an SQS queue, with the reason as an attribute of the message. */
export function sqsPark(client: SQSClient, queueUrl: string): Park {
  const fifo = queueUrl.endsWith('.fifo');
  return {
    async park(body, reason, group = crypto.randomUUID()) {
      const text = jsonForSqs(reason);
      try {
        await client.send(
          new SendMessageCommand({
            QueueUrl: queueUrl,
            MessageBody: escapedForSqs(body),
            MessageAttributes: { reason: { DataType: 'String', StringValue: text } },
            ...(fifo && { MessageGroupId: group, MessageDeduplicationId: crypto.randomUUID() }),
          }),
        );
      } catch (cause) {
        throw new KeywrightError(
          'queue.not-sent',
          'The dead-letter queue did not take a message.',
          { queueUrl },
          { cause },
        );
      }
    },
  };
}
