import type { JsonObject } from '../../call';
import type { EngineDeps } from '../../contracts';
import { iam as openIam } from '../../iam/iam';
import { sqs } from '../../sqs/engine';
import { administratorOf, type Client, clientOf, localWorld } from '../support/local-world';

export const ACCOUNT = '111111111111';
export const ORIGIN = 'http://127.0.0.1:4566';

export interface Received {
  readonly MessageId: string;
  readonly ReceiptHandle: string;
  readonly Body: string;
  readonly Attributes?: Readonly<Record<string, string>>;
  readonly MessageAttributes?: JsonObject;
  readonly MD5OfMessageAttributes?: string;
}

/** An SQS of its own, with what tests do most often. */
export function anSqs(world: EngineDeps = localWorld()) {
  const iam = openIam(world);
  const engine = sqs(world, { iam, accountUrl: () => ORIGIN });
  const call = clientOf(engine, administratorOf(ACCOUNT));
  return { world, iam, engine, call, ...shortcuts(call) };
}

export function shortcuts(call: Client) {
  return {
    async queue(name: string, Attributes?: Readonly<Record<string, string>>): Promise<string> {
      const kind = name.endsWith('.fifo') ? { FifoQueue: 'true', ContentBasedDeduplication: 'true' } : {};
      const { QueueUrl } = await call('CreateQueue', { QueueName: name, Attributes: { ...kind, ...Attributes } });
      return String(QueueUrl);
    },
    send: (QueueUrl: string, MessageBody: string, more: JsonObject = {}) =>
      call('SendMessage', { QueueUrl, MessageBody, ...more }),
    async receive(QueueUrl: string, more: JsonObject = {}): Promise<readonly Received[]> {
      const asked = { QueueUrl, MaxNumberOfMessages: 10, MessageSystemAttributeNames: ['All'], ...more };
      const { Messages = [] } = await call('ReceiveMessage', asked);
      return Messages as unknown as readonly Received[];
    },
    remove: (QueueUrl: string, ReceiptHandle: string) => call('DeleteMessage', { QueueUrl, ReceiptHandle }),
    hide: (QueueUrl: string, ReceiptHandle: string, VisibilityTimeout: number) =>
      call('ChangeMessageVisibility', { QueueUrl, ReceiptHandle, VisibilityTimeout }),
    async counts(QueueUrl: string): Promise<readonly [visible: number, inFlight: number, delayed: number]> {
      const { Attributes } = await call('GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] });
      const all = Attributes as Readonly<Record<string, string>>;
      const of = (name: string) => Number(all[`ApproximateNumberOfMessages${name}`]);
      return [of(''), of('NotVisible'), of('Delayed')];
    },
  };
}

export const bodies = (messages: readonly Received[]) => messages.map(({ Body }) => Body);
