/** Puts facts on the bus, and reads the refusals. */
import { type EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { type Fact, SOURCE } from '../../events/define-event';
import type { FactPublisher } from '../domain/ports';

/** PutEvents takes 1 to 10 entries. Source: botocore, PutEventsRequestEntryList. */
const ENTRIES_MAX = 10;

/** PutEvents takes less than 1 MB in all; 256 KB was the limit before and still is in places. Source: EventBridge guide, PutEvents. */
const BYTES_MAX = 256_000;

export function eventBridgeFactPublisher(client: EventBridgeClient, busName: string): FactPublisher {
  return {
    async publish(facts) {
      const refused = new Set<string>();
      for (const batch of batchesOf(facts)) {
        for (const fact of await refusedOf(client, batch, busName)) refused.add(fact.factId);
      }
      return refused;
    },
  };
}

export const entryOf = (fact: Fact, busName: string): PutEventsRequestEntry => ({
  EventBusName: busName,
  Source: SOURCE,
  DetailType: fact.detailType,
  Detail: JSON.stringify(fact.detail),
});

/** In order, as many in a batch as count and size allow. */
function batchesOf(facts: readonly Fact[]): readonly (readonly Fact[])[] {
  const batches: Fact[][] = [];
  let bytes = 0;
  for (const fact of facts) {
    const size = Buffer.byteLength(JSON.stringify(fact.detail));
    const last = batches.at(-1);
    if (last && last.length < ENTRIES_MAX && bytes + size <= BYTES_MAX) last.push(fact);
    else batches.push([fact]);
    bytes = last === batches.at(-1) ? bytes + size : size;
  }
  return batches;
}

/** A call that fails refuses all of its batch; one that answers 200 may still refuse some: that is in its body. */
async function refusedOf(client: EventBridgeClient, batch: readonly Fact[], busName: string): Promise<readonly Fact[]> {
  try {
    const { Entries = [] } = await client.send(
      new PutEventsCommand({ Entries: batch.map((fact) => entryOf(fact, busName)) }),
    );
    return batch.filter((_, at) => Entries[at]?.EventId === undefined);
  } catch {
    return batch;
  }
}
