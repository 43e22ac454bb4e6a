/** Queues as other parts of local AWS use them: rules and topics put messages in, the Lambda runner takes them out. */
import { AwsError, type Principal } from '../call';
import type { Queues, Targets } from '../contracts';
import { actingAs } from '../iam/acting-as';
import { requirePermission, type Sqs, settled } from './context';
import { changeVisibility } from './messages/change-visibility';
import { deleteMessage } from './messages/delete-message';
import { receivedMessage } from './messages/message-answer';
import { takeMessages } from './messages/receive';
import { checkSize, putMessage, readSending } from './messages/send';
import type { Queue } from './queues/queues';

export function queuesForServices(sqs: Sqs): Queues & Pick<Targets, 'sendToQueue'> {
  const { world, book } = sqs;

  /** A handle whose time is over changes nothing: the message was, or will be, handed out again. */
  function forEach(
    queueArn: string,
    receiptHandles: readonly string[],
    change: (queue: Queue, handle: string) => void,
  ) {
    const queue = book.find(queueArn);
    if (queue === undefined) return;
    settled(queue);
    world.store.together(() => {
      for (const handle of receiptHandles) unlessRefused(() => change(queue, handle));
    });
    sqs.polls.wake(queueArn);
  }

  return {
    receive: (queueArn, { max, visibilityTimeoutSeconds }) =>
      takeMessages(sqs, queueArn, { max, visibilityTimeoutSeconds }).map(receivedMessage),
    remove: (queueArn, receiptHandles) => forEach(queueArn, receiptHandles, deleteMessage),
    release: (queueArn, receiptHandles, visibilityTimeoutSeconds) =>
      forEach(queueArn, receiptHandles, (queue, handle) =>
        changeVisibility(queue, handle, visibilityTimeoutSeconds, world.clock.now()),
      ),
    sendToQueue(queueArn, body, { service, sourceArn, roleArn, messageGroupId, attributes = {} }) {
      const queue = settled(book.get(queueArn));
      const caller = roleArn === undefined ? principalOf(service) : actingAs(sqs.iam, roleArn, service);
      requirePermission(sqs, caller, queue, 'SendMessage', {
        'aws:SourceArn': sourceArn,
        'aws:SourceAccount': sourceArn.split(':')[4] ?? '',
      });
      const asAttribute = ([name, value]: [string, string]) =>
        [name, { DataType: 'String', StringValue: value }] as const;
      const input = {
        MessageBody: body,
        MessageGroupId: messageGroupId,
        MessageAttributes: Object.fromEntries(Object.entries(attributes).map(asAttribute)),
      };
      const sending = readSending(queue, input);
      checkSize(queue, input, 'are invalid');
      world.store.together(() => putMessage(queue, sending, service, world.clock.now()));
      sqs.polls.wake(queueArn);
    },
  };
}

function principalOf(service: string): Principal {
  return { type: 'AWSService', accountId: '', arn: service, principalId: service };
}

function unlessRefused(change: () => void) {
  try {
    change();
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
  }
}
