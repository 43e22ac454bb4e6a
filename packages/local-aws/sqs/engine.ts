/**
 * SQS on this machine: standard and FIFO queues on local AWS's own clock, store, policies and planned faults.
 *
 * Nothing that a caller was told of is lost by a kill: each answer follows its line in the journal. CloudTrail records
 * of SQS's management events are not written: nothing here reads them.
 */
import { type Call, type Engine, type JsonObject, outcomeOf } from '../call';
import type { EngineDeps, Iam, Queues, Targets, Ticking } from '../contracts';
import { own } from '../own-property';
import type { Sqs } from './context';
import { sqsError } from './errors';
import { messageOperations } from './messages/message-operations';
import type { Message } from './messages/message-store';
import { polls } from './polls';
import { moveTasks } from './queues/move-tasks';
import { permissionOperations } from './queues/permissions';
import { queueOperations } from './queues/queue-operations';
import { queueBook } from './queues/queues';
import { queuesForServices } from './services';

type Operation = (call: Call) => JsonObject | Promise<JsonObject>;

export function sqs(
  world: EngineDeps,
  parts: { readonly iam: Iam; readonly accountUrl: () => string },
): Engine & Queues & Ticking & Pick<Targets, 'sendToQueue'> {
  const context: Sqs = {
    world,
    iam: parts.iam,
    origin: parts.accountUrl,
    book: queueBook(world),
    polls: polls<Message>(),
  };
  const redrives = moveTasks(context);
  const operations: Readonly<Record<string, Operation | undefined>> = {
    ...queueOperations(context),
    ...permissionOperations(context),
    ...messageOperations(context),
    ...redrives.operations,
  };

  return {
    service: 'sqs',
    handle(call) {
      return outcomeOf(async () => {
        const operation = own(operations, call.operation);
        if (operation === undefined) {
          throw sqsError('InvalidAction', `The action ${call.operation} is not valid for this endpoint.`);
        }
        return { output: await operation(call) };
      });
    },
    ...queuesForServices(context),
    tick() {
      const now = world.clock.now();
      redrives.tick();
      for (const queueArn of [...context.polls.waitedFor]) {
        if ((context.book.find(queueArn)?.messageStore.nextVisibleAt ?? now) <= now) context.polls.wake(queueArn);
      }
      context.polls.end(now);
    },
  };
}
