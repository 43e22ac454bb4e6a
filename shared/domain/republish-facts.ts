/**
 * republish-facts: publishes what is in the outbox and was not published when it should have been: the stream lost it, or
 * whoever reads the stream is away, or the bus refused it.
 */
import { type RelayPorts, relayFacts } from './relay-facts';

/** Facts published in one run; what is left is the longest due in the next one, a minute later. */
const FACTS_MAX = 1_000;

/**
 * Publishes what is due. Costs what is due. Safe to repeat, also at the same time.
 *
 * @returns how many facts there were: none where all is well.
 * @throws KeywrightError `store.unreachable` (retry).
 */
export async function republishFacts(ports: RelayPorts): Promise<number> {
  const rows = await ports.outbox.due(ports.clock.now(), FACTS_MAX);
  await relayFacts(rows, ports);
  return rows.length;
}
