/** Appends entries to a customer's audit log: each exactly once, however often it comes. */

import type { AuditEntries } from '../../../events/audit-entries';
import { OPERATOR_ID } from '../customers/customer';
import type { CustomerLookup } from '../customers/customer-lookup';
import { hasCode, KeywrightError } from '../errors';
import type { ControlStore } from '../ports';
import { notRegistered } from '../require-row';
import { type IntegratePorts, integrate } from './log/integrate-entries';
import { ENTRY_BYTES_MAX, TILE_WIDTH } from './log/layout';
import { type AuditEntry, type AuditHead, BATCH_LIMITS } from './log/ports';

export interface AppendPorts extends IntegratePorts {
  readonly customers: Pick<CustomerLookup, 'customer'>;
  readonly control: Pick<ControlStore, 'find' | 'commit'>;
}

export interface Appended {
  readonly appended: number;
  /** Entries that were in the log already, or twice in the input. */
  readonly duplicates: number;
  /** Of the log, as its signed checkpoint says. */
  readonly size: number;
}

/**
 * Safe to repeat, and to die on any line: an entry whose keys are known is left out, and one that has its place but is
 * not in the log's files yet gets there with this call or the next one for that customer.
 *
 * @throws KeywrightError `state.not-found` when the stream is of nobody who is registered, `input.invalid` when an entry is too long, `state.changed-meanwhile` (retry),
 *   `audit.not-written` (retry), `audit.contradicted`, and what the ports throw.
 */
export async function appendAudit(input: AuditEntries, ports: AppendPorts): Promise<Appended> {
  const { customerId } = input;
  const [hasHeartbeat] = await Promise.all([
    ports.control.find('audit-log', customerId),
    refuseNobody(customerId, ports.customers),
  ]);
  const entries = input.entries.map(({ dedupeKeys, supersededBy = [], json }) => ({
    dedupeKeys,
    supersededBy,
    bytes: Buffer.from(json),
  }));
  refuseLong(customerId, entries);

  let head = await ports.sequence.head(customerId);
  const keys = [...new Set(entries.flatMap((entry) => [...entry.dedupeKeys, ...entry.supersededBy]))];
  const fresh = withoutKnown(entries, await ports.sequence.known(customerId, keys));
  for (const batch of batchesOf(fresh)) head = await ports.sequence.sequence(head, batch);
  // Also when nothing is new: an earlier run may have died after it had given out places.
  if (!mayWait(input, head, fresh.length)) head = await integrate(head, ports);
  if (!hasHeartbeat && head.integrated > 0) await beginHeartbeat(customerId, ports);
  return { appended: fresh.length, duplicates: entries.length - fresh.length, size: head.integrated };
}

/** From its first checkpoint on, and where an older version wrote it from the next one on. */
async function beginHeartbeat(customerId: string, { control, clock }: AppendPorts): Promise<void> {
  const row = { customerId, dueAt: clock.now(), revision: 0 };
  try {
    await control.commit({ writes: [{ entityType: 'audit-log', row }], facts: [] });
  } catch (error) {
    // Somebody else began it.
    if (!hasCode(error, 'state.changed-meanwhile')) throw error;
  }
}

/**
 * What writing a stream causes is in it from the moment that it has its place, and is signed with what comes next. A file's
 * worth of it is signed at once: few signatures for many entries, so that this too comes to rest.
 */
const mayWait = ({ entries }: AuditEntries, { size, integrated }: AuditHead, fresh: number): boolean =>
  entries.every(({ deferred }) => deferred) && files(size - integrated) === files(size - integrated - fresh);

const files = (entries: number) => Math.floor(entries / TILE_WIDTH);

/** An id that a message brings may be of any length. */
const ID_CHARACTERS_SHOWN = 100;

/** A stream is a registered customer's, or the operator's: a message makes none. */
async function refuseNobody(customerId: string, customers: AppendPorts['customers']): Promise<void> {
  if (customerId === OPERATOR_ID || (await customers.customer(customerId))) return;
  throw notRegistered('customer', customerId.slice(0, ID_CHARACTERS_SHOWN));
}

function refuseLong(customerId: string, entries: readonly AuditEntry[]): void {
  const at = entries.findIndex((entry) => entry.bytes.length > ENTRY_BYTES_MAX);
  const sizeBytes = entries[at]?.bytes.length;
  if (sizeBytes === undefined) return;
  const message = `Entry ${at} has ${sizeBytes} bytes; a log takes ${ENTRY_BYTES_MAX}. Cut its record and say so in it.`;
  throw new KeywrightError('input.invalid', message, { customerId, at, sizeBytes });
}

interface OfferedEntry extends AuditEntry {
  readonly supersededBy: readonly string[];
}

/**
 * The entries none of whose keys is known; the first only, where several share a key. What supersedes an entry does so
 * from the same message too, wherever in it it stands.
 */
function withoutKnown(entries: readonly OfferedEntry[], known: ReadonlySet<string>): readonly AuditEntry[] {
  const taken = new Set(known);
  const superseding = new Set([...known, ...entries.flatMap((entry) => entry.dedupeKeys)]);
  return entries.filter(({ dedupeKeys, supersededBy }) => {
    const isKnown = dedupeKeys.some((key) => taken.has(key)) || supersededBy.some((key) => superseding.has(key));
    for (const key of dedupeKeys) taken.add(key);
    return !isKnown;
  });
}

/** In order, each batch as large as one transaction takes. */
function batchesOf(entries: readonly AuditEntry[]): readonly (readonly AuditEntry[])[] {
  const batches: AuditEntry[][] = [];
  let room = { entries: 0, dedupeKeys: 0, bytes: 0 };
  for (const entry of entries) {
    const needs = { entries: 1, dedupeKeys: entry.dedupeKeys.length, bytes: entry.bytes.length + 2 };
    const fits = needs.entries <= room.entries && needs.dedupeKeys <= room.dedupeKeys && needs.bytes <= room.bytes;
    if (!fits) {
      batches.push([]);
      room = { ...BATCH_LIMITS };
    }
    batches.at(-1)?.push(entry);
    room = {
      entries: room.entries - needs.entries,
      dedupeKeys: room.dedupeKeys - needs.dedupeKeys,
      bytes: room.bytes - needs.bytes,
    };
  }
  return batches;
}
