/** Sending, receiving, hiding and deleting messages, as SQS's API has it. */
import type { Call, JsonObject } from '../../call';
import { queueOf, type Sqs, settled } from '../context';
import { invalidValue, missing } from '../errors';
import { integer, requiredText } from '../input';
import { secondsOf } from '../queues/attributes';
import type { Queue } from '../queues/queues';
import { answerEntries, readEntries } from './batch';
import { changeVisibility } from './change-visibility';
import { deleteMessage } from './delete-message';
import { answeredMessage, readWanted } from './message-answer';
import { takeMessages } from './receive';
import { checkBatch, checkSize, putMessage, readSending } from './send';

export function messageOperations(sqs: Sqs) {
  const { clock, store } = sqs.world;

  /** Makes a change of a queue's messages one journal line, then tells those who wait for messages. */
  function change(queue: Queue, run: () => JsonObject): JsonObject {
    let answer: JsonObject = {};
    store.together(() => {
      answer = run();
    });
    sqs.polls.wake(queue.row.arn);
    return answer;
  }

  return {
    SendMessage(call: Call) {
      const queue = settled(queueOf(sqs, call));
      const sending = readSending(queue, call.input);
      checkSize(queue, call.input, 'are invalid');
      return change(queue, () => putMessage(queue, sending, call.caller.principalId, clock.now()));
    },

    SendMessageBatch(call: Call) {
      const queue = settled(queueOf(sqs, call));
      const entries = readEntries(call.input, 'SendMessageBatchRequestEntry');
      checkBatch(queue, entries);
      const send = (entry: JsonObject) => {
        const sending = readSending(queue, entry);
        checkSize(queue, entry, 'cannot be validated');
        return putMessage(queue, sending, call.caller.principalId, clock.now());
      };
      return change(queue, () => answerEntries(entries, send));
    },

    async ReceiveMessage(call: Call) {
      const queue = queueOf(sqs, call);
      const max = bounded(call.input, 'MaxNumberOfMessages', [1, 10], 'Must be between 1 and 10, if provided.') ?? 1;
      const waitSeconds = bounded(call.input, 'WaitTimeSeconds', [0, 20], 'Must be >= 0 and <= 20, if provided.');
      const visible = bounded(call.input, 'VisibilityTimeout', [0, 43_200], 'Must be >= 0 and <= 43200, if provided.');
      const wanted = readWanted(call.input);

      const attempt = () => takeMessages(sqs, queue.row.arn, { max, visibilityTimeoutSeconds: visible });
      const waitMs = (waitSeconds ?? secondsOf(queue.row.attributes, 'ReceiveMessageWaitTimeSeconds')) * 1_000;
      const atOnce = attempt();
      const messages =
        atOnce.length > 0 || waitMs === 0 ? atOnce : await sqs.polls.wait(queue.row.arn, clock.now() + waitMs, attempt);
      return {
        Messages: messages.length > 0 ? messages.map((message) => answeredMessage(message, wanted)) : undefined,
      };
    },

    DeleteMessage(call: Call) {
      const queue = settled(queueOf(sqs, call));
      return change(queue, () => remove(queue, call.input));
    },

    DeleteMessageBatch(call: Call) {
      const queue = settled(queueOf(sqs, call));
      const entries = readEntries(call.input, 'DeleteMessageBatchRequestEntry');
      return change(queue, () => answerEntries(entries, (entry) => remove(queue, entry)));
    },

    ChangeMessageVisibility(call: Call) {
      const queue = settled(queueOf(sqs, call));
      return change(queue, () => hide(queue, call.input, clock.now()));
    },

    ChangeMessageVisibilityBatch(call: Call) {
      const queue = settled(queueOf(sqs, call));
      const entries = readEntries(call.input, 'ChangeMessageVisibilityBatchRequestEntry');
      return change(queue, () => answerEntries(entries, (entry) => hide(queue, entry, clock.now())));
    },
  };
}

function remove(queue: Queue, input: JsonObject): JsonObject {
  deleteMessage(queue, requiredText(input, 'ReceiptHandle'));
  return {};
}

function hide(queue: Queue, input: JsonObject, now: number): JsonObject {
  const seconds = integer(input, 'VisibilityTimeout');
  if (seconds === undefined) throw missing('VisibilityTimeout');
  changeVisibility(queue, requiredText(input, 'ReceiptHandle'), seconds, now);
  return {};
}

/** Source of the bounds: ReceiveMessage in the SQS API reference. */
function bounded(input: JsonObject, name: string, [min, max]: readonly [number, number], reason: string) {
  const value = integer(input, name);
  if (value !== undefined && (value < min || value > max)) throw invalidValue(value, name, reason);
  return value;
}
