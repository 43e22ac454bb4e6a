/**
 * Replays CloudTrail logs into the audit streams of the customers they concern.
 *
 * Safe to repeat: an event that a stream holds already is counted and not written again, so that the same files twice
 * change nothing. Memory does not grow with the size of the logs but for 17 bytes an event, to know it again.
 */

import type { KmsRecord } from '../../events/cloudtrail-kms-record';
import { keyUseOf } from '../../events/kms-key-use';
import { type EncodedEntry, entryOfRecord } from '../../shared/domain/audit/audit-entry';
import { namesOfOwn } from '../../shared/domain/audit/dedupe-names';
import type { ReceivedRecord } from '../../shared/domain/audit/received-record';
import { attribute } from '../../shared/domain/audit/whose-record';
import type { CustomerIndex } from '../../shared/domain/customers/customer-index';
import type { Input, Inputs } from './inputs';
import { type LeftOutKind, listOf } from './left-out';
import { readLog } from './read-log';
import { IN_INPUT, IN_STREAM, type SeenIds } from './seen-ids';
import type { Streams } from './streams';
import { type Counts, newCounts, type ReplaySummary } from './summary';

export interface ReplayPorts {
  readonly index: CustomerIndex;
  readonly streams: Streams;
  readonly seen: SeenIds;
  /** Told what was read and left out as it happens. */
  readonly onProgress: {
    file(name: string): void;
    read(bytes: number): void;
    skipped(file: string, kind: LeftOutKind): void;
  };
}

/** @param customerIds those who get a stream and a line in the summary whatever is found. */
export async function replay(
  { inputs, skipped }: Inputs,
  customerIds: readonly string[],
  ports: ReplayPorts,
): Promise<ReplaySummary> {
  const counts = newCounts();
  for (const { kind } of skipped) leaveOut(kind, counts);
  for (const customerId of customerIds) await ports.streams.open(customerId);
  for (const input of inputs) await replayFile(input, counts, ports);

  const ends = await ports.streams.close();
  const customers = [...ends].map(([customerId, { size, rootHash }]) => {
    return [customerId, { entries: counts.entries.get(customerId) ?? 0, treeSize: size, rootHash }] as const;
  });
  const { entries, leftOut, ...totals } = counts;
  return {
    ...totals,
    ...(leftOut.size > 0 && { skipped: listOf(leftOut) }),
    customers: Object.fromEntries(customers),
  };
}

function leaveOut(kind: LeftOutKind, { leftOut }: Counts): void {
  leftOut.set(kind, (leftOut.get(kind) ?? 0) + 1);
}

/** A record's entries, encoded and on their way to the streams. */
interface Taken {
  readonly names: readonly string[];
  /** None: the record belongs to nobody. */
  readonly entries: readonly EncodedEntry[];
}

async function replayFile(input: Input, counts: Counts, ports: ReplayPorts): Promise<void> {
  const { onProgress, index } = ports;
  let taken: Taken[] = [];

  onProgress.file(input.name);
  counts.files += 1;
  await readLog(input, {
    record(record, received) {
      taken.push(takenFrom(record, received, index));
      counts.kmsRecords += 1;
      counts.records += 1;
    },
    other(kind) {
      counts.records += 1;
      leaveOut(kind, counts);
    },
    async settle() {
      const settled = taken;
      taken = [];
      for (const one of settled) await write(one, counts, ports);
    },
    rejected: (at, reason) => counts.rejected.push({ file: input.name, index: at, reason }),
    skipped(kind) {
      counts.files -= 1;
      leaveOut(kind, counts);
      onProgress.skipped(input.name, kind);
    },
    read: onProgress.read,
  });
}

function takenFrom(record: KmsRecord, received: ReceivedRecord, index: CustomerIndex): Taken {
  const use = keyUseOf(record);
  const entries = attribute(use, index).map((concern) => entryOfRecord(record, use, concern, received));
  return { names: namesOfOwn(use).dedupeKeys, entries };
}

/** A record counts once: as attributed when it is new to any of its streams, else as a duplicate. */
async function write({ names, entries }: Taken, counts: Counts, { streams, seen }: ReplayPorts): Promise<void> {
  if (entries.length === 0) {
    counts[markAll(names, NOBODYS, seen) & IN_INPUT ? 'duplicates' : 'unattributed'] += 1;
    return;
  }
  let isNew = false;
  for (const { customerId, bytes } of entries) {
    const { number, log } = streams.opened(customerId) ?? (await streams.open(customerId));
    const before = markAll(names, number, seen);
    if (before & IN_INPUT) continue;
    isNew = true;
    counts.entries.set(customerId, (counts.entries.get(customerId) ?? 0) + 1);
    if (!(before & IN_STREAM)) log.append(bytes);
  }
  counts[isNew ? 'attributed' : 'duplicates'] += 1;
}

/** The stream number under which what belongs to nobody is remembered. */
const NOBODYS = 0;

/** Marks every name of an event as met. @returns the marks that any of them had before. */
function markAll(names: readonly string[], stream: number, seen: SeenIds): number {
  let before = 0;
  for (const name of names) before |= seen.mark(name, stream, IN_INPUT);
  return before;
}
