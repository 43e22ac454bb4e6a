/**
 * Dead-letter queue redrive: moves messages back to where they came from, or to another queue, a part at each beat. A task that was
 * started runs to its end: there is no CancelMessageMoveTask.
 */
import { randomUUID } from 'node:crypto';
import type { Call, JsonObject } from '../../call';
import type { Table } from '../../store';
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
  readonly status: 'RUNNING' | 'COMPLETED' | 'FAILED';
  readonly moved: number;
  readonly toMove: number;
}

/** Bound of one beat's work, so that a redrive of many messages does not hold up everybody's calls. */
const MOVED_A_BEAT_MAX = 500;

/** Source: ListMessageMoveTasks in the SQS API reference. */
const LISTED_MAX = 10;

type Tasks = Table<MoveTask>;

export function moveTasks(sqs: Sqs) {
  const tasks: Tasks = sqs.world.store.table('sqs/move-tasks');
  return {
    tick() {
      for (const task of tasks.values()) if (task.status === 'RUNNING') work(sqs, tasks, task);
    },
    operations: {
      StartMessageMoveTask: (call: Call) => start(sqs, tasks, call),
      ListMessageMoveTasks: (call: Call) => list(sqs, tasks, call),
    },
  };
}

function start(sqs: Sqs, tasks: Tasks, call: Call): JsonObject {
  const source = sourceOf(sqs, call);
  const sourceArn = source.row.arn;
  const destinationArn = text(call.input, 'DestinationArn');
  if (![...sqs.book.all()].some((row) => givesUpTo(row, sourceArn))) {
    throw invalidValue(sourceArn, 'SourceArn', 'Source queue must be configured as a Dead Letter Queue.');
  }
  if (destinationArn !== undefined) sqs.book.get(destinationArn);
  if (tasksOf(tasks, sourceArn).some(({ status }) => status === 'RUNNING')) {
    throw sqsError(
      'UnsupportedOperation',
      'There is already a task running. Only one active task is allowed for a source queue arn at a given time.',
    );
  }
  const handle = randomUUID();
  tasks.set(handle, {
    handle,
    sourceArn,
    ...(destinationArn !== undefined && { destinationArn }),
    startedAt: sqs.world.clock.now(),
    status: 'RUNNING',
    moved: 0,
    toMove: settled(source).messageStore.counts.visible,
  });
  return { TaskHandle: handle };
}

function list(sqs: Sqs, tasks: Tasks, call: Call): JsonObject {
  const source = sourceOf(sqs, call);
  const size = Math.min(integer(call.input, 'MaxResults') ?? 1, LISTED_MAX);
  const newestFirst = tasksOf(tasks, source.row.arn).reverse().slice(0, size);
  return { Results: newestFirst.length > 0 ? newestFirst.map(answeredTask) : undefined };
}

function sourceOf(sqs: Sqs, call: Call): Queue {
  const queue = sqs.book.find(requiredText(call.input, 'SourceArn'));
  if (queue === undefined) {
    throw sqsError(
      'ResourceNotFoundException',
      "The resource that you specified for the SourceArn parameter doesn't exist.",
    );
  }
  requirePermission(sqs, call.caller, queue, call.operation);
  return queue;
}

/** Oldest first. */
const tasksOf = (tasks: Tasks, arn: string) => [...tasks.values()].filter(({ sourceArn }) => sourceArn === arn);

function work(sqs: Sqs, tasks: Tasks, task: MoveTask): void {
  const source = sqs.book.find(task.sourceArn);
  if (source === undefined) {
    tasks.set(task.handle, { ...task, status: 'FAILED' });
    return;
  }
  const most = Math.min(MOVED_A_BEAT_MAX, task.toMove - task.moved);
  sqs.world.store.together(() => {
    const { moved, isStuck } = moveUpTo(most, sqs, task, settled(source));
    const isOver = moved < MOVED_A_BEAT_MAX;
    const status = isStuck ? 'FAILED' : isOver ? 'COMPLETED' : 'RUNNING';
    tasks.set(task.handle, { ...task, moved: task.moved + moved, status });
  });
  for (const row of [...sqs.book.all()]) sqs.polls.wake(row.arn);
}

function moveUpTo(most: number, sqs: Sqs, task: MoveTask, source: Queue) {
  let moved = 0;
  for (const message of source.messageStore.visible()) {
    if (moved === most) break;
    if (!move(sqs, task, source, message)) return { moved, isStuck: true };
    moved += 1;
  }
  return { moved, isStuck: false };
}

/** Moves one message as a new one: its receive count starts over. False when it has nowhere to go. */
function move({ book, world }: Sqs, task: MoveTask, source: Queue, message: Message): boolean {
  const destinationArn = task.destinationArn ?? message.sent.deadLetterSourceArn;
  const destination = destinationArn === undefined ? undefined : book.find(destinationArn);
  if (destination === undefined) return false;
  const { deadLetterSourceArn: _, ...sent } = message.sent;
  const now = world.clock.now();
  destination.messageStore.add({ ...sent, sentAt: now, visibleAt: now });
  source.messageStore.remove(message);
  return true;
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
