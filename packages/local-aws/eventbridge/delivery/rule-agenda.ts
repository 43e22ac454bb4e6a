/** When scheduled rules fall due. */
import { randomUUID } from 'node:crypto';
import type { BusEvent, EngineDeps } from '../../contracts';
import { nextAfter } from '../../scheduler/expression';
import { accountOf, regionOf, secondPrecision } from '../names';
import type { CompiledRule, RuleBook } from '../rules';
import { dueRows } from './due-rows';

export interface RuleAgenda {
  /** Reckons anew when a rule falls due, from now on. */
  reckon(rule: CompiledRule): void;
  tick(): void;
}

/** The next instants are kept as rows: what fell due while nothing ran happens once, on the first tick. */
export function ruleAgenda(
  world: EngineDeps,
  rules: RuleBook,
  fire: (rule: CompiledRule, event: BusEvent) => void,
): RuleAgenda {
  const { clock, store } = world;
  const agenda = dueRows(store, 'events.rules-due');

  const reckon = ({ rule, schedule }: CompiledRule) => {
    const isOn = schedule !== undefined && rule.state !== 'DISABLED';
    agenda.set(rule.arn, isOn ? nextAfter(schedule, clock.now(), rule.scheduledFrom) : undefined);
  };
  const fireOnce = (arn: string, at: number) => {
    const compiled = rules.byArn(arn);
    if (compiled === undefined) {
      agenda.set(arn, undefined);
    } else {
      fire(compiled, scheduledEvent(arn, at));
      reckon(compiled);
    }
  };

  return {
    reckon,
    tick() {
      for (let due = agenda.takeDue(clock.now()); due !== undefined; due = agenda.takeDue(clock.now())) {
        const { name, at } = due;
        store.together(() => fireOnce(name, at));
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
