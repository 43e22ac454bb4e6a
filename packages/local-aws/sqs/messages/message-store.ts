/**
 * The messages of one queue: rows in the store, and their order in memory.
 *
 * A message is two rows, so that handing out a message of 1 MiB rewrites nothing of it: what was sent, written once,
 * and its latest delivery, written with each receive. Both are keyed by the message's sequence number.
 */
import type { JsonObject } from '../../call';
import type { Store } from '../../store';
import { type Lane, messageGroups } from './message-groups';

export interface SentMessage {
  readonly id: string;
  readonly body: string;
  readonly bodyMd5: string;
  readonly senderId: string;
  readonly sentAt: number;
  /** Later than `sentAt` for a delayed message. */
  readonly visibleAt: number;
  readonly attributes?: JsonObject;
  readonly groupId?: string;
  readonly deduplicationId?: string;
  readonly traceHeader?: string;
  /** The queue that gave up on the message. */
  readonly deadLetterSourceArn?: string;
}

export interface Delivery {
  readonly visibleAt: number;
  readonly receivedAt: number;
  readonly firstReceivedAt: number;
  readonly receiveCount: number;
}

export interface Message {
  readonly sequence: number;
  readonly sent: SentMessage;
  readonly lane: Lane<Message>;
  delivery: Delivery | undefined;
  place: 'visible' | 'delayed' | 'inFlight';
  visibleAt: number;
  gone: boolean;
  next?: Message;
}

export interface MessageStore {
  /** `delivery`: of a message that was received before, in the queue that gave up on it. */
  add(sent: SentMessage, delivery?: Delivery): Message;
  /** A message that still stands here. */
  find(sequence: number): Message | undefined;
  visible(): Generator<Message, void>;
  /** Writes a delivery: the message is hidden until the delivery's `visibleAt`. */
  deliver(message: Message, delivery: Delivery): void;
  /** Hides the message for a while without counting it as received, or lets it be seen at once. */
  hideUntil(message: Message, visibleAt: number): void;
  remove(message: Message): void;
  purge(): void;
  /** Lets due messages appear and drops those kept for longer than `retentionMs`. */
  settle(retentionMs: number): void;
  readonly nextVisibleAt: number;
  readonly counts: Readonly<Record<Message['place'], number>>;
}

/** At most how often messages past their retention are looked for: SQS promises no exact instant. */
const SWEEP_INTERVAL_MS = 1_000;

export function openMessageStore(store: Store, queueArn: string, now: () => number): MessageStore {
  const sentRows = store.table<SentMessage>(`sqs/sent/${queueArn}`);
  const deliveryRows = store.table<Delivery>(`sqs/deliveries/${queueArn}`);
  const messages = new Map<number, Message>();
  const order = messageGroups<Message>();
  const counts = { visible: 0, delayed: 0, inFlight: 0 };
  const isFifo = queueArn.endsWith('.fifo');
  let lastSequence = 0;
  /** No message is older: what tells when to look for messages past their retention. */
  let oldestSentAt = 0;

  function place(message: Message, place: Message['place']) {
    counts[message.place] -= 1;
    counts[place] += 1;
    message.place = place;
  }

  function stand(sequence: number, sent: SentMessage, delivery: Delivery | undefined): Message {
    const message: Message = {
      sequence,
      sent,
      delivery,
      lane: order.lane(isFifo ? sent.groupId : undefined),
      place: 'visible',
      visibleAt: delivery?.visibleAt ?? sent.visibleAt,
      gone: false,
    };
    messages.set(sequence, message);
    lastSequence = Math.max(lastSequence, sequence);
    oldestSentAt = Math.min(oldestSentAt, sent.sentAt);
    counts.visible += 1;
    if (message.visibleAt > now()) place(message, delivery === undefined ? 'delayed' : 'inFlight');
    order.add(message, now());
    return message;
  }

  function remove(message: Message) {
    sentRows.delete(String(message.sequence));
    deliveryRows.delete(String(message.sequence));
    messages.delete(message.sequence);
    counts[message.place] -= 1;
    message.gone = true;
    order.moved(message, now());
  }

  function deliver(message: Message, delivery: Delivery) {
    deliveryRows.set(String(message.sequence), delivery);
    message.delivery = delivery;
    message.visibleAt = delivery.visibleAt;
    place(message, delivery.visibleAt > now() ? 'inFlight' : 'visible');
    order.moved(message, now());
  }

  function dropExpired(retentionMs: number) {
    oldestSentAt = Number.POSITIVE_INFINITY;
    for (const message of messages.values()) {
      if (message.sent.sentAt + retentionMs <= now()) remove(message);
      else oldestSentAt = Math.min(oldestSentAt, message.sent.sentAt);
    }
    oldestSentAt = Math.max(oldestSentAt, now() - retentionMs + SWEEP_INTERVAL_MS);
  }

  for (const [key, sent] of sentRows.entries()) stand(Number(key), sent, deliveryRows.get(key));

  return {
    counts,
    deliver,
    remove,
    find: (sequence) => messages.get(sequence),
    visible: () => order.visible(now()),
    get nextVisibleAt() {
      return order.nextVisibleAt;
    },
    add(sent, delivery) {
      // Grows with time and over restarts, as the sequence numbers of a FIFO queue do: 1,000 messages a millisecond.
      const sequence = Math.max(lastSequence + 1, Math.floor(now()) * 1_000);
      sentRows.set(String(sequence), sent);
      if (delivery !== undefined) deliveryRows.set(String(sequence), delivery);
      return stand(sequence, sent, delivery);
    },
    hideUntil(message, visibleAt) {
      if (message.delivery === undefined) {
        message.visibleAt = visibleAt;
        place(message, visibleAt > now() ? 'delayed' : 'visible');
        order.moved(message, now());
      } else deliver(message, { ...message.delivery, visibleAt });
    },
    purge: () => store.together(() => messages.forEach(remove)),
    settle(retentionMs) {
      order.settle(now(), (message) => place(message, 'visible'));
      if (now() >= oldestSentAt + retentionMs) store.together(() => dropExpired(retentionMs));
    },
  };
}
