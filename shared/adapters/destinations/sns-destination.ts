/** Entries as messages of an SNS topic, one after the other; of a FIFO topic in their order. */
import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { Delivery, Destination } from '../../domain/subscriptions/ports';
import { refusedWith } from './aws-refusal';
import { hashed } from './short-id';

/** A message has at most 256 KB with its attributes. Source: SNS quotas. */
const BODY_BYTES_MAX = 260_000;
const TOGETHER = 10;

/** @param clientOf The client for a region. */
export function snsDestination(clientOf: (region: string) => Pick<SNSClient, 'send'>): Destination {
  return {
    limits: { deliveries: TOGETHER, bytes: TOGETHER * BODY_BYTES_MAX, bodyBytes: BODY_BYTES_MAX },
    async deliver(deliveries, { customerId, target }) {
      const client = clientOf(target.split(':')[3] ?? '');
      for (const [taken, delivery] of deliveries.entries()) {
        const refusal = await client.send(new PublishCommand(messageOf(delivery, target, customerId))).then(
          ({ MessageId }) => (MessageId ? undefined : refusedWith('SNS', new Error())),
          (error) => refusedWith('SNS', error),
        );
        if (refusal) return { taken, refusal };
      }
      return { taken: deliveries.length };
    },
  };
}

const messageOf = ({ id, body, contentType }: Delivery, TopicArn: string, customerId: string) => ({
  TopicArn,
  Message: Buffer.from(body).toString('utf8'),
  MessageAttributes: {
    deliveryId: { DataType: 'String', StringValue: id },
    contentType: { DataType: 'String', StringValue: contentType },
  },
  ...(TopicArn.endsWith('.fifo') && { MessageGroupId: hashed(customerId), MessageDeduplicationId: hashed(id) }),
});
