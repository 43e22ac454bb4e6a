/** Dead-letter queue redrive: moves messages back to where they came from, or to another queue, a part at each beat. */
import { randomUUID } from 'node:crypto';
import type { Call, JsonObject } from '../../call';
import { requirePermission, type Sqs, settled } from '../context';
import { invalidValue, sqsError } from '../errors';
import { integer, requiredText, text } from '../input';
import type { Message } from '../messages/message-store';
import { attributeOf, readRedrivePolicy } from './attributes';
import type { Queue, QueueRow } from './queues';

interface MoveTask {
  readonly handle: string;
  readonly sourceArn: string;
  readonly destinationArn?: string;
  readonly startedAt: number;
  readonly status: 'RUNNING' | 'COMPLETED' | 'CANCELLED' | 'FAILED';
  readonly moved: number;
  readonly toMove: number;
}

/** Bound of one beat's work, so that a redrive of many messages does not hold up everybody's calls. */
const MOVED_A_BEAT_MAX = 500;

/** Source: ListMessageMoveTasks in the SQS API reference. */
const LISTED_MAX = 10;

export function moveTasks(sqs: Sqs) {
  const { book, world } = sqs;
  const tasks = world.store.table<MoveTask>('sqs/move-tasks');
  const ofSource = (arn: string) => [...tasks.values()].filter(({ sourceArn }) => sourceArn === arn);

  function destinationOf(task: MoveTask, message: Message): Queue | undefined {
    const arn = task.destinationArn ?? message.sent.deadLetterSourceArn;
    return arn === undefined ? undefined : book.find(arn);
  }

  /** Moves one message as a new one: its receive count starts over. False when it has nowhere to go. */
  function move(task: MoveTask, source: Queue, message: Message): boolean {
    const destination = destinationOf(task, message);
    if (destination === undefined) return false;
    const { deadLetterSourceArn: _, ...sent } = message.sent;
    const now = world.clock.now();
    destination.messageStore.add({ ...sent, sentAt: now, visibleAt: now });
    source.messageStore.remove(message);
    return true;
  }

  function work(task: MoveTask) {
    const source = book.find(task.sourceArn);
    if (source === undefined) return tasks.set(task.handle, { ...task, status: 'FAILED' });
    const most = Math.min(MOVED_A_BEAT_MAX, task.toMove - task.moved);
    let moved = 0;
    let isStuck = false;
    world.store.together(() => {
      for (const message of settled(source).messageStore.visible()) {
        if (moved === most || isStuck) break;
        if (move(task, source, message)) moved += 1;
        else isStuck = true;
      }
      const isOver = moved < MOVED_A_BEAT_MAX;
      const status = isStuck ? 'FAILED' : isOver ? 'COMPLETED' : 'RUNNING';
      tasks.set(task.handle, { ...task, moved: task.moved + moved, status });
    });
    for (const row of [...book.all()]) sqs.polls.wake(row.arn);
  }

  function sourceOf(call: Call, arn: string): Queue {
    const queue = book.find(arn);
    if (queue === undefined) {
      throw sqsError(
        'ResourceNotFoundException',
        "The resource that you specified for the SourceArn parameter doesn't exist.",
      );
    }
    requirePermission(sqs, call.caller, queue, call.operation);
    return queue;
  }

  return {
    tick() {
      for (const task of tasks.values()) if (task.status === 'RUNNING') work(task);
    },

    operations: {
      StartMessageMoveTask(call: Call): JsonObject {
        const source = sourceOf(call, requiredText(call.input, 'SourceArn'));
        const destinationArn = text(call.input, 'DestinationArn');
        if (![...book.all()].some((row) => givesUpTo(row, source.row.arn))) {
          throw invalidValue(source.row.arn, 'SourceArn', 'Source queue must be configured as a Dead Letter Queue.');
        }
        if (destinationArn !== undefined) book.get(destinationArn);
        if (ofSource(source.row.arn).some(({ status }) => status === 'RUNNING')) {
          throw sqsError(
            'UnsupportedOperation',
            'There is already a task running. Only one active task is allowed for a source queue arn at a given time.',
          );
        }
        const handle = randomUUID();
        tasks.set(handle, {
          handle,
          sourceArn: source.row.arn,
          ...(destinationArn !== undefined && { destinationArn }),
          startedAt: world.clock.now(),
          status: 'RUNNING',
          moved: 0,
          toMove: settled(source).messageStore.counts.visible,
        });
        return { TaskHandle: handle };
      },

      ListMessageMoveTasks(call: Call): JsonObject {
        const source = sourceOf(call, requiredText(call.input, 'SourceArn'));
        const size = Math.min(integer(call.input, 'MaxResults') ?? 1, LISTED_MAX);
        const newestFirst = ofSource(source.row.arn).reverse().slice(0, size);
        return { Results: newestFirst.length > 0 ? newestFirst.map(answeredTask) : undefined };
      },

      CancelMessageMoveTask(call: Call): JsonObject {
        const task = tasks.get(requiredText(call.input, 'TaskHandle'));
        if (task === undefined) throw sqsError('ResourceNotFoundException', 'Task does not exist.');
        sourceOf(call, task.sourceArn);
        if (task.status !== 'RUNNING') {
          throw sqsError('UnsupportedOperation', 'Only active tasks can be cancelled.');
        }
        tasks.set(task.handle, { ...task, status: 'CANCELLED' });
        return { ApproximateNumberOfMessagesMoved: task.moved };
      },
    },
  };
}

function givesUpTo(row: QueueRow, arn: string): boolean {
  const policy = attributeOf(row.attributes, 'RedrivePolicy');
  return policy !== undefined && readRedrivePolicy(policy).deadLetterTargetArn === arn;
}

function answeredTask(task: MoveTask): JsonObject {
  return {
    TaskHandle: task.status === 'RUNNING' ? task.handle : undefined,
    Status: task.status,
    SourceArn: task.sourceArn,
    DestinationArn: task.destinationArn,
    ApproximateNumberOfMessagesMoved: task.moved,
    ApproximateNumberOfMessagesToMove: task.toMove,
    StartedTimestamp: task.startedAt,
  };
}
