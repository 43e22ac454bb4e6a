/**
 * EventBridge on this machine: buses, rules with the whole pattern language, targets with retries and dead letters.
 *
 * Archives and replays, connections, API destinations, endpoints, partner sources, Pipes and tags are not here.
 */
import { randomUUID } from 'node:crypto';
import { AwsError, type Call, type Engine, type JsonObject, type Outcome, type TrailDetails } from '../call';
import type { Buses, EngineDeps, Iam, Targets, Ticking } from '../contracts';
import { own } from '../own-property';
import { busOperations } from './bus-operations';
import { busBook } from './buses';
import { router } from './delivery/router';
import { busArn, DEFAULT_BUS } from './names';
import type { EventBridge, Operation } from './operation';
import { policyOperations } from './policy-operations';
import { putEvents } from './put-events';
import { ruleOperations } from './rule-operations';
import { ruleBook } from './rules';
import { targetOperations } from './target-operations';
import { trailDetails } from './trail-details';

const OPERATIONS: Readonly<Record<string, Operation>> = {
  PutEvents: putEvents,
  ...busOperations,
  ...policyOperations,
  ...ruleOperations,
  ...targetOperations,
};

export interface PendingDeliveries {
  /** Deliveries accepted and not yet ended, retries included. */
  readonly pending: number;
}

export function eventBridge(
  world: EngineDeps,
  parts: { readonly iam: Iam; readonly targets: Targets },
): Engine & Buses & Ticking & PendingDeliveries {
  const buses = busBook(world);
  const rules = ruleBook(world.store);
  const routes = router(world, { ...parts, buses, rules });
  const { clock, store } = world;
  const events: EventBridge = { clock, together: store.together, iam: parts.iam, buses, rules, router: routes };

  return {
    service: 'events',
    handle: (call) => perform(events, call),
    publish(accountId, region, event, options = {}) {
      const bus = busArn({ accountId, region, name: DEFAULT_BUS });
      const full = { ...event, version: '0' as const, id: randomUUID(), account: accountId, region };
      routes.route([{ busArn: bus, event: full }], options);
    },
    tick: routes.tick,
    get pending() {
      return routes.pending;
    },
  };
}

/** A failed call is logged by CloudTrail too. */
function perform(events: EventBridge, call: Call): Outcome {
  const operation = own(OPERATIONS, call.operation);
  if (operation === undefined) {
    return {
      error: new AwsError('UnknownOperationException', `Local EventBridge has no operation ${call.operation}.`),
    };
  }
  try {
    const output = operation.perform(events, call);
    return { output, ...trailOf(operation, call, output) };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return { error, ...trailOf(operation, call, null) };
  }
}

/** PutEvents is a data event, which CloudTrail does not log. */
function trailOf(operation: Operation, call: Call, output: JsonObject | null): { trail?: TrailDetails } {
  return call.operation === 'PutEvents' ? {} : { trail: trailDetails(call, operation.readOnly, output) };
}
