/** When schedules fall due, and what then reaches their targets. */
import { randomUUID } from 'node:crypto';
import type { EngineDeps, Targets } from '../contracts';
import { type Deliverable, deliveries, type Kept } from '../eventbridge/delivery/deliveries';
import { dueRows } from '../eventbridge/delivery/due-rows';
import { readFunctionInput } from '../eventbridge/delivery/target-input';
import { secondPrecision, serviceOf } from '../eventbridge/names';
import { nextAfter, readSchedule } from './expression';
import { type BusParts, putOnBus } from './put-on-bus';
import type { ScheduleBook, ScheduleRow, Target } from './schedules';

export interface ScheduleAgenda {
  /** Reckons when a schedule first falls due; call it when one was made or changed. */
  begin(schedule: ScheduleRow): void;
  tick(): void;
  /** Invocations accepted and not yet ended. */
  readonly pending: number;
}

/** One invocation on its way to its target. */
interface Invocation extends Deliverable {
  readonly scheduleArn: string;
  readonly target: Target;
  readonly scheduledAt: number;
  readonly executionId: string;
}

const SERVICE = 'scheduler.amazonaws.com';

export function scheduleAgenda(
  world: EngineDeps,
  parts: BusParts & { readonly targets: Targets },
  book: ScheduleBook,
): ScheduleAgenda {
  const { targets } = parts;
  const { clock, store, random } = world;
  const agenda = dueRows(store, 'scheduler.due');
  const waiting = deliveries<Invocation>(world, {
    table: 'scheduler.invocations',
    service: 'scheduler',
    send: (invocation) => invoke(parts, invocation),
    bury: (deadLetterArn, invocation, attributes) => bury(targets, deadLetterArn, invocation, attributes),
  });

  const setDue = (schedule: ScheduleRow, at: number | undefined) => {
    const isOver = at === undefined || at > (schedule.endDate ?? Number.POSITIVE_INFINITY);
    const windowMs = (schedule.window.MaximumWindowInMinutes ?? 0) * 60_000;
    agenda.set(schedule.arn, isOver ? undefined : at + Math.floor(random() * windowMs));
    return !isOver;
  };

  /** However far the clock jumped: an occurrence that was missed happens once, and the next one lies ahead. */
  const fire = (arn: string, at: number) => {
    const schedule = book.find(arn);
    if (schedule === undefined) return agenda.set(arn, undefined);
    waiting.accept([{ scheduleArn: arn, target: schedule.target, scheduledAt: at, executionId: randomUUID() }]);
    const goesOn = setDue(schedule, following(schedule, clock.now()));
    if (!goesOn && schedule.afterCompletion === 'DELETE') book.remove(arn);
  };

  return {
    begin(schedule) {
      setDue(schedule, schedule.state === 'DISABLED' ? undefined : first(schedule, clock.now()));
    },
    tick() {
      for (let due = agenda.takeDue(clock.now()); due !== undefined; due = agenda.takeDue(clock.now())) {
        const { name, at } = due;
        store.together(() => fire(name, at));
      }
      waiting.tick();
    },
    get pending() {
      return waiting.pending;
    },
  };
}

/**
 * A rate begins at its start date, or at once. A time of day that has passed is due at once: whether AWS invokes for
 * an `at` in the past was not confirmed.
 */
function first(schedule: ScheduleRow, now: number): number | undefined {
  const read = readSchedule(schedule.expression, schedule.timeZone);
  const start = Math.max(now, schedule.startDate ?? now);
  if (read.kind === 'rate') return start;
  return read.kind === 'at' ? Math.max(read.at, now) : nextAfter(read, start - 1, start);
}

function following(schedule: ScheduleRow, now: number): number | undefined {
  const read = readSchedule(schedule.expression, schedule.timeZone);
  return read.kind === 'at' ? undefined : nextAfter(read, now, schedule.startDate ?? schedule.modifiedAt);
}

function invoke(parts: BusParts & { readonly targets: Targets }, invocation: Kept<Invocation>): void {
  const { targets } = parts;
  const { target, scheduleArn, scheduledAt } = invocation;
  const as = { service: SERVICE, sourceArn: scheduleArn, roleArn: target.RoleArn };
  const input = inputOf(invocation);
  const messageGroupId = target.SqsParameters?.MessageGroupId;
  if (serviceOf(target.Arn) === 'events') {
    putOnBus(parts, { target, input, time: secondPrecision(scheduledAt), service: SERVICE });
  } else if (serviceOf(target.Arn) === 'lambda') {
    targets.invokeLater(target.Arn, readFunctionInput(input), as);
  } else {
    targets.sendToQueue(target.Arn, input, { ...as, ...(messageGroupId !== undefined && { messageGroupId }) });
  }
}

/** Source: EventBridge Scheduler User Guide, "Adding context attributes"; the default notification is of the same guide. */
function inputOf({ target, scheduleArn, scheduledAt, executionId, failures }: Kept<Invocation>): string {
  const [, , , region = '', account = ''] = scheduleArn.split(':');
  const time = secondPrecision(scheduledAt);
  if (target.Input === undefined) {
    return JSON.stringify({
      version: '0',
      id: executionId,
      'detail-type': 'Scheduled Event',
      source: 'aws.scheduler',
      account,
      time,
      region,
      resources: [scheduleArn],
      detail: '{}',
    });
  }
  return target.Input.replaceAll('<aws.scheduler.schedule-arn>', scheduleArn)
    .replaceAll('<aws.scheduler.scheduled-time>', time)
    .replaceAll('<aws.scheduler.execution-id>', executionId)
    .replaceAll('<aws.scheduler.attempt-number>', String(failures + 1));
}

/** Source of the attributes: EventBridge Scheduler User Guide, "Configuring a dead-letter queue". */
function bury(
  targets: Targets,
  deadLetterArn: string,
  invocation: Kept<Invocation>,
  attributes: Readonly<Record<string, string>>,
): void {
  const { scheduleArn, target, scheduledAt, executionId } = invocation;
  targets.sendToQueue(deadLetterArn, inputOf(invocation), {
    service: SERVICE,
    sourceArn: scheduleArn,
    roleArn: target.RoleArn,
    attributes: {
      SCHEDULE_ARN: scheduleArn,
      TARGET_ARN: target.Arn,
      EXECUTION_ID: executionId,
      SCHEDULED_TIME: secondPrecision(scheduledAt),
      IS_PAYLOAD_TRUNCATED: 'false',
      ...attributes,
    },
  });
}
