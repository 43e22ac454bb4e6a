/** Entries on their way to the writers of the audit logs: a FIFO queue whose message group is the customer. */
import { createHash } from 'node:crypto';
import { SendMessageBatchCommand, type SendMessageBatchRequestEntry, type SQSClient } from '@aws-sdk/client-sqs';
import type { AuditEntries } from '../../events/audit-entries';
import { jsonForSqs } from '../domain/audit/json-text';
import type { AuditQueue } from '../domain/audit/log/ports';

/** One call takes 10 messages and 1 MiB together. Source: SQS API reference, SendMessageBatch. */
const MESSAGES_A_CALL = 10;
const BYTES_A_CALL = 1_048_576;

/**
 * Sends entries to the FIFO queue of `append-audit`, grouped by customer. Sent again within five minutes, a message is
 * dropped by SQS.
 */
export function sqsAuditQueue(client: Pick<SQSClient, 'send'>, queueUrl: string): AuditQueue {
  return {
    async send(messages) {
      const refused = new Set<number>();
      const blocked = new Set<string>();
      for (const call of callsOf(messages.map(toEntry))) {
        // After a refusal the rest of that customer waits too: their order must hold.
        const entries = call.filter((entry) => !blocked.has(entry.MessageGroupId ?? ''));
        const taken = entries.length === 0 ? new Set<string>() : await sendCall(client, queueUrl, entries);
        for (const { Id: id, MessageGroupId: group } of call) {
          if (id === undefined || taken.has(id)) continue;
          refused.add(Number(id));
          blocked.add(group ?? '');
        }
      }
      return refused;
    },
  };
}

/** @returns the ids of what was taken. A call that gets no answer may have been taken: sent again, it is dropped by SQS. */
async function sendCall(
  client: Pick<SQSClient, 'send'>,
  queueUrl: string,
  entries: SendMessageBatchRequestEntry[],
): Promise<ReadonlySet<string>> {
  try {
    const answer = await client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: entries }));
    return new Set((answer.Successful ?? []).flatMap(({ Id: id }) => id ?? []));
  } catch {
    return new Set();
  }
}

function toEntry(message: AuditEntries, at: number): SendMessageBatchRequestEntry {
  const body = jsonForSqs(message);
  return {
    Id: String(at),
    MessageBody: body,
    MessageGroupId: groupOf(message.customerId),
    MessageDeduplicationId: createHash('sha256').update(body).digest('hex'),
  };
}

/** At most 128 letters, digits and punctuation, which a customer's name need not be. Source: SQS, MessageGroupId. */
function groupOf(customerId: string): string {
  if (/^[\w!-/:-@[-`{-~]{1,128}$/.test(customerId)) return customerId;
  return createHash('sha256').update(customerId).digest('hex');
}

function callsOf(entries: readonly SendMessageBatchRequestEntry[]): SendMessageBatchRequestEntry[][] {
  const calls: SendMessageBatchRequestEntry[][] = [];
  let roomBytes = 0;
  for (const entry of entries) {
    const sizeBytes = Buffer.byteLength(entry.MessageBody ?? '');
    if (sizeBytes > roomBytes || calls.at(-1)?.length === MESSAGES_A_CALL) {
      calls.push([]);
      roomBytes = BYTES_A_CALL;
    }
    calls.at(-1)?.push(entry);
    roomBytes -= sizeBytes;
  }
  return calls;
}
