import { invalidValue } from '../errors';
import type { Queue } from '../queues/queues';
import { findDelivery } from './receipt';

/**
 * Deletes a message. Safe to repeat. With the handle of an earlier delivery a standard queue answers as if it had
 * deleted the message and keeps it ("might not be deleted"); a FIFO queue refuses a handle whose time is over.
 */
export function deleteMessage({ messageStore, isFifo }: Queue, handle: string) {
  const { message, isLatest } = findDelivery(messageStore, handle);
  if (message === undefined) return;
  if (isFifo && !(isLatest && message.place === 'inFlight')) {
    throw invalidValue(handle, 'ReceiptHandle', 'The receipt handle has expired.');
  }
  if (isLatest) messageStore.remove(message);
}
