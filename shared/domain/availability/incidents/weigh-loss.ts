/** weigh-loss: what is ahead of a key's loss, worked out when its incident opens and whenever its cause changes. */
import type { Party } from '../../../../events/fields';
import { later } from '../../instants';
import type { Log } from '../../ports';
import type { Budget } from '../../service-levels/budget';
import { type BudgetPorts, readBudget } from '../../service-levels/read-budget';
import { excludingClause } from '../../service-levels/service-level';
import type { Cause } from '../verdict';
import type { Impact } from './incident';
import { type BudgetAhead, firstStopAt, type LossOutlook, stoppingOf } from './loss-outlook';
import type { KeyLoss } from './store-loss';

export interface WeighedLoss extends KeyLoss {
  readonly cause: Cause;
  readonly party?: Party;
  readonly impact: Impact;
  /** The key still serves as far as we confirmed. */
  readonly isServing: boolean;
}

export type WeighPorts = BudgetPorts & { readonly log: Log };

/** Reads the budgets of the customers that the impact names, all at once. What cannot be read is left out: no page waits for it. */
export async function weighLoss(loss: WeighedLoss, ports: WeighPorts): Promise<LossOutlook> {
  const { lostAt, impact, isServing } = loss;
  const stopping = isServing ? [] : stoppingOf(impact.kinds ?? [], loss);
  const stopsAt = firstStopAt({ lostAt, stopping });
  const budgets = await Promise.allSettled(impact.customers.map(({ customerId }) => readBudget(customerId, ports)));
  const read = budgets.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  if (read.length < budgets.length) ports.log.warn('budgets are not read', { count: budgets.length - read.length });
  const [budget] = read.map((one) => aheadOf(one, stopsAt, loss)).sort(heaviestFirst);
  return { lostAt, stopping, ...(budget && { budget }) };
}

function aheadOf(
  { customerId, terms, isDefault, leftMs, at }: Budget,
  stopsAt: string | undefined,
  loss: WeighedLoss,
): BudgetAhead {
  const { targetPercent, window } = terms;
  const clause = excludingClause(terms, loss);
  const isBurnt = clause === undefined && stopsAt !== undefined;
  return {
    customerId,
    targetPercent,
    window,
    isDefault,
    leftMs,
    ...(clause !== undefined && { clause }),
    // What was burnt until now is in what is left.
    ...(isBurnt && { usedUpAt: later(stopsAt > at ? stopsAt : at, leftMs) }),
  };
}

const heaviestFirst = (one: BudgetAhead, other: BudgetAhead): number =>
  Number(one.clause !== undefined) - Number(other.clause !== undefined) || one.leftMs - other.leftMs;
