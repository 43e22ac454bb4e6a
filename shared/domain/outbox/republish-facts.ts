/**
 * republish-facts: publishes what is in the outbox and was not published when it should have been: the stream lost it, or
 * whoever reads the stream is away, or the bus refused it.
 */
import { misplacedRows } from '../errors';
import { type RelayPorts, relayFacts } from './relay-facts';

/** Facts published in one run; what is left is the longest due in the next one, a minute later. */
const FACTS_MAX = 1_000;

/**
 * Publishes what is due. Costs what is due. Safe to repeat, also at the same time.
 *
 * @returns how many facts there were, and rows among them that are none: nothing where all is well.
 * @throws KeywrightError `store.unreachable` (retry).
 */
export async function republishFacts(ports: RelayPorts): Promise<number> {
  const leftOut: string[] = [];
  const rows = await ports.outbox.due(ports.clock.now(), FACTS_MAX, (key) => leftOut.push(key));
  for (const { message, details } of misplacedRows(leftOut)) ports.log.error(message, details);
  await relayFacts(rows, ports);
  return rows.length + leftOut.length;
}
