/**
 * Feeds functions from queues.
 *
 * A message leaves its queue only after the function succeeded with it. Those that failed stay invisible until their
 * visibility timeout ends, as in AWS, or come back sooner where `retrySeconds` says so. What this process received is
 * written down as it is received, so that after a kill the next process gives it back at once: its poller is known to be
 * dead, whether the messages were at work or still being gathered.
 */
import { AwsError, type JsonObject } from '../call';
import type { EngineDeps, Queues, ReceivedMessage } from '../contracts';
import type { Table } from '../store';
import { failedIds } from './batch-answer';
import type { Filters } from './filter';
import type { Fleet } from './fleet';
import type { Functions, LambdaFunction } from './functions';
import type { Mapping } from './mappings';

export interface QueueSource {
  /** Starts at most one batch. @returns whether one was started. */
  startOne(mapping: Mapping): boolean;
  /** Batches at work or being gathered. */
  readonly busy: number;
}

/** The event of one synchronous invocation is at most 6 MB. Source: Lambda quotas. Room is left for the envelope. */
const BATCH_BYTES_MAX = 5_000_000;
/** A poller receives at most ten messages a call. Source: SQS API, ReceiveMessage. */
const RECEIVE_MAX = 10;

interface Gathering {
  messages: ReceivedMessage[];
  since: number;
  running: number;
}

export function queueSource(
  world: EngineDeps,
  parts: {
    readonly queues: Queues;
    readonly functions: Functions;
    readonly fleet: Fleet;
    readonly filters: Filters;
    readonly retrySeconds?: number | undefined;
  },
): QueueSource {
  const { queues, fleet } = parts;
  /** The queue of each receipt handle that this process holds. */
  const held = world.store.table<string>('lambda-held-messages');
  const gatherings = new Map<string, Gathering>();
  giveBack(held, queues);

  const gatheringOf = (mapping: Mapping): Gathering => {
    const gathering = gatherings.get(mapping.id) ?? { messages: [], since: 0, running: 0 };
    gatherings.set(mapping.id, gathering);
    return gathering;
  };

  const receive = ({ sourceArn }: Mapping, max: number): readonly ReceivedMessage[] => {
    let received: readonly ReceivedMessage[] = [];
    world.store.together(() => {
      received = queues.receive(sourceArn, { max });
      for (const { receiptHandle } of received) held.set(receiptHandle, sourceArn);
    });
    return received;
  };

  /** Deletes what was dealt with, gives back what failed, and holds neither any longer. */
  const settle = ({ sourceArn }: Mapping, done: readonly ReceivedMessage[], failed: readonly ReceivedMessage[] = []) =>
    world.store.together(() => {
      queues.remove(sourceArn, handlesOf(done));
      if (parts.retrySeconds !== undefined) queues.release(sourceArn, handlesOf(failed), parts.retrySeconds);
      for (const handle of handlesOf([...done, ...failed])) held.delete(handle);
    });

  const gather = (mapping: Mapping, gathering: Gathering) => {
    while (gathering.messages.length < mapping.batchSize) {
      const max = Math.min(RECEIVE_MAX, mapping.batchSize - gathering.messages.length);
      const received = receive(mapping, max);
      const [wanted, unwanted] = parts.filters.split(mapping, received, recordOf(mapping));
      if (unwanted.length > 0) settle(mapping, unwanted);
      if (gathering.messages.length === 0) gathering.since = world.clock.now();
      gathering.messages.push(...wanted);
      if (received.length < max) return;
    }
  };

  const isReady = (mapping: Mapping, { messages, since }: Gathering) =>
    messages.length >= mapping.batchSize ||
    (messages.length > 0 && world.clock.now() - since >= mapping.windowSeconds * 1000);

  const run = async (mapping: Mapping, target: LambdaFunction, batch: readonly ReceivedMessage[]) => {
    const { answer } = await fleet.run(target, JSON.stringify({ Records: batch.map(recordOf(mapping)) }));
    const ids = batch.map(({ messageId }) => messageId);
    const failed = failedIds(answer, ids, mapping.reportsFailures);
    settle(
      mapping,
      batch.filter(({ messageId }) => !failed.has(messageId)),
      batch.filter(({ messageId }) => failed.has(messageId)),
    );
  };

  return {
    startOne(mapping) {
      const target = parts.functions.get(mapping.functionArn);
      const gathering = gatheringOf(mapping);
      if (!fleet.hasRoom(target) || gathering.running >= (mapping.concurrencyMax ?? Number.POSITIVE_INFINITY))
        return false;
      if (!isReady(mapping, gathering)) gather(mapping, gathering);
      if (!isReady(mapping, gathering)) return false;
      const batch = takeBatch(gathering.messages, mapping.batchSize);
      gathering.running += 1;
      void run(mapping, target, batch).finally(() => {
        gathering.running -= 1;
      });
      return true;
    },
    get busy() {
      let busy = 0;
      for (const { running, messages } of gatherings.values()) busy += running + (messages.length > 0 ? 1 : 0);
      return busy;
    },
  };
}

function giveBack(held: Table<string>, queues: Queues) {
  for (const [receiptHandle, queueArn] of [...held.entries()]) {
    try {
      queues.release(queueArn, [receiptHandle], 0);
    } catch (error) {
      // The queue is gone, and its messages with it.
      if (!(error instanceof AwsError)) throw error;
    }
    held.delete(receiptHandle);
  }
}

/** Takes the first messages that fit one event off the list; at least one. */
function takeBatch(messages: ReceivedMessage[], max: number): readonly ReceivedMessage[] {
  let bytes = 0;
  let count = 0;
  for (const { body } of messages.slice(0, max)) {
    bytes += Buffer.byteLength(body);
    if (count > 0 && bytes > BATCH_BYTES_MAX) break;
    count += 1;
  }
  return messages.splice(0, count);
}

function handlesOf(messages: readonly ReceivedMessage[]): readonly string[] {
  return messages.map(({ receiptHandle }) => receiptHandle);
}

/** Source of the shape: Lambda developer guide, "Using Lambda with Amazon SQS", example event. */
function recordOf(mapping: Mapping) {
  const awsRegion = mapping.sourceArn.split(':')[3] ?? '';
  return (message: ReceivedMessage): JsonObject => ({
    messageId: message.messageId,
    receiptHandle: message.receiptHandle,
    body: message.body,
    attributes: message.attributes,
    messageAttributes: attributesOf(message.messageAttributes),
    md5OfBody: message.md5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN: mapping.sourceArn,
    awsRegion,
  });
}

/** SQS names the parts of an attribute `DataType` and `StringValue`; a function's event has them in camel case. */
function attributesOf(attributes: JsonObject): JsonObject {
  const one = (attribute: JsonObject): JsonObject => ({
    ...(attribute['StringValue'] !== undefined && { stringValue: attribute['StringValue'] }),
    ...(attribute['BinaryValue'] !== undefined && { binaryValue: attribute['BinaryValue'] }),
    stringListValues: [],
    binaryListValues: [],
    dataType: attribute['DataType'],
  });
  return Object.fromEntries(
    Object.entries(attributes).map(([name, attribute]) => [name, one(attribute as JsonObject)]),
  );
}
