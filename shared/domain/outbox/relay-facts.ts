/**
 * relay-facts: publishes the facts that were committed to the outbox.
 *
 * The outbox row and the state it tells of were one transaction. The table's stream hands each row over soon, and
 * `republish-facts` finds what that lost: a fact can be published twice, never not at all. One that never can be is
 * parked, and keeps no other.
 */

import { later, MINUTE_MS } from '../instants';
import { inParallel } from '../parallel-work';
import type { Clock, Log, Park } from '../ports';
import { inTime } from '../time-limit';
import type { FactPublisher, Outbox, OutboxRow, OutgoingFact, Refusal } from './ports';

export interface RelayPorts {
  readonly publisher: FactPublisher;
  readonly outbox: Outbox;
  readonly park: Park;
  readonly clock: Clock;
  readonly log: Log;
}

/** Facts that are published and noted before others are: what was done by then is kept, whatever ends the run. */
const BATCH = 10;
const BATCHES_AT_ONCE = 4;

/** No batch begins later: half of what Lambda gives the functions that relay, and the other half is for a batch that is slow. */
const RUN_MS = 15_000;

/** What was refused goes behind everything that waits for the first time. */
const AGAIN_MS = MINUTE_MS;

/**
 * Publishes what can be, as far as it comes in a run; parks what never can be, and postpones what was refused. Safe to repeat.
 *
 * @returns the rows that are left, refused or not reached: worth another try.
 */
export async function relayFacts<Row extends OutboxRow>(
  rows: readonly Row[],
  ports: RelayPorts,
): Promise<readonly Row[]> {
  const settled = new Set<Row>();
  const { failed } = await inParallel(inTime(batchesOf(rows), RUN_MS, ports.clock), BATCHES_AT_ONCE, async (batch) => {
    for (const row of await relayBatch(batch, ports)) settled.add(row);
  });
  const left = rows.filter((row) => !settled.has(row));
  ports.log[left.length === 0 ? 'info' : 'warn']('relayed', { facts: rows.length, left: left.length });
  for (const error of failed) throw error;
  return left;
}

function* batchesOf<Row>(rows: readonly Row[]): Iterable<readonly Row[]> {
  for (let from = 0; from < rows.length; from += BATCH) yield rows.slice(from, from + BATCH);
}

/** @returns the rows with which nothing is left to do. */
async function relayBatch<Row extends OutboxRow>(rows: readonly Row[], ports: RelayPorts): Promise<readonly Row[]> {
  const refusals = new Map<string, Refusal>();
  const facts: OutgoingFact[] = [];
  for (const row of rows) {
    const fact = factIn(row);
    if (typeof fact === 'string') refusals.set(row.factId, { reason: fact, retry: false });
    else facts.push(fact);
  }
  for (const [factId, refusal] of await ports.publisher.publish(facts)) refusals.set(factId, refusal);
  const isSettled = await Promise.all(rows.map(({ factId }) => settle(factId, refusals.get(factId), ports)));
  return rows.filter((_, at) => isSettled[at]);
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

/** @returns whether nothing is left to do. One that is out and not noted is published once more when it is due. */
async function settle(factId: string, refusal: Refusal | undefined, ports: RelayPorts): Promise<boolean> {
  const { outbox, clock } = ports;
  if (!refusal) {
    await isNoted(factId, () => outbox.published(factId), ports);
    return true;
  }
  if (!refusal.retry && (await isNoted(factId, () => parkFact(factId, refusal.reason, ports), ports))) return true;
  await isNoted(factId, () => outbox.postponed(factId, later(clock.now(), AGAIN_MS)), ports);
  return false;
}

async function isNoted(factId: string, note: () => Promise<void>, { log }: RelayPorts): Promise<boolean> {
  try {
    await note();
    return true;
  } catch (error) {
    log.warn('what became of a fact is not noted', { factId, reason: String(error) });
    return false;
  }
}

async function parkFact(factId: string, reason: string, { outbox, park, log }: RelayPorts): Promise<void> {
  await park.park(JSON.stringify({ factId }), { reason });
  await outbox.parked(factId, reason);
  log.error('a fact that cannot be published is parked', { factId, reason });
}
