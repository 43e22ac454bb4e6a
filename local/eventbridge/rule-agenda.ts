/** When scheduled rules fall due. */
import { randomUUID } from 'node:crypto';
import type { BusEvent, World } from '../parts';
import { nextAfter } from '../scheduler/expression';
import { dueHeap } from '../sqs/due-heap';
import { accountOf, regionOf, secondPrecision } from './names';
import type { CompiledRule, RuleBook } from './rules';

export interface RuleAgenda {
  /** Reckons anew when a rule falls due, from now on. */
  reckon(rule: CompiledRule): void;
  tick(): void;
}

/** The next instants are kept as rows: what fell due while nothing ran happens once, on the first tick. */
export function ruleAgenda(
  world: World,
  rules: RuleBook,
  fire: (rule: CompiledRule, event: BusEvent) => void,
): RuleAgenda {
  const { clock, store } = world;
  const dueAt = store.table<number>('events.rules-due');
  const waiting = dueHeap<string>();
  for (const [arn, at] of dueAt.entries()) waiting.add(at, arn);

  const reckon = ({ rule, schedule }: CompiledRule) => {
    const isOn = schedule !== undefined && rule.state !== 'DISABLED';
    const at = isOn ? nextAfter(schedule, clock.now(), rule.scheduledFrom) : undefined;
    if (at === undefined) {
      dueAt.delete(rule.arn);
    } else {
      dueAt.set(rule.arn, at);
      waiting.add(at, rule.arn);
    }
  };
  const fireOnce = (arn: string, at: number) => {
    const compiled = rules.byArn(arn);
    if (compiled === undefined) {
      dueAt.delete(arn);
    } else {
      fire(compiled, scheduledEvent(arn, at));
      reckon(compiled);
    }
  };

  return {
    reckon,
    tick() {
      for (let due = waiting.takeDue(clock.now()); due !== undefined; due = waiting.takeDue(clock.now())) {
        const { at, thing: arn } = due;
        if (dueAt.get(arn) === at) store.together(() => fireOnce(arn, at));
      }
    },
  };
}

/** Source: EventBridge User Guide, "Scheduled events". */
function scheduledEvent(ruleArn: string, at: number): BusEvent {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: accountOf(ruleArn),
    time: secondPrecision(at),
    region: regionOf(ruleArn),
    resources: [ruleArn],
    detail: {},
  };
}
