/**
 * What the cases of recorded SQS answers are written with.
 *
 * The requests behind the answers are worked out from the public tests of localstack
 * (tests/aws/services/sqs/test_sqs.py). Where a recording is newer than that file as we know it, the requests follow from
 * its name and answers; those cases are marked `inferred`.
 */
import type { AwsError, JsonObject } from 'local-aws/call';
import type { EngineDeps } from 'local-aws/contracts';
import { ACCOUNT, anSqs } from 'local-aws/test/sqs/fixture';
import { errorOf } from 'local-aws/test/support/local-world';

export type Answers = Record<string, unknown>;
type Case = (sqs: CaseSqs, parameter: string) => Promise<Answers>;

export interface RecordedCase {
  readonly run: Case;
  readonly inferred?: true;
}

const OK = { HTTPStatusCode: 200 };
export const FIFO = { FifoQueue: 'true' };
export const BY_CONTENT = { FifoQueue: 'true', ContentBasedDeduplication: 'true' };
export const HIGH_THROUGHPUT = { DeduplicationScope: 'messageGroup', FifoThroughputLimit: 'perMessageGroupId' };

/** An SQS that answers in the form of the recordings. `isQuery`: recorded over the older protocol. */
export function caseSqs(isQuery: boolean) {
  const { world, engine, call } = anSqs();
  let made = 0;
  const answer = async (operation: string, input: JsonObject) => ({
    ...(await call(operation, input)),
    ResponseMetadata: OK,
  });
  return {
    world: world as EngineDeps,
    answer,
    refusal: async (operation: string, input: JsonObject) => refusalOf(await errorOf(call(operation, input)), isQuery),
    async queue(Attributes: Readonly<Record<string, string>> = {}, name?: string): Promise<string> {
      const QueueName = name ?? `queue-${made++}${Attributes['FifoQueue'] ? '.fifo' : ''}`;
      return String((await call('CreateQueue', { QueueName, Attributes }))['QueueUrl']);
    },
    send: (QueueUrl: string, MessageBody: string, more: JsonObject = {}) =>
      answer('SendMessage', { QueueUrl, MessageBody, ...more }),
    receive: (QueueUrl: string, more: JsonObject = {}) => answer('ReceiveMessage', { QueueUrl, ...more }),
    /** A receive that waits until its time is over. */
    async longPoll(QueueUrl: string, WaitTimeSeconds: number) {
      const waiting = answer('ReceiveMessage', { QueueUrl, WaitTimeSeconds });
      world.clock.advance(WaitTimeSeconds * 1_000);
      engine.tick();
      return waiting;
    },
    attributes: (QueueUrl: string, ...AttributeNames: string[]) =>
      answer('GetQueueAttributes', { QueueUrl, AttributeNames: AttributeNames.length > 0 ? AttributeNames : ['All'] }),
    set: (QueueUrl: string, Attributes: Readonly<Record<string, string>>) =>
      answer('SetQueueAttributes', { QueueUrl, Attributes }),
  };
}

export type CaseSqs = ReturnType<typeof caseSqs>;

function refusalOf({ code, queryCode, message, status }: AwsError, isQuery: boolean) {
  const told = {
    Code: queryCode ?? code,
    Message: message,
    Type: 'Sender',
    ...(!isQuery && { QueryErrorCode: code }),
  };
  return { Error: told, ResponseMetadata: { HTTPStatusCode: status } };
}

export const messagesOf = (answer: JsonObject) => (answer['Messages'] ?? []) as readonly Record<string, string>[];
export const handleOf = (answer: JsonObject, index = 0) => messagesOf(answer)[index]?.['ReceiptHandle'] ?? '';
export const arnOf = (url: string) => `arn:aws:sqs:eu-central-1:${ACCOUNT}:${url.split('/').at(-1)}`;
export const twenty = (entry: (index: number) => JsonObject) => Array.from({ length: 20 }, (_, index) => entry(index));
export const inferred = (run: Case): RecordedCase => ({ run, inferred: true });
