/** The form of an EventBridge operation: what the engine must know of it is data, and `run` does what is its own. */
import type * as z from 'zod/mini';
import { AwsError, type Call, type JsonObject } from '../call';
import type { Clock } from '../clock';
import type { Iam } from '../contracts';
import { readInput } from '../kms/input';
import type { Store } from '../store';
import type { Bus, BusBook } from './buses';
import type { Router } from './delivery/router';
import { type BusName, busArn, readBusName } from './names';
import type { Rule, RuleBook } from './rules';

/** What every operation works with. */
export interface EventBridge {
  readonly clock: Clock;
  /** Makes several changes one: after a kill all of them are there, or none. */
  readonly together: Store['together'];
  readonly iam: Iam;
  readonly buses: BusBook;
  readonly rules: RuleBook;
  readonly router: Router;
}

export interface Operation {
  readonly readOnly: boolean;
  perform(events: EventBridge, call: Call): JsonObject;
}

interface Facts<Schema extends z.ZodMiniType> {
  readonly readOnly: boolean;
  readonly input: Schema;
  /** Does what the operation does, having asked `allow` first. Returns the answer. */
  readonly run: (request: Request<z.output<Schema>>) => JsonObject;
}

/** A call on its way through an operation. */
export interface Request<Input = unknown> {
  readonly events: EventBridge;
  readonly call: Call;
  readonly input: Input;
  /** Throws AWS's AccessDeniedException unless the caller may do this to the resource. */
  allow(resource: string, bus?: OwnedBus): void;
}

/** What permission to use a bus depends on. */
export type OwnedBus = Pick<Bus, 'accountId' | 'policy'>;

export function operation<Schema extends z.ZodMiniType>({ readOnly, input, run }: Facts<Schema>): Operation {
  return {
    readOnly,
    perform(events, call) {
      const allow = (resource: string, bus?: OwnedBus) => requirePermission(events, call, resource, bus);
      return run({ events, call, input: readInput(input, call.input), allow });
    },
  };
}

/** A bus of another account is reached through its policy only. */
export function requirePermission({ iam }: EventBridge, call: Call, resource: string, bus?: OwnedBus): void {
  iam.require(call.caller, {
    action: `events:${call.operation}`,
    resource,
    resourceAccountId: bus?.accountId ?? call.caller.accountId,
    ...(bus?.policy && { resourcePolicy: bus.policy }),
  });
}

/** Where a caller's names are at home. */
export function homeOf({ caller, region }: Call): Omit<BusName, 'name'> {
  return { accountId: caller.accountId, region };
}

/** @throws AwsError ResourceNotFoundException; what is missing is asked for permission first, as in AWS. */
export function knownBus({ events, call, allow }: Request, named: string | undefined): Bus {
  const name = readBusName(named, homeOf(call));
  const bus = events.buses.find(name);
  if (bus !== undefined) return bus;
  allow(busArn(name), name);
  throw notFound(`Event bus ${name.name} does not exist.`);
}

/** @throws AwsError ResourceNotFoundException. */
export function knownRule({ events }: Request, bus: Bus, name: string): Rule {
  const rule = events.rules.find(bus, name);
  if (rule === undefined) throw notFound(`Rule ${name} does not exist on EventBus ${bus.name}.`);
  return rule;
}

export function notFound(message: string): AwsError {
  return new AwsError('ResourceNotFoundException', message);
}

export function invalid(message: string): AwsError {
  return new AwsError('ValidationException', message);
}

/** Leaves out the fields that have no value. */
export function present(fields: { readonly [name: string]: JsonObject[string] }): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** AWS's JSON carries instants as seconds. */
export function secondsOf(ms: number): number {
  return ms / 1000;
}
