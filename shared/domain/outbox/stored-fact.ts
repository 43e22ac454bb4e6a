/**
 * A fact that arrives is a hint: what counts is what was committed with the change of state that it tells of.
 *
 * Whoever may put events on the bus or messages on a queue can write whatever they like; the outbox takes what this product
 * commits. So nothing is done on the word of a message that the outbox does not say too.
 */
import { ContractViolation, type Fact, readWith } from '../../../events/define-event';
import { text } from '../../../events/fields';
import { canonicalJson, type Json } from '../audit/canonical-json';
import type { ControlStore } from '../ports';

export interface ReceivedFact {
  readonly detailType: string;
  readonly detail: unknown;
}

/**
 * The committed fact that was received. Strongly consistent: a fact is in the outbox before anybody hears of it.
 *
 * @throws ContractViolation when the outbox has no such fact, or another; KeywrightError `store.unreachable` (retry).
 */
export async function storedFact(received: ReceivedFact, control: Pick<ControlStore, 'fact'>): Promise<Fact> {
  const { factId } = (received.detail ?? {}) as { readonly factId?: unknown };
  const stored = await control.fact(readWith(text, 'detail.factId', factId));
  if (!stored) {
    const wayOut =
      'Nobody committed it, or so long ago that the outbox has let it go: what it tells of is in the state.';
    throw new ContractViolation('detail.factId', `names no fact of the outbox. ${wayOut}`);
  }
  if (stored.detailType !== received.detailType) {
    throw new ContractViolation('detail-type', `must be ${stored.detailType}, as the outbox has it`);
  }
  if (canonical(stored.detail) !== canonical(received.detail)) {
    throw new ContractViolation('detail', 'says something else than the fact of that name in the outbox');
  }
  return stored;
}

function canonical(detail: unknown): string {
  try {
    return canonicalJson(detail as Json);
  } catch (error) {
    // The one way in which writing what JSON.parse read can fail.
    if (error instanceof RangeError) throw new ContractViolation('detail', 'is nested too deeply', { cause: error });
    throw error;
  }
}
