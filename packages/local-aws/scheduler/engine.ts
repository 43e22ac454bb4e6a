/**
 * EventBridge Scheduler on this machine: schedules by time of day, rate or instant that reach queues, functions and an account's
 * default event bus under their own role. Its calls are not recorded for CloudTrail.
 */
import { AwsError, type Engine, outcomeOf } from '../call';
import type { Buses, EngineDeps, Iam, Targets, Ticking } from '../contracts';
import { own } from '../own-property';
import { scheduleAgenda } from './agenda';
import { groupOperations } from './group-operations';
import type { Operation, Scheduler } from './operation';
import { scheduleOperations } from './schedule-operations';
import { scheduleBook } from './schedules';

const OPERATIONS: Readonly<Record<string, Operation>> = { ...scheduleOperations, ...groupOperations };

export function scheduler(
  world: EngineDeps,
  parts: { readonly iam: Iam; readonly targets: Targets; readonly buses: Buses },
): Engine & Ticking & { readonly pending: number } {
  const book = scheduleBook(world);
  const agenda = scheduleAgenda(world, parts, book);
  const context: Scheduler = { clock: world.clock, together: world.store.together, iam: parts.iam, book, agenda };

  return {
    service: 'scheduler',
    handle(call) {
      return outcomeOf(() => {
        const operation = own(OPERATIONS, call.operation);
        if (operation === undefined) {
          throw new AwsError('UnknownOperationException', `Local Scheduler has no operation ${call.operation}.`);
        }
        return { output: operation(context, call) };
      });
    },
    tick: agenda.tick,
    get pending() {
      return agenda.pending;
    },
  };
}
