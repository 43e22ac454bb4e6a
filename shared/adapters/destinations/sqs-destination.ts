/** Entries as messages of an SQS queue; of a FIFO queue in their order, a group for the customer. */
import { SendMessageBatchCommand, type SendMessageBatchRequestEntry, type SQSClient } from '@aws-sdk/client-sqs';
import { escapedForSqs } from '../../domain/audit/json-text';
import type { Delivery, Destination, Taken } from '../../domain/subscriptions/ports';
import { refusedBy, refusedWith } from './aws-refusal';
import { hashed } from './short-id';

/** A message has at most 1 MiB, a batch ten, of 1 MiB together. Source: SQS quotas; less, as attributes count too. */
const BYTES_MAX = 1_000_000;
const BATCH_MAX = 10;

/** @param clientOf The client for a region. */
export function sqsDestination(clientOf: (region: string) => Pick<SQSClient, 'send'>): Destination {
  return {
    limits: { deliveries: BATCH_MAX, bytes: BYTES_MAX, bodyBytes: BYTES_MAX },
    async deliver(deliveries, { customerId, target }) {
      const queue = queueOf(target);
      const client = clientOf(queue.region);
      // In one batch some may fail and those behind them not: where the order counts each is a batch.
      const batches = queue.isFifo ? deliveries.map((one) => [one]) : [deliveries];
      let taken = 0;
      for (const batch of batches) {
        const Entries = batch.map((delivery, at) => entryOf(delivery, String(at), queue.isFifo, customerId));
        const sent = await client.send(new SendMessageBatchCommand({ QueueUrl: queue.url, Entries })).then(
          ({ Successful = [], Failed = [] }) => takenOf(batch, Successful, Failed),
          (error): Taken => ({ taken: 0, refusal: refusedWith('SQS', error) }),
        );
        taken += sent.taken;
        if (sent.refusal) return { taken, refusal: sent.refusal };
      }
      return { taken };
    },
  };
}

/** `arn:aws:sqs:REGION:ACCOUNT:NAME`. The SDK's own endpoint decides the host. */
function queueOf(arn: string) {
  const [, partition, , region = '', account, name = ''] = arn.split(':');
  const host = partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
  return { region, url: `https://sqs.${region}.${host}/${account}/${name}`, isFifo: name.endsWith('.fifo') };
}

function entryOf(
  { id, body, contentType }: Delivery,
  Id: string,
  isFifo: boolean,
  customerId: string,
): SendMessageBatchRequestEntry {
  return {
    Id,
    MessageBody: escapedForSqs(Buffer.from(body).toString('utf8')),
    MessageAttributes: {
      deliveryId: { DataType: 'String', StringValue: id },
      contentType: { DataType: 'String', StringValue: contentType },
    },
    ...(isFifo && {
      MessageGroupId: hashed(customerId),
      MessageDeduplicationId: hashed(id),
    }),
  };
}

/** What the answer does not name was not taken. */
function takenOf(
  batch: readonly Delivery[],
  successful: readonly { readonly Id: string | undefined }[],
  failed: readonly { readonly Id: string | undefined; readonly Code: string | undefined }[],
): Taken {
  const ids = new Set(successful.map(({ Id }) => Id));
  const first = batch.findIndex((_, at) => !ids.has(String(at)));
  if (first < 0) return { taken: batch.length };
  const code = failed.find(({ Id }) => Id === String(first))?.Code ?? 'without the message';
  return { taken: first, refusal: refusedBy('SQS', code) };
}
