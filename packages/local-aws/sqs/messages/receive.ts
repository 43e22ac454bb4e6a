import type { EngineDeps } from '../../contracts';
import { type Sqs, settled } from '../context';
import { sqsError } from '../errors';
import { attributeOf, readRedrivePolicy, secondsOf } from '../queues/attributes';
import type { Queue, QueueBook } from '../queues/queues';
import type { Delivery, Message } from './message-store';

/** Messages in flight, for standard and FIFO queues. Source: SQS quotas. */
const IN_FLIGHT_MAX = 120_000;

/** How long a planned `delay` of a delivery lasts when the plan does not say. */
const FAULT_DELAY_MS = 1_000;

export interface Receiving {
  readonly max: number;
  /** The queue's own timeout when left out. */
  readonly visibilityTimeoutSeconds?: number | undefined;
}

/** Hands out the messages that are visible now, and moves those received too often to the dead-letter queue. */
export function takeMessages(sqs: Pick<Sqs, 'world' | 'book' | 'polls'>, queueArn: string, receiving: Receiving) {
  const { world, book, polls } = sqs;
  const queue = settled(book.get(queueArn));
  const room = Math.min(receiving.max, IN_FLIGHT_MAX - queue.messageStore.counts.inFlight);
  if (room <= 0) return full(queue);

  const seconds = receiving.visibilityTimeoutSeconds ?? secondsOf(queue.row.attributes, 'VisibilityTimeout');
  const redrive = redriveOf(queue, book);
  const taken: Message[] = [];
  /** Lanes of which a planned fault kept a message back: those behind it must not overtake it. */
  const held = new Set<Message['lane']>();
  world.store.together(() => {
    for (const message of queue.messageStore.visible()) {
      if (held.has(message.lane)) continue;
      if (redrive !== undefined && (message.delivery?.receiveCount ?? 0) >= redrive.maxReceiveCount) {
        giveUp(queue, message, redrive.target, world.clock.now());
      } else if (handOut(queue, message, seconds * 1_000, world)) taken.push(message);
      else held.add(message.lane);
      if (taken.length >= room) break;
    }
  });
  if (redrive !== undefined) polls.wake(redrive.target.row.arn);
  return taken;
}

/**
 * Writes the delivery. False when a planned fault keeps the message from this receiver. No fault loses a message:
 * `drop` loses the answer only, so that the message comes again once its visibility timeout is over.
 */
function handOut({ messageStore }: Queue, message: Message, hiddenMs: number, { clock, faults }: EngineDeps): boolean {
  const fault = faults.strikes('sqs', 'Deliver', ['duplicate', 'delay', 'drop', 'reorder']);
  const now = clock.now();
  if (fault?.kind === 'delay') {
    messageStore.hideUntil(message, now + (fault.delayMs ?? FAULT_DELAY_MS));
    return false;
  }
  if (fault?.kind === 'reorder') return false;
  const visibleAt = fault?.kind === 'duplicate' ? now : now + hiddenMs;
  messageStore.deliver(message, nextDelivery(message.delivery, now, visibleAt));
  return fault?.kind !== 'drop';
}

function nextDelivery(last: Delivery | undefined, now: number, visibleAt: number): Delivery {
  const receiveCount = (last?.receiveCount ?? 0) + 1;
  return { visibleAt, receivedAt: now, firstReceivedAt: last?.firstReceivedAt ?? now, receiveCount };
}

function redriveOf({ row }: Queue, book: QueueBook) {
  const text = attributeOf(row.attributes, 'RedrivePolicy');
  if (text === undefined) return undefined;
  const { deadLetterTargetArn, maxReceiveCount } = readRedrivePolicy(text);
  const target = book.find(deadLetterTargetArn);
  // A queue whose dead-letter queue was deleted keeps its messages.
  return target && { target, maxReceiveCount };
}

/**
 * Moves a message to the dead-letter queue: same id, same receive count. A standard queue keeps the time it was sent
 * at, a FIFO queue starts it anew. Source: "Dead-letter queues" in the SQS developer guide.
 */
function giveUp({ row, isFifo, messageStore }: Queue, message: Message, target: Queue, now: number) {
  const sentAt = isFifo ? now : message.sent.sentAt;
  const sent = { ...message.sent, sentAt, visibleAt: now, deadLetterSourceArn: row.arn };
  target.messageStore.add(sent, message.delivery && { ...message.delivery, visibleAt: now });
  messageStore.remove(message);
}

function full({ isFifo }: Queue): readonly Message[] {
  if (isFifo) return [];
  throw sqsError('OverLimit', `The queue has ${IN_FLIGHT_MAX} messages in flight, the most it may have.`);
}
