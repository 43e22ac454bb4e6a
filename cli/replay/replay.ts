/**
 * Replays CloudTrail logs into the audit streams of the customers they concern, and what concerns none into the operator's.
 *
 * Safe to repeat: an event that a stream holds already is counted and not written again, so that the same files twice
 * change nothing. Memory does not grow with the size of the logs but for 17 bytes an event, to know it again.
 */

import type { KmsRecord } from '../../events/cloudtrail-kms-record';
import { type KeyUse, keyUseOf } from '../../events/kms-key-use';
import { readLog } from '../../shared/adapters/log-files/read-log';
import { type EncodedEntry, entryOfRecord } from '../../shared/domain/audit/audit-entry';
import { namesOfOwn } from '../../shared/domain/audit/dedupe-names';
import type { ReceivedRecord } from '../../shared/domain/audit/received-record';
import { type Attribution, attribute } from '../../shared/domain/audit/whose-record';
import { OPERATOR_ID } from '../../shared/domain/customers/customer';
import type { CustomerIndex } from '../../shared/domain/customers/customer-index';
import type { Input, Inputs } from './inputs';
import { type LeftOutKind, listOf } from './left-out';
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
  const streams = [...ends].map(([customerId, { size, rootHash }]) => {
    return [customerId, { entries: counts.entries.get(customerId) ?? 0, treeSize: size, rootHash }] as const;
  });
  const { [OPERATOR_ID]: operator, ...customers } = Object.fromEntries(streams);
  const { entries, leftOut, ...totals } = counts;
  return {
    ...totals,
    ...(leftOut.size > 0 && { skipped: listOf(leftOut) }),
    ...(operator && { operator }),
    customers,
  };
}

function leaveOut(kind: LeftOutKind, { leftOut }: Counts): void {
  leftOut.set(kind, (leftOut.get(kind) ?? 0) + 1);
}

/** A record's entries, encoded and on their way to the streams. */
interface Taken {
  readonly names: readonly string[];
  /** One: the operator's, where the record is no customer's. */
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
  const concerned = attribute(use, index);
  const streams = concerned.length > 0 ? concerned : [operators(use)];
  const entries = streams.map((concern) => entryOfRecord(record, use, concern, received));
  return { names: namesOfOwn(use).dedupeKeys, entries };
}

const operators = ({ keys }: KeyUse): Attribution => ({ customerId: OPERATOR_ID, keys, isPartial: false });

/** A record counts once: when it is new to any of its streams, as attributed or as nobody's; else as a duplicate. */
async function write({ names, entries }: Taken, counts: Counts, { streams, seen }: ReplayPorts): Promise<void> {
  let isNew = false;
  for (const { customerId, bytes } of entries) {
    const { number, log } = streams.opened(customerId) ?? (await streams.open(customerId));
    const before = markAll(names, number, seen);
    if (before & IN_INPUT) continue;
    isNew = true;
    counts.entries.set(customerId, (counts.entries.get(customerId) ?? 0) + 1);
    if (!(before & IN_STREAM)) log.append(bytes);
  }
  const isNobodys = entries.every(({ customerId }) => customerId === OPERATOR_ID);
  counts[isNew ? (isNobodys ? 'unattributed' : 'attributed') : 'duplicates'] += 1;
}

/** Marks every name of an event as met. @returns the marks that any of them had before. */
function markAll(names: readonly string[], stream: number, seen: SeenIds): number {
  let before = 0;
  for (const name of names) before |= seen.mark(name, stream, IN_INPUT);
  return before;
}
