/**
 * republish-facts: publishes what is in the outbox and was not published when it should have been: the stream lost it, or
 * whoever reads the stream is away, or the bus refused it.
 */
import { inParallel } from './in-parallel';
import { later, MINUTE_MS } from './instants';
import type { Clock } from './ports';
import { type RelayPorts, relayFacts } from './relay-facts';

/** Facts published in one run; what is left is the longest due in the next one, a minute later. */
const FACTS_MAX = 1_000;
const CONCURRENCY = 10;

/** What was refused goes behind everything that waits for the first time. */
const AGAIN_MS = MINUTE_MS;

/**
 * Publishes what is due. Costs what is due. Safe to repeat, also at the same time.
 *
 * @returns how many facts there were: none where all is well.
 * @throws KeywrightError `store.unreachable` (retry).
 */
export async function republishFacts(ports: RelayPorts & { readonly clock: Clock }): Promise<number> {
  const now = ports.clock.now();
  const rows = await ports.outbox.due(now, FACTS_MAX);
  const left = await relayFacts(rows, ports);
  const { failed } = await inParallel(left, CONCURRENCY, ({ factId }) =>
    ports.outbox.postponed(factId, later(now, AGAIN_MS)),
  );
  if (failed.length > 0) ports.log.warn('facts could not be postponed', { failed: failed.length });
  return rows.length;
}
