import { invalidValue } from '../errors';
import type { Queue } from '../queues/queues';
import { findDelivery } from './receipt';

/** 12 hours, counted from when the message was received. Source: ChangeMessageVisibility in the SQS API reference. */
const VISIBILITY_SECONDS_MAX = 43_200;

/**
 * Hides a received message for so long from now on. Recorded from AWS: a standard queue allows it after the visibility
 * timeout, too, and with an earlier handle. That a FIFO queue does not is unconfirmed.
 */
export function changeVisibility(queue: Queue, handle: string, seconds: number, now: number) {
  if (seconds < 0 || seconds > VISIBILITY_SECONDS_MAX) {
    throw invalidValue(seconds, 'VisibilityTimeout', `Must be between 0 and ${VISIBILITY_SECONDS_MAX}, if provided.`);
  }
  const { message, delivery } = receivedMessage(queue, handle);
  if (now + seconds * 1_000 > delivery.receivedAt + VISIBILITY_SECONDS_MAX * 1_000) {
    const reason = `Total VisibilityTimeout for the message is beyond the limit [${VISIBILITY_SECONDS_MAX} seconds]`;
    throw invalidValue(seconds, 'VisibilityTimeout', reason);
  }
  queue.messageStore.hideUntil(message, now + seconds * 1_000);
}

function receivedMessage({ messageStore, isFifo }: Queue, handle: string) {
  const { message, isLatest } = findDelivery(messageStore, handle);
  const isHeld = isLatest && message?.place === 'inFlight';
  if (message?.delivery === undefined || (isFifo && !isHeld)) {
    const reason = 'Message does not exist or is not available for visibility timeout change.';
    throw invalidValue(handle, 'ReceiptHandle', reason);
  }
  return { message, delivery: message.delivery };
}
