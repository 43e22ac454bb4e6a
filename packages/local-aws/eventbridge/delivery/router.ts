/** From a bus to the targets of its rules: by pattern when an event arrives, by the clock for scheduled rules. */
import type { JsonObject } from '../../call';
import type { BusEvent, EngineDeps, Iam, Targets } from '../../contracts';
import type { BusBook } from '../buses';
import { type CompiledRule, type RuleBook, type Target, WIDE } from '../rules';
import { deliveries } from './deliveries';
import { ruleAgenda } from './rule-agenda';
import { burier, type Delivery, type Origin, sender } from './send';

export interface Arrival {
  readonly busArn: string;
  readonly event: BusEvent;
}

export interface Router {
  /** Hands events to the rules of their buses. When it returns, every delivery that follows is kept. */
  route(arrivals: readonly Arrival[], origin?: Origin): void;
  /** Reckons anew when a rule falls due, from now on; call it whenever a rule was put. */
  schedule(rule: CompiledRule): void;
  tick(): void;
  /** Deliveries that have not ended. */
  readonly pending: number;
}

export function router(
  world: EngineDeps,
  parts: { readonly iam: Iam; readonly targets: Targets; readonly buses: BusBook; readonly rules: RuleBook },
): Router {
  const { rules } = parts;
  const forward = (busArn: string, event: BusEvent, origin: Origin) => route([{ busArn, event }], origin);
  const waiting = deliveries<Delivery>(world, {
    table: 'events.deliveries',
    service: 'events',
    send: sender({ ...parts, forward }),
    bury: burier(parts.targets),
  });

  function route(arrivals: readonly Arrival[], origin: Origin = {}): void {
    const made = arrivals.flatMap(({ busArn, event }) => deliveriesFor(rules.onBus(busArn), event, origin));
    if (made.length > 0) world.store.together(() => waiting.accept(made));
  }

  const scheduled = ruleAgenda(world, rules, (rule, event) => {
    waiting.accept(rule.rule.targets.map((target) => deliveryOf(rule, target, event, {})));
  });

  return {
    route,
    schedule: scheduled.reckon,
    tick() {
      scheduled.tick();
      waiting.tick();
    },
    get pending() {
      return waiting.pending;
    },
  };
}

function deliveriesFor(rules: readonly CompiledRule[], event: BusEvent, origin: Origin): Delivery[] {
  const made: Delivery[] = [];
  const fields: JsonObject = { ...event };
  for (const compiled of rules) {
    const { state, targets } = compiled.rule;
    if (state === 'DISABLED' || (origin.readOnlyManagement && state !== WIDE)) continue;
    if (!compiled.pattern?.matches(fields)) continue;
    for (const target of targets) made.push(deliveryOf(compiled, target, event, origin));
  }
  return made;
}

function deliveryOf({ rule }: CompiledRule, target: Target, event: BusEvent, origin: Origin): Delivery {
  return { event, ruleArn: rule.arn, target, origin };
}
