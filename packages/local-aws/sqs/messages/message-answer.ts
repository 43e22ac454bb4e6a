/** How a received message is answered: with which of its attributes, and in which form. */
import type { JsonObject } from '../../call';
import type { ReceivedMessage } from '../../contracts';
import { unknownAttribute } from '../errors';
import { texts } from '../input';
import { attributesMd5 } from './digest';
import type { Message } from './message-store';
import { receiptHandleOf } from './receipt';
import { sequenceNumber } from './send';

/** Source: `MessageSystemAttributeName` in @aws-sdk/client-sqs 3.1169.0. */
const SYSTEM_ATTRIBUTES: Readonly<Record<string, (message: Message) => string | undefined>> = {
  SenderId: ({ sent }) => sent.senderId,
  SentTimestamp: ({ sent }) => String(sent.sentAt),
  ApproximateReceiveCount: ({ delivery }) => String(delivery?.receiveCount ?? 0),
  ApproximateFirstReceiveTimestamp: ({ delivery }) => delivery && String(delivery.firstReceivedAt),
  SequenceNumber: ({ sent, sequence }) => (sent.deduplicationId === undefined ? undefined : sequenceNumber(sequence)),
  MessageDeduplicationId: ({ sent }) => sent.deduplicationId,
  MessageGroupId: ({ sent }) => sent.groupId,
  AWSTraceHeader: ({ sent }) => sent.traceHeader,
  DeadLetterQueueSourceArn: ({ sent }) => sent.deadLetterSourceArn,
};

/** Which attributes a receiver asked for. */
export interface Wanted {
  readonly system: readonly string[];
  readonly own: readonly string[];
}

export const EVERYTHING: Wanted = { system: ['All'], own: ['All'] };

/** Throws AwsError for a system attribute that there is not. `AttributeNames` is the older name of the same list. */
export function readWanted(input: JsonObject): Wanted {
  const names = texts(input, 'MessageSystemAttributeNames');
  const system = names.length > 0 ? names : texts(input, 'AttributeNames');
  for (const name of system)
    if (name !== 'All' && !Object.hasOwn(SYSTEM_ATTRIBUTES, name)) throw unknownAttribute(name);
  return { system, own: texts(input, 'MessageAttributeNames') };
}

/** A message in the form of ReceiveMessage's answer. Empty parts are left out, as AWS does. */
export function answeredMessage(message: Message, wanted: Wanted): JsonObject {
  const system = systemAttributesOf(message, wanted.system);
  const own = wantedAttributes(message.sent.attributes, wanted.own);
  return {
    MessageId: message.sent.id,
    ReceiptHandle: receiptHandleOf(message),
    MD5OfBody: message.sent.bodyMd5,
    Body: message.sent.body,
    Attributes: Object.keys(system).length > 0 ? system : undefined,
    MD5OfMessageAttributes: attributesMd5(own),
    MessageAttributes: own && Object.keys(own).length > 0 ? own : undefined,
  };
}

/** A message in the form in which local AWS's own parts take it. */
export function receivedMessage(message: Message): ReceivedMessage {
  return {
    messageId: message.sent.id,
    receiptHandle: receiptHandleOf(message),
    body: message.sent.body,
    md5OfBody: message.sent.bodyMd5,
    attributes: systemAttributesOf(message, EVERYTHING.system),
    messageAttributes: message.sent.attributes ?? {},
  };
}

function systemAttributesOf(message: Message, wanted: readonly string[]): Readonly<Record<string, string>> {
  const all = wanted.includes('All');
  const entries = Object.entries(SYSTEM_ATTRIBUTES).flatMap(([name, read]) => {
    const value = all || wanted.includes(name) ? read(message) : undefined;
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(entries);
}

/** A name stands for itself, `prefix.*` for all that begin so, and `All`, `*` and `.*` for every one. Recorded from AWS. */
function wantedAttributes(attributes: JsonObject | undefined, wanted: readonly string[]): JsonObject | undefined {
  if (attributes === undefined || wanted.length === 0) return undefined;
  const isWanted = (name: string) =>
    wanted.some((pattern) => {
      if (pattern === 'All' || pattern === '*') return true;
      return pattern.endsWith('.*') ? name.startsWith(pattern.slice(0, -2)) : name === pattern;
    });
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => isWanted(name)));
}
