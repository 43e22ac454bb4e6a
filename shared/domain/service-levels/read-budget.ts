/** What is left of a customer's budget, read from what was promised and from the intervals of their ledger. */
import type { Clock, ControlStore } from '../ports';
import { type Budget, budgetOf } from './budget';
import { effectiveLevel } from './service-level';
import type { SlaInterval } from './sla-interval';

export interface BudgetPorts {
  readonly control: Pick<ControlStore, 'find' | 'ofCustomer'>;
  readonly clock: Clock;
}

/** So many intervals are read: one customer whose key comes and goes for years costs no more than that. */
export const INTERVALS_READ_MAX = 10_000;

/** Costs what the customer has had. Eventually consistent by some seconds. @throws KeywrightError `store.unreachable` (retry). */
export async function readBudget(customerId: string, { control, clock }: BudgetPorts): Promise<Budget> {
  const [level, intervals] = await Promise.all([
    control.find('service-level', customerId),
    intervalsOf(customerId, { control }),
  ]);
  return budgetOf(customerId, effectiveLevel(level), intervals, clock.now());
}

/** What is left, in short. */
export type BudgetLeft = Pick<Budget, 'customerId' | 'terms' | 'isDefault' | 'budgetMs' | 'leftMs' | 'isNearlyBurnt'>;

/** What is left of a customer's budget where people are to be told wherever they look: undefined where there is enough. Throws as `readBudget`. */
export async function nearlyBurntBudget(
  customerId: string | undefined,
  ports: BudgetPorts,
): Promise<BudgetLeft | undefined> {
  if (customerId === undefined) return undefined;
  const { terms, isDefault, budgetMs, leftMs, isNearlyBurnt } = await readBudget(customerId, ports);
  return isNearlyBurnt ? { customerId, terms, isDefault, budgetMs, leftMs, isNearlyBurnt } : undefined;
}

/** The intervals of a customer, in the order of their incidents: at most `INTERVALS_READ_MAX`. */
export async function intervalsOf(
  customerId: string,
  { control }: Pick<BudgetPorts, 'control'>,
): Promise<readonly SlaInterval[]> {
  const found: SlaInterval[] = [];
  for await (const interval of control.ofCustomer('sla-interval', customerId)) {
    if (found.length === INTERVALS_READ_MAX) break;
    found.push(interval);
  }
  return found;
}
