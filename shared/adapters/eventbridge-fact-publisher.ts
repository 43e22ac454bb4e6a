/** Puts facts on the bus, in characters that the queues behind it may hold, and reads the refusals. */
import { type EventBridgeClient, PutEventsCommand, type PutEventsResultEntry } from '@aws-sdk/client-eventbridge';
import { SOURCE } from '../../events/define-event';
import { escapedForSqs } from '../domain/audit/json-text';
import type { FactPublisher, OutgoingFact, Refusal } from '../domain/outbox/ports';

/** PutEvents takes 1 to 10 entries. Source: botocore, PutEventsRequestEntryList. */
const ENTRIES_MAX = 10;

/** PutEvents takes less than 1 MB in all; 256 KB was the limit before and still is in places. Source: EventBridge guide, PutEvents. */
const BYTES_MAX = 256_000;

/** An entry alone may have so many bytes: what the whole call may have. Source: as above. */
const ENTRY_BYTES_MAX = 1_048_575;

/** Source: EventBridge API reference, PutEventsRequestEntry, DetailType. */
const DETAIL_TYPE_CHARACTERS_MAX = 128;

/**
 * Codes of an entry that will be refused however often it is sent. Others that AWS calls not retryable, such as
 * AccessDeniedException, are about us and not the entry: they pass when we are mended.
 * Source: EventBridge API reference, PutEventsResultEntry, ErrorCode.
 */
const OF_THE_ENTRY: ReadonlySet<string> = new Set(['InvalidArgument', 'MalformedDetail']);

/** Errors of a whole call that one of its entries may be the reason of. Source: AWS API reference, Common Errors. */
const OF_THE_CALL: ReadonlySet<string> = new Set(['ValidationException', 'ValidationError', 'SerializationException']);
const TOO_LARGE_STATUS = 413;

type Refusals = readonly (readonly [factId: string, refusal: Refusal])[];

/** Publishes on an EventBridge bus, in batches by count and size. Each refusal says whether it may pass. */
export function eventBridgeFactPublisher(client: EventBridgeClient, busName: string): FactPublisher {
  const put = async (batch: readonly OutgoingFact[]): Promise<Refusals> => {
    const command = new PutEventsCommand({ Entries: batch.map((fact) => entryOf(fact, busName)) });
    try {
      const { Entries = [] } = await client.send(command);
      // It answers 200 although it refused some: that is in its body.
      return batch.flatMap(({ factId }, at) => refusalsOf(factId, Entries[at]));
    } catch (error) {
      if (!isOfAnEntry(error)) return refusedAll(batch, error, true);
      if (batch.length === 1) return refusedAll(batch, error, false);
      const alone = await Promise.all(batch.map((fact) => put([fact])));
      return alone.flat();
    }
  };

  return {
    async publish(facts) {
      const written = facts.map((fact) => ({ ...fact, detail: escapedForSqs(fact.detail) }));
      const faults = written.flatMap((fact) => faultsOf(fact));
      const faulty = new Set(faults.map(([factId]) => factId));
      const refused = new Map(faults);
      for (const batch of batchesOf(written.filter(({ factId }) => !faulty.has(factId)))) {
        for (const [factId, refusal] of await put(batch)) refused.set(factId, refusal);
      }
      return refused;
    },
  };
}

const entryOf = ({ detailType, detail }: OutgoingFact, busName: string) => ({
  EventBusName: busName,
  Source: SOURCE,
  DetailType: detailType,
  Detail: detail,
});

/** What no call is worth: it would be refused, and might take its neighbours along. */
function faultsOf(fact: OutgoingFact): Refusals {
  const { factId, detailType } = fact;
  if (detailType.length > DETAIL_TYPE_CHARACTERS_MAX)
    return [[factId, { reason: `detailType: has more than ${DETAIL_TYPE_CHARACTERS_MAX} characters`, retry: false }]];
  if (bytesOf(fact) > ENTRY_BYTES_MAX)
    return [[factId, { reason: `detail: the entry has more than ${ENTRY_BYTES_MAX} bytes`, retry: false }]];
  return [];
}

/** UTF-8 of source, type and detail. Source: EventBridge guide, calculating PutEvents event entry size. */
const bytesOf = ({ detailType, detail }: OutgoingFact): number => Buffer.byteLength(SOURCE + detailType + detail);

/** In order, as many in a batch as count and size allow. */
function batchesOf(facts: readonly OutgoingFact[]): readonly (readonly OutgoingFact[])[] {
  const batches: OutgoingFact[][] = [];
  let bytes = 0;
  for (const fact of facts) {
    const size = bytesOf(fact);
    const last = batches.at(-1);
    if (last && last.length < ENTRIES_MAX && bytes + size <= BYTES_MAX) last.push(fact);
    else batches.push([fact]);
    bytes = last === batches.at(-1) ? bytes + size : size;
  }
  return batches;
}

function refusalsOf(factId: string, { EventId, ErrorCode = 'no answer' }: PutEventsResultEntry = {}): Refusals {
  if (EventId !== undefined) return [];
  return [[factId, { reason: `EventBridge refused it: ${ErrorCode}`, retry: !OF_THE_ENTRY.has(ErrorCode) }]];
}

function isOfAnEntry(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
  return OF_THE_CALL.has(error.name) || $metadata?.httpStatusCode === TOO_LARGE_STATUS;
}

function refusedAll(facts: readonly OutgoingFact[], error: unknown, retry: boolean): Refusals {
  const reason = `PutEvents failed: ${error instanceof Error ? error.name : 'unknown'}`;
  return facts.map(({ factId }) => [factId, { reason, retry }]);
}
