import { sqsError } from '../errors';
import type { Message } from './message-store';

/** What a receipt handle stands for: one delivery of one message. */
export interface Receipt {
  readonly messageId: string;
  readonly sequence: number;
  readonly receiveCount: number;
}

export function receiptHandleOf(message: Message): string {
  return Buffer.from(`${message.sent.id} ${message.sequence} ${message.delivery?.receiveCount ?? 0}`).toString(
    'base64',
  );
}

/** Throws ReceiptHandleIsInvalid for what this engine never handed out. */
export function readReceiptHandle(handle: string): Receipt {
  const match = /^([0-9a-f-]{36}) (\d+) (\d+)$/.exec(Buffer.from(handle, 'base64').toString());
  const [, messageId, sequence, receiveCount] = match ?? [];
  if (messageId === undefined) {
    throw sqsError('ReceiptHandleIsInvalid', `The input receipt handle "${handle}" is not a valid receipt handle.`);
  }
  return { messageId, sequence: Number(sequence), receiveCount: Number(receiveCount) };
}
