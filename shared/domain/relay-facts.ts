/**
 * relay-facts: publishes the facts that were committed to the outbox.
 *
 * The outbox row and the state it tells of were one transaction, and the table's stream hands every row over at least
 * once: a fact can be published twice, never not at all.
 */
import type { Fact } from '../../events/define-event';
import type { FactPublisher } from './ports';

/** An outbox row as the stream hands it over; `position` is what the stream calls it. */
export interface OutboxRow {
  readonly position: string;
  readonly fact: Fact;
}

/** @returns the positions of the rows whose facts were not taken: the stream hands them over again. */
export async function relayFacts(
  rows: readonly OutboxRow[],
  ports: { readonly publisher: FactPublisher },
): Promise<readonly string[]> {
  const refused = await ports.publisher.publish(rows.map((row) => row.fact));
  return rows.filter((row) => refused.has(row.fact.factId)).map((row) => row.position);
}
