/** Step 5: the entries, one for each stream that the event belongs in. */
import type { Fact } from '../../../../events/define-event';
import { OPERATOR_ID } from '../../customers/customer';
import { entryOfFact, entryOfRecord } from '../audit-entry';
import type { NamedEntry } from '../audit-messages';
import { ownCall } from '../own-calls';
import { isSelfCaused, type StreamWriter } from '../self-caused-records';
import { partOfFact } from '../shared-key-facts';
import type { Attribution } from '../whose-record';
import type { Attributed, RecordEvent } from './key-event';

/** @throws ContractViolation where an entry cannot be written: see `entryOfRecord` and `entryOfFact`. */
export function makeEntries(attributed: Attributed, writer: StreamWriter): readonly NamedEntry[] {
  const { event, attributions } = attributed;
  if (event.kind === 'loss' || event.kind === 'role') return [];
  const { names } = event;
  if (event.kind === 'fact')
    return attributions.map((one) => ({ ...entryOfFact(one.customerId, shownOf(event.fact, one)), names }));
  const { record, use, received } = event;
  const own = event.isOwn ? ownCall(record, use, writer) : undefined;
  const deferred = isDeferred(event, attributed, writer);
  return attributions.map((attribution) => ({
    ...entryOfRecord(record, use, attribution, received, own),
    names,
    deferred,
  }));
}

const shownOf = (fact: Fact, { customerId, isPartial, dataStoreIds = [] }: Attribution): Fact =>
  isPartial ? partOfFact(fact, { customerId, dataStoreIds }) : fact;

/** What writing a stream causes, and what concerns nobody but the operator. */
function isDeferred(event: RecordEvent, { attributions, kmsKeyArns }: Attributed, writer: StreamWriter): boolean {
  const isOperators = attributions.every(({ customerId }) => customerId === OPERATOR_ID);
  return event.isOwn && isOperators && kmsKeyArns.length === 0 && isSelfCaused(event.record, event.use, writer);
}
