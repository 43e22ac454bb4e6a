import { createHash, randomUUID } from 'node:crypto';
import type { JsonObject } from '../../call';
import { invalidValue, missing, sqsError } from '../errors';
import { integer, text } from '../input';
import { attributeOf, secondsOf } from '../queues/attributes';
import type { Queue } from '../queues/queues';
import { attributesMd5, md5 } from './digest';
import { type CheckedContents, readContents, readId, sizeBytesOf } from './message-check';

export interface Sending extends CheckedContents {
  readonly delaySeconds: number;
  readonly groupId: string | undefined;
  readonly deduplicationId: string | undefined;
}

const NOT_FOR_THIS_TYPE = 'The request include parameter that is not valid for this queue type.';

/** 0 to 900. Source: SendMessage in the SQS API reference. */
const DELAY_SECONDS_MAX = 900;

/** 1 MiB for all messages of a batch together. Source: SQS quotas, and the recorded text. */
const BATCH_BYTES_MAX = 1_048_576;

/** Reads and checks a message that is to be sent. Throws AwsError. */
export function readSending(queue: Queue, input: JsonObject): Sending {
  const contents = readContents(input);
  const groupId = readId(input, 'MessageGroupId');
  const deduplicationId = readId(input, 'MessageDeduplicationId');
  const delaySeconds = readDelay(queue, integer(input, 'DelaySeconds'));
  if (queue.isFifo) {
    if (groupId === undefined) throw missing('MessageGroupId');
    return {
      ...contents,
      groupId,
      delaySeconds,
      deduplicationId: deduplicationIdOf(queue, contents.body, deduplicationId),
    };
  }
  if (deduplicationId === undefined) return { ...contents, groupId, delaySeconds, deduplicationId };
  throw invalidValue(deduplicationId, 'MessageDeduplicationId', NOT_FOR_THIS_TYPE);
}

/** Throws AwsError for a message longer than its queue takes. `fault` is the word in AWS's text. */
export function checkSize({ row }: Queue, input: JsonObject, fault: 'are invalid' | 'cannot be validated') {
  const sizeBytesMax = Number(attributeOf(row.attributes, 'MaximumMessageSize'));
  if (sizeBytesOf(input) <= sizeBytesMax) return;
  const reason = `Message must be shorter than ${sizeBytesMax} bytes.`;
  throw sqsError('InvalidParameterValueException', `One or more parameters ${fault}. Reason: ${reason}`);
}

/** What makes AWS refuse a batch as a whole; everything else fails for its entry only. Throws AwsError. */
export function checkBatch(queue: Queue, entries: readonly JsonObject[]) {
  const sizeBytes = entries.reduce((sum, entry) => sum + sizeBytesOf(entry), 0);
  if (sizeBytes > BATCH_BYTES_MAX) {
    const message = `Batch requests cannot be longer than ${BATCH_BYTES_MAX} bytes. You have sent ${sizeBytes} bytes.`;
    throw sqsError('BatchRequestTooLong', message);
  }
  if (!queue.isFifo) return;
  for (const entry of entries) {
    if (readId(entry, 'MessageGroupId') === undefined) {
      // Recorded from AWS: not MissingParameter, as it is for a single message.
      throw sqsError('InvalidParameterValueException', 'The request must contain the parameter MessageGroupId.');
    }
    deduplicationIdOf(queue, text(entry, 'MessageBody') ?? '', readId(entry, 'MessageDeduplicationId'));
  }
}

/** Puts a message into a queue. A FIFO queue answers a repeated message with the first one's id and does nothing. */
export function putMessage(queue: Queue, sending: Sending, senderId: string, now: number): JsonObject {
  const { body, attributes, groupId, deduplicationId } = sending;
  const scope = attributeOf(queue.row.attributes, 'DeduplicationScope') === 'messageGroup' ? groupId : undefined;
  const taken = deduplicationId === undefined ? undefined : queue.deduplication.find(deduplicationId, scope);
  const bodyMd5 = md5(body);
  const { messageId, sequence } = taken ?? put();
  return {
    MessageId: messageId,
    MD5OfMessageBody: bodyMd5,
    MD5OfMessageAttributes: attributesMd5(attributes),
    MD5OfMessageSystemAttributes: traceHeaderMd5(sending.traceHeader),
    SequenceNumber: queue.isFifo ? sequenceNumber(sequence) : undefined,
  };

  function put() {
    const messageId = randomUUID();
    const { sequence } = queue.messageStore.add({
      id: messageId,
      body,
      bodyMd5,
      senderId,
      sentAt: now,
      visibleAt: now + sending.delaySeconds * 1_000,
      ...(attributes && { attributes }),
      ...(groupId !== undefined && { groupId }),
      ...(deduplicationId !== undefined && { deduplicationId }),
      ...(sending.traceHeader !== undefined && { traceHeader: sending.traceHeader }),
    });
    if (deduplicationId !== undefined) queue.deduplication.remember(deduplicationId, scope, { messageId, sequence });
    return { messageId, sequence };
  }
}

/** As AWS writes it: 20 digits. */
export function sequenceNumber(sequence: number): string {
  return String(sequence).padStart(20, '0');
}

/** Recorded from AWS: a FIFO queue takes a delay of 0 for none and uses its own; any other delay is refused. */
function readDelay({ row, isFifo }: Queue, given: number | undefined): number {
  const ofQueue = secondsOf(row.attributes, 'DelaySeconds');
  if (given === undefined || (isFifo && given === 0)) return ofQueue;
  if (isFifo) throw invalidValue(given, 'DelaySeconds', NOT_FOR_THIS_TYPE);
  if (given >= 0 && given <= DELAY_SECONDS_MAX) return given;
  throw invalidValue(given, 'DelaySeconds', `DelaySeconds must be >= 0 and <= ${DELAY_SECONDS_MAX}.`);
}

function deduplicationIdOf({ row }: Queue, body: string, given: string | undefined): string {
  if (given !== undefined) return given;
  if (attributeOf(row.attributes, 'ContentBasedDeduplication') === 'true') {
    // The SHA-256 of the body, not of the attributes. Source: CreateQueue in the SQS API reference.
    return createHash('sha256').update(body).digest('hex');
  }
  const text =
    'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly';
  throw sqsError('InvalidParameterValueException', text);
}

function traceHeaderMd5(traceHeader: string | undefined): string | undefined {
  if (traceHeader === undefined) return undefined;
  return attributesMd5({ AWSTraceHeader: { DataType: 'String', StringValue: traceHeader } });
}
