/**
 * relay-facts: publishes the facts that were committed to the outbox.
 *
 * The outbox row and the state it tells of were one transaction. The table's stream hands each row over soon, and
 * `republish-facts` finds what that lost: a fact can be published twice, never not at all. One that never can be is
 * parked, and keeps no other.
 */
import { inParallel } from './in-parallel';
import type { FactPublisher, Log, Outbox, OutboxRow, OutgoingFact, Park, Refusal } from './ports';

export interface RelayPorts {
  readonly publisher: FactPublisher;
  readonly outbox: Outbox;
  readonly park: Park;
  readonly log: Log;
}

/** Notes at the same time. */
const CONCURRENCY = 10;

/**
 * Publishes what can be, parks what never can be. Safe to repeat.
 *
 * @returns the rows that are left: worth another try.
 */
export async function relayFacts<Row extends OutboxRow>(
  rows: readonly Row[],
  ports: RelayPorts,
): Promise<readonly Row[]> {
  const refusals = new Map<string, Refusal>();
  const facts: OutgoingFact[] = [];
  for (const row of rows) {
    const fact = factIn(row);
    if (typeof fact === 'string') refusals.set(row.factId, { reason: fact, retry: false });
    else facts.push(fact);
  }
  for (const [factId, refusal] of await ports.publisher.publish(facts)) refusals.set(factId, refusal);

  const left = new Set<Row>();
  await inParallel(rows, CONCURRENCY, async (row) => {
    if (!(await isSettled(row.factId, refusals.get(row.factId), ports))) left.add(row);
  });
  ports.log[refusals.size === 0 ? 'info' : 'warn']('relayed', {
    facts: rows.length,
    refused: refusals.size,
    left: left.size,
  });
  return rows.filter((row) => left.has(row));
}

/** The fact that a row holds, or why it holds none. What it says is not repeated: it may be anything. */
function factIn({ factId, detailType, detail }: OutboxRow): OutgoingFact | string {
  if (!detailType) return 'detailType: is missing or no text';
  if (detail === undefined || !isObjectText(detail)) return 'detail: is not the text of a JSON object';
  return { factId, detailType, detail };
}

function isObjectText(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

async function isSettled(factId: string, refusal: Refusal | undefined, ports: RelayPorts): Promise<boolean> {
  if (refusal?.retry) return false;
  try {
    if (refusal) await parkFact(factId, refusal.reason, ports);
    else await ports.outbox.published(factId);
    return true;
  } catch (error) {
    ports.log.warn('what became of a fact is not noted', { factId, reason: String(error) });
    // One that is out and not noted is published once more when it is due.
    return refusal === undefined;
  }
}

async function parkFact(factId: string, reason: string, { outbox, park, log }: RelayPorts): Promise<void> {
  await park.park(JSON.stringify({ factId }), { reason });
  await outbox.parked(factId, reason);
  log.error('a fact that can not be published is parked', { factId, reason });
}
