/** What a receipt handle is good for: deleting a message, or changing how long it stays hidden. */
import { invalidValue } from '../errors';
import type { Queue } from '../queues/queues';
import type { Message } from './message-store';
import { type Receipt, readReceiptHandle } from './receipt';

/** 12 hours, counted from when the message was received. Source: ChangeMessageVisibility in the SQS API reference. */
const VISIBILITY_SECONDS_MAX = 43_200;

/**
 * Deletes a message. Safe to repeat. With the handle of an earlier delivery a standard queue answers as if it had
 * deleted the message and keeps it ("might not be deleted"); a FIFO queue refuses a handle whose time is over.
 */
export function deleteByHandle({ messageStore, isFifo }: Queue, handle: string) {
  const receipt = readReceiptHandle(handle);
  const message = messageOf(messageStore.find(receipt.sequence), receipt);
  if (message === undefined) return;
  const isLatest = message.delivery?.receiveCount === receipt.receiveCount;
  if (isFifo && !(isLatest && message.place === 'inFlight')) {
    throw invalidValue(handle, 'ReceiptHandle', 'The receipt handle has expired.');
  }
  if (isLatest) messageStore.remove(message);
}

/**
 * Hides a received message for so long from now on. Recorded from AWS: a standard queue allows it after the visibility
 * timeout, too, and with an earlier handle. That a FIFO queue does not is unconfirmed.
 */
export function changeVisibility({ messageStore, isFifo }: Queue, handle: string, seconds: number, now: number) {
  if (seconds < 0 || seconds > VISIBILITY_SECONDS_MAX) {
    throw invalidValue(seconds, 'VisibilityTimeout', `Must be between 0 and ${VISIBILITY_SECONDS_MAX}, if provided.`);
  }
  const receipt = readReceiptHandle(handle);
  const message = messageOf(messageStore.find(receipt.sequence), receipt);
  const isHeld = message?.place === 'inFlight' && message.delivery?.receiveCount === receipt.receiveCount;
  if (message?.delivery === undefined || (isFifo && !isHeld)) {
    const reason = 'Message does not exist or is not available for visibility timeout change.';
    throw invalidValue(handle, 'ReceiptHandle', reason);
  }
  if (now + seconds * 1_000 > message.delivery.receivedAt + VISIBILITY_SECONDS_MAX * 1_000) {
    const reason = `Total VisibilityTimeout for the message is beyond the limit [${VISIBILITY_SECONDS_MAX} seconds]`;
    throw invalidValue(seconds, 'VisibilityTimeout', reason);
  }
  messageStore.hideUntil(message, now + seconds * 1_000);
}

/** The message, unless its place was taken by another one. */
function messageOf(found: Message | undefined, { messageId }: Receipt): Message | undefined {
  return found?.sent.id === messageId ? found : undefined;
}
