/** The form of a Scheduler operation. */
import type * as z from 'zod/mini';
import { AwsError, type Call, type JsonObject } from '../call';
import type { Clock } from '../clock';
import type { Iam } from '../contracts';
import { readInput } from '../kms/input';
import type { Store } from '../store';
import type { ScheduleAgenda } from './agenda';
import type { Home } from './names';
import type { Group, ScheduleBook } from './schedules';

/** What every operation works with. */
export interface Scheduler {
  readonly clock: Clock;
  /** Makes several changes one: after a kill all of them are there, or none. */
  readonly together: Store['together'];
  readonly iam: Iam;
  readonly book: ScheduleBook;
  readonly agenda: ScheduleAgenda;
}

export interface Request<Input = unknown> {
  readonly scheduler: Scheduler;
  readonly call: Call;
  readonly home: Home;
  readonly input: Input;
  /** Throws AccessDeniedException unless the caller may do this to the resource. */
  allow(resource: string): void;
}

export type Operation = (scheduler: Scheduler, call: Call) => JsonObject;

export function operation<Schema extends z.ZodMiniType>(
  schema: Schema,
  run: (request: Request<z.output<Schema>>) => JsonObject,
): Operation {
  return (scheduler, call) => {
    const { accountId } = call.caller;
    const allow = (resource: string) =>
      scheduler.iam.require(call.caller, {
        action: `scheduler:${call.operation}`,
        resource,
        resourceAccountId: accountId,
      });
    return run({
      scheduler,
      call,
      home: { accountId, region: call.region },
      input: readInput(schema, call.input),
      allow,
    });
  };
}

/** Source of the statuses: the errors of client-scheduler. */
export function notFound(message: string): AwsError {
  return new AwsError('ResourceNotFoundException', message, { status: 404 });
}

export function conflict(message: string): AwsError {
  return new AwsError('ConflictException', message, { status: 409 });
}

export function invalid(message: string): AwsError {
  return new AwsError('ValidationException', message);
}

export function knownGroup({ scheduler, home }: Request, name: string): Group {
  const group = scheduler.book.findGroup(home, name);
  if (group === undefined) throw notFound(`Schedule group ${name} does not exist.`);
  return group;
}
