/** Facts as they become true. */
import type { EventContract, Fact } from '../../../events/define-event';
import { defined } from '../optional-fields';
import type { Clock, Ids } from '../ports';

export interface FactPorts {
  readonly clock: Clock;
  readonly ids: Ids;
}

/** What every fact carries. */
interface Stamp {
  readonly factId: string;
  readonly at: string;
}

/**
 * A new fact with a name of its own, true from now on unless its fields say since when. Not safe to repeat: a repeat is
 * another fact. Fields that are undefined are left out.
 *
 * @throws ContractViolation naming the field that does not fit the contract: a bug of ours.
 */
export function newFact<Detail extends Stamp>(
  contract: Pick<EventContract<Detail>, 'of'>,
  { ids, clock }: FactPorts,
  fields: Omit<Detail, keyof Stamp> & { readonly at?: string },
): Fact {
  return contract.of({ ...defined(fields), factId: ids.next(), at: fields.at ?? clock.now() } as unknown as Detail);
}
