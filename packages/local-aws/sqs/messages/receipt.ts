/** Receipt handles: what a receiver names a delivery by, to delete its message or to hide it longer. */
import { sqsError } from '../errors';
import type { Message, MessageStore } from './message-store';

/** What a receipt handle stands for: one delivery of one message. */
interface Receipt {
  readonly messageId: string;
  readonly sequence: number;
  readonly receiveCount: number;
}

export function receiptHandleOf(message: Message): string {
  return Buffer.from(`${message.sent.id} ${message.sequence} ${message.delivery?.receiveCount ?? 0}`).toString(
    'base64',
  );
}

/**
 * The message that a handle stands for, undefined when it is gone, and whether nobody has received it since.
 *
 * @throws AwsError ReceiptHandleIsInvalid for what this engine never handed out.
 */
export function findDelivery(
  messageStore: MessageStore,
  handle: string,
): { readonly message: Message | undefined; readonly isLatest: boolean } {
  const { messageId, sequence, receiveCount } = readReceiptHandle(handle);
  const found = messageStore.find(sequence);
  // Another message may have taken its place.
  const message = found?.sent.id === messageId ? found : undefined;
  return { message, isLatest: message?.delivery?.receiveCount === receiveCount };
}

function readReceiptHandle(handle: string): Receipt {
  const match = /^([0-9a-f-]{36}) (\d+) (\d+)$/.exec(Buffer.from(handle, 'base64').toString());
  const [, messageId, sequence, receiveCount] = match ?? [];
  if (messageId === undefined) {
    throw sqsError('ReceiptHandleIsInvalid', `The input receipt handle "${handle}" is not a valid receipt handle.`);
  }
  return { messageId, sequence: Number(sequence), receiveCount: Number(receiveCount) };
}
