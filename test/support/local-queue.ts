/** Queues of a local AWS, and what reached them. */
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
  type SQSClientConfig,
} from '@aws-sdk/client-sqs';
import { ACCOUNT, REGION } from 'local-aws/test/support/local-aws';

/** How long what is on its way may take. */
const ARRIVED_WITHIN_MS = 5_000;
/** No queue of a test holds more. */
const RECEIVES_MAX = 50;

export interface LocalQueue {
  readonly client: SQSClient;
  readonly url: string;
  readonly arn: string;
  /** Its messages, once so many are there, and any that are there besides. They are gone afterwards. */
  received(count: number): Promise<readonly Message[]>;
  delete(): Promise<void>;
}

let made = 0;

/** A new queue that the services of AWS may send to; with `fifo`, one that keeps order. */
export async function localQueue(settings: SQSClientConfig, { fifo = false } = {}): Promise<LocalQueue> {
  const client = new SQSClient({ ...settings, useQueueUrlAsEndpoint: false });
  made += 1;
  const name = `queue-${made}${fifo ? '.fifo' : ''}`;
  const Attributes = { Policy: LETS_SERVICES_IN, ...(fifo && { FifoQueue: 'true' }) };
  const { QueueUrl: url = '' } = await client.send(new CreateQueueCommand({ QueueName: name, Attributes }));

  const receive = async (WaitTimeSeconds: number) => {
    const ask = { QueueUrl: url, MaxNumberOfMessages: 10, WaitTimeSeconds };
    const names = { MessageAttributeNames: ['All'], MessageSystemAttributeNames: ['MessageGroupId' as const] };
    const { Messages: messages = [] } = await client.send(new ReceiveMessageCommand({ ...ask, ...names }));
    // A FIFO queue gives the next of a group when those before it are gone.
    for (const { ReceiptHandle } of messages)
      await client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));
    return messages;
  };

  return {
    client,
    url,
    arn: `arn:aws:sqs:${REGION}:${ACCOUNT}:${name}`,
    async received(count) {
      const messages: Message[] = [];
      const untilMs = Date.now() + ARRIVED_WITHIN_MS;
      for (let at = 0; at < RECEIVES_MAX; at += 1) {
        const isDue = messages.length < count && Date.now() < untilMs;
        const more = await receive(isDue ? 1 : 0);
        if (more.length === 0 && !isDue) break;
        messages.push(...more);
      }
      return messages;
    },
    delete: async () => void (await client.send(new DeleteQueueCommand({ QueueUrl: url }))),
  };
}

const LETS_SERVICES_IN = JSON.stringify({
  Version: '2012-10-17',
  Statement: ['sns', 'events'].map((service) => ({
    Effect: 'Allow',
    Principal: { Service: `${service}.amazonaws.com` },
    Action: 'sqs:SendMessage',
    Resource: '*',
  })),
});
