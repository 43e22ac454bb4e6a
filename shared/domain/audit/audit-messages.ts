/** Entries packed into messages for the writers of the logs: by customer, in order, as many as a message takes. */
import type { AuditEntries } from '../../../events/audit-entries';
import type { EncodedEntry } from './audit-entry';
import type { EventNames } from './dedupe-names';
import { jsonForSqs } from './json-text';
import { MESSAGE_BYTES_MAX } from './log/ports';

/** An entry on its way, and the names that its stream will know it by. */
export interface NamedEntry extends EncodedEntry {
  readonly names: EventNames;
  readonly deferred?: boolean;
}

/** An entry, and which of the events at hand it tells of. */
export interface Sourced {
  readonly event: number;
  readonly entry: NamedEntry;
}

export interface PackedMessage {
  readonly message: AuditEntries;
  /** The events that depend on this message being taken. */
  readonly events: readonly number[];
}

/** Messages of at most the size that a queue takes, each of one customer, in the order of the entries. */
export function packed(entries: readonly Sourced[]): readonly PackedMessage[] {
  const customerIds = [...new Set(entries.map(({ entry }) => entry.customerId))];
  return customerIds.flatMap((customerId) =>
    filled(entries.filter(({ entry }) => entry.customerId === customerId)).map((group) => ({
      message: { customerId, entries: group.map(({ entry }) => toMessage(entry)) },
      events: group.map(({ event }) => event),
    })),
  );
}

function filled(entries: readonly Sourced[]): readonly (readonly Sourced[])[] {
  const groups: Sourced[][] = [];
  let roomBytes = 0;
  for (const sourced of entries) {
    const sizeBytes = Buffer.byteLength(jsonForSqs(toMessage(sourced.entry)));
    if (sizeBytes > roomBytes) {
      groups.push([]);
      roomBytes = MESSAGE_BYTES_MAX;
    }
    groups.at(-1)?.push(sourced);
    roomBytes -= sizeBytes;
  }
  return groups;
}

const toMessage = ({ names, deferred, bytes }: NamedEntry): AuditEntries['entries'][number] => ({
  dedupeKeys: [...names.dedupeKeys],
  ...(names.supersededBy && { supersededBy: [...names.supersededBy] }),
  ...(deferred && { deferred }),
  json: Buffer.from(bytes).toString('utf8'),
});
