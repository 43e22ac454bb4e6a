/** Publishing: checks a message, and delivers it to every subscribed queue before the call is answered. */
import { randomUUID } from 'node:crypto';
import { AwsError, type Call, type JsonObject } from '../call';
import { instantOf } from '../clock';
import { invalidParameter, notFound, requiredText, structure, structures, text } from './input';
import { requireOn, type Sns, type Subscription } from './sns';

/** A message on its way to one queue, kept while a planned fault holds it back. */
interface Pending {
  readonly subscriptionArn: string;
  readonly dueAt: number;
  readonly message: TopicMessage;
}

interface TopicMessage {
  readonly id: string;
  readonly topicArn: string;
  readonly subject?: string;
  readonly body: string;
  readonly publishedAt: number;
  readonly attributes: Readonly<Record<string, { readonly Type: string; readonly Value: string }>>;
}

/** 256 KiB with attributes. Source: Publish in the SNS API reference. */
const MESSAGE_BYTES_MAX = 262_144;

/** 1 to 10. Source: PublishBatch in the SNS API reference. */
const ENTRIES_MAX = 10;

/** How long a planned `delay` of a delivery lasts when the plan does not say. */
const FAULT_DELAY_MS = 1_000;

export function publishing(sns: Sns) {
  const { world } = sns;
  const pending = world.store.table<Pending>('sns/pending');

  /**
   * Puts a message on a subscriber's queue. A queue that refuses it is skipped, as SNS does after its retries, unless the
   * subscription names a dead-letter queue: here a refusal is final, because nothing about it would pass with time.
   */
  function deliver(subscription: Subscription, message: TopicMessage) {
    const raw = subscription.attributes['RawMessageDelivery'] === 'true';
    const body = raw ? message.body : JSON.stringify(envelopeOf(message, subscription.arn));
    const attributes = raw ? rawAttributes(message) : {};
    const as = { service: 'sns.amazonaws.com', sourceArn: message.topicArn, attributes };
    for (const queueArn of [subscription.queueArn, ...deadLetterQueueOf(subscription)]) {
      if (taken(() => sns.sendToQueue(queueArn, body, as))) return;
    }
  }

  function deliverWithFaults(subscription: Subscription, message: TopicMessage) {
    const fault = world.faults.strikes('sns', 'Deliver', ['delay', 'duplicate']);
    if (fault?.kind === 'delay') {
      const dueAt = world.clock.now() + (fault.delayMs ?? FAULT_DELAY_MS);
      return pending.set(randomUUID(), { subscriptionArn: subscription.arn, dueAt, message });
    }
    deliver(subscription, message);
    if (fault?.kind === 'duplicate') deliver(subscription, message);
  }

  function publish(topicArn: string, input: JsonObject): JsonObject {
    const message = readMessage(topicArn, input, world.clock.now());
    const topic = sns.topics.get(topicArn);
    for (const subscription of topic ? sns.subscriptionsOf(topic) : []) deliverWithFaults(subscription, message);
    return { MessageId: message.id };
  }

  /** Publish may name its topic as a target; it is the same. */
  function topicArnOf(call: Call): string {
    const arn = text(call.input, 'TopicArn') ?? requiredText(call.input, 'TargetArn');
    const topic = sns.topics.get(arn);
    if (topic === undefined) throw notFound('Topic');
    requireOn(sns.iam, call, topic);
    return arn;
  }

  return {
    tick() {
      const now = world.clock.now();
      for (const [key, { subscriptionArn, dueAt, message }] of pending.entries()) {
        if (dueAt > now) continue;
        const subscription = sns.subscriptions.get(subscriptionArn);
        if (subscription !== undefined) deliver(subscription, message);
        pending.delete(key);
      }
    },

    operations: {
      Publish: (call: Call) => publish(topicArnOf(call), call.input),

      PublishBatch(call: Call) {
        const topicArn = topicArnOf(call);
        const entries = structures(call.input, 'PublishBatchRequestEntries');
        if (entries.length === 0) throw new AwsError('EmptyBatchRequest', 'The batch request contains no entries.');
        if (entries.length > ENTRIES_MAX) {
          throw new AwsError(
            'TooManyEntriesInBatchRequest',
            `The batch request contains more than ${ENTRIES_MAX} entries.`,
          );
        }
        return answerEntries(entries, (entry) => publish(topicArn, entry));
      },
    },
  };
}

function readMessage(topicArn: string, input: JsonObject, now: number): TopicMessage {
  const body = forQueues(requiredText(input, 'Message'), text(input, 'MessageStructure'));
  const attributes = readAttributes(structure(input, 'MessageAttributes'));
  const subject = text(input, 'Subject');
  // Source: Publish in the SNS API reference.
  if (subject !== undefined && !/^[\x20-\x7e]{1,100}$/.test(subject)) throw invalidParameter('Subject');
  const sizeBytes = Buffer.byteLength(body) + Buffer.byteLength(JSON.stringify(attributes));
  if (sizeBytes > MESSAGE_BYTES_MAX) throw invalidParameter('Message too long');
  return {
    id: randomUUID(),
    topicArn,
    ...(subject !== undefined && { subject }),
    body,
    publishedAt: now,
    attributes,
  };
}

/** With `MessageStructure: json` the message holds one text for each protocol. */
function forQueues(message: string, messageStructure: string | undefined): string {
  if (messageStructure === undefined) return message;
  if (messageStructure !== 'json') throw invalidParameter('MessageStructure');
  let texts: JsonObject = {};
  try {
    texts = JSON.parse(message) as JsonObject;
  } catch {
    throw invalidParameter('Message Structure', 'JSON message body failed to parse');
  }
  const fallback = text(texts, 'default');
  if (fallback === undefined) throw invalidParameter('Message Structure', 'No default entry in JSON message body');
  return text(texts, 'sqs') ?? fallback;
}

function readAttributes(attributes: JsonObject): TopicMessage['attributes'] {
  const read = Object.keys(attributes).map((name) => {
    const attribute = structure(attributes, name);
    const Value = text(attribute, 'StringValue') ?? text(attribute, 'BinaryValue');
    if (!Value) throw invalidParameter('MessageAttributes', `the attribute '${name}' must contain a value`);
    return [name, { Type: requiredText(attribute, 'DataType'), Value }] as const;
  });
  return Object.fromEntries(read);
}

/**
 * The JSON in which SNS wraps a message. Source: "HTTP/HTTPS notification JSON format" in the SNS developer guide. It is
 * not signed on this machine: queues are reached by policy alone.
 */
function envelopeOf(
  { id, topicArn, subject, body, publishedAt, attributes }: TopicMessage,
  subscriptionArn: string,
): JsonObject {
  const region = topicArn.split(':')[3];
  return {
    Type: 'Notification',
    MessageId: id,
    TopicArn: topicArn,
    Subject: subject,
    Message: body,
    Timestamp: instantOf(publishedAt),
    SignatureVersion: '1',
    Signature: '',
    SigningCertURL: `https://sns.${region}.amazonaws.com/`,
    UnsubscribeURL: `https://sns.${region}.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=${subscriptionArn}`,
    MessageAttributes: Object.keys(attributes).length > 0 ? attributes : undefined,
  };
}

/** Attributes of a raw message travel as the queue message's own; their types become String on this machine. */
function rawAttributes({ attributes }: TopicMessage): Record<string, string> {
  return Object.fromEntries(Object.entries(attributes).map(([name, { Value }]) => [name, Value]));
}

function deadLetterQueueOf({ attributes }: Subscription): readonly string[] {
  const policy = attributes['RedrivePolicy'];
  return policy ? [String((JSON.parse(policy) as JsonObject)['deadLetterTargetArn'])] : [];
}

function taken(send: () => void): boolean {
  try {
    send();
    return true;
  } catch (error) {
    if (error instanceof AwsError) return false;
    throw error;
  }
}

/** Each entry is answered for itself: some may fail. */
function answerEntries(entries: readonly JsonObject[], run: (entry: JsonObject) => JsonObject): JsonObject {
  const Successful: JsonObject[] = [];
  const Failed: JsonObject[] = [];
  for (const entry of entries) {
    const Id = requiredText(entry, 'Id');
    try {
      Successful.push({ Id, ...run(entry) });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      Failed.push({ Id, Code: error.code, Message: error.message, SenderFault: true });
    }
  }
  return { Successful, Failed };
}
