import type { Call, Principal } from '../call';
import type { EngineDeps, Iam, Permission } from '../contracts';
import { own } from '../own-property';
import { requiredText } from './input';
import type { Message } from './messages/message-store';
import type { Polls } from './polls';
import { secondsOf } from './queues/attributes';
import { arnOfAddress, policyOf, type Queue, type QueueBook } from './queues/queues';

/** What the operations of SQS work with. */
export interface Sqs {
  readonly world: EngineDeps;
  readonly iam: Iam;
  readonly book: QueueBook;
  readonly polls: Polls<Message>;
  /** The door's address, with which every queue URL begins. */
  readonly origin: () => string;
}

/** Batch operations need the permission of the single one. Source: "Actions defined by Amazon SQS", service authorization reference. */
const ACTION_OF: Readonly<Record<string, string>> = {
  SendMessageBatch: 'SendMessage',
  DeleteMessageBatch: 'DeleteMessage',
  ChangeMessageVisibilityBatch: 'ChangeMessageVisibility',
};

/** The queue that a call names, once the caller is known to be allowed the operation. Throws AwsError. */
export function queueOf(sqs: Sqs, call: Call): Queue {
  const arn = arnOfAddress(requiredText(call.input, 'QueueUrl'), { ...call.caller, region: call.region });
  const queue = sqs.book.get(arn);
  requirePermission(sqs, call.caller, queue, call.operation);
  return queue;
}

/** Throws AwsError unless the caller's policies, the queue's or both allow the operation. */
export function requirePermission(
  { iam }: Sqs,
  caller: Principal,
  { row }: Queue,
  operation: string,
  conditions?: Permission['conditions'],
) {
  const resourcePolicy = policyOf(row);
  iam.require(caller, {
    action: `sqs:${own(ACTION_OF, operation) ?? operation}`,
    resource: row.arn,
    resourceAccountId: row.accountId,
    ...(resourcePolicy && { resourcePolicy }),
    ...(conditions && { conditions }),
  });
}

/** The queue brought up to the present: due messages have appeared, expired ones are gone. */
export function settled(queue: Queue): Queue {
  queue.messageStore.settle(secondsOf(queue.row.attributes, 'MessageRetentionPeriod') * 1_000);
  return queue;
}
