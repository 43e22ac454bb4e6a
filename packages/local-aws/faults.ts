/** Planned faults: which, how likely, and how often still. Without a plan nothing ever strikes. */
import type { Fault, FaultPlan } from './contracts';

interface Planned {
  readonly fault: Fault;
  left: number;
}

/** Whether a fault strikes is drawn from `random`, so that a seed repeats a run. */
export function faultPlan(random: () => number): FaultPlan {
  let planned: Planned[] = [];
  const struck: Record<string, number> = {};

  return {
    struck,
    set(faults) {
      planned = faults.map((fault) => ({ fault: checked(fault), left: fault.times ?? Number.POSITIVE_INFINITY }));
    },
    strikes(service, operation, kinds) {
      for (const plan of planned) {
        const { fault } = plan;
        const fits =
          fault.service === service && (fault.operation ?? operation) === operation && kinds.includes(fault.kind);
        if (!fits || plan.left <= 0 || random() >= fault.probability) continue;
        plan.left -= 1;
        const name = `${service} ${fault.kind}`;
        struck[name] = (struck[name] ?? 0) + 1;
        return fault;
      }
      return undefined;
    },
  };
}

function checked(fault: Fault): Fault {
  if (fault.probability >= 0 && fault.probability <= 1) return fault;
  throw new RangeError(
    `The probability of a planned fault is from 0 to 1: ${fault.service} ${fault.kind} has another.`,
  );
}
