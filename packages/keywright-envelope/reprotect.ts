/**
 * Goes through an application's own records and protects those anew that a compromised data key still protects.
 *
 * The application reads its records in an order of its own and writes them on its own conditions; it can stop at any
 * moment and go on from the last place that it was told. A record that failed, or that somebody changed meanwhile, is
 * counted as left: the next scan looks at it again. A data store is clear when a scan leaves none.
 */
import type { RecordScan } from '../../shared/domain/compromise/compromise';
import type { ErrorCode } from '../../shared/domain/errors';
import { inParallel } from '../../shared/domain/parallel-work';
import type { Envelope } from './envelope';
import { EnvelopeError, type EnvelopeErrorCode } from './errors';
import type { Place } from './place';

export interface Reprotection<Item> {
  readonly envelope: Pick<Envelope, 'decryptAndRenew'>;
  readonly place: Place;
  /** Every record of the place, or those behind the last place told. */
  readonly records: AsyncIterable<Item> | Iterable<Item>;
  readonly containerOf: (record: Item) => Uint8Array;
  /** Stores the container in place of the one read. @returns false when the record is another one by now. */
  readonly write: (record: Item, renewed: Uint8Array) => Promise<boolean>;
  /** Told after each batch: every record up to and with `last` has been looked at. Awaited. */
  readonly onProgress?: (scan: RecordScan, last: Item) => Promise<void> | void;
  /** Told of each record that cannot be read. It is counted as left. */
  readonly onUnreadable?: (record: Item, code: EnvelopeErrorCode) => void;
  /** What an earlier run of the same scan had come to. */
  readonly from?: RecordScan;
  /** Records in work at the same time. */
  readonly concurrency?: number;
  readonly nowMs?: () => number;
}

/** Records between two reports. */
const BATCH = 100;
const CONCURRENCY = 8;

/**
 * Scans. Safe to repeat: what is protected anew is left alone.
 *
 * @returns what it came to; hand it to `confirm-none-left` when nothing is left.
 * @throws EnvelopeError `KEY_UNAVAILABLE`, `UNKNOWN_DATA_STORE`, `INVALID_ARGUMENT`, and what the application's own calls
 *   throw: nothing behind the last place told counts as looked at.
 */
export async function reprotect<Item>(work: Reprotection<Item>): Promise<RecordScan> {
  const nowMs = work.nowMs ?? Date.now;
  let scan = work.from ?? { startedAt: new Date(nowMs()).toISOString(), looked: 0, reprotected: 0, left: 0 };
  for await (const batch of batchesOf(work.records)) {
    scan = added(scan, await worked(batch, work));
    const last = batch.at(-1);
    if (last !== undefined) await work.onProgress?.(scan, last);
  }
  return scan;
}

async function* batchesOf<Item>(records: AsyncIterable<Item> | Iterable<Item>): AsyncIterable<readonly Item[]> {
  let batch: Item[] = [];
  for await (const record of records) {
    batch.push(record);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

type Outcome = 'clear' | 'reprotected' | 'left';

async function worked<Item>(batch: readonly Item[], work: Reprotection<Item>): Promise<readonly Outcome[]> {
  const concurrency = work.concurrency ?? CONCURRENCY;
  const { succeeded, failed } = await inParallel(batch, concurrency, (record) => renewed(record, work));
  if (failed.length > 0) throw failed[0];
  return succeeded;
}

const UNREADABLE: readonly EnvelopeErrorCode[] = ['UNKNOWN_DATA_KEY', 'TAMPERED', 'NOT_PROTECTED_DATA'];
/** What is wrong with a data key's row, not with the key that it is under. */
const NOT_ITS_ROW: readonly unknown[] = ['store.row-misplaced', 'kms.ciphertext-refused'] satisfies ErrorCode[];

/** Of this record alone: whatever else goes wrong goes wrong for all that follow, too. */
const isOfThisRecord = (error: unknown): error is EnvelopeError =>
  error instanceof EnvelopeError && (UNREADABLE.includes(error.code) || NOT_ITS_ROW.includes(error.reason));

async function renewed<Item>(record: Item, work: Reprotection<Item>): Promise<Outcome> {
  try {
    const answer = await work.envelope.decryptAndRenew(work.place, work.containerOf(record));
    if (!answer.renewed) return 'clear';
    return (await work.write(record, answer.renewed)) ? 'reprotected' : 'left';
  } catch (error) {
    if (!isOfThisRecord(error)) throw error;
    work.onUnreadable?.(record, error.code);
    return 'left';
  }
}

function added(scan: RecordScan, outcomes: readonly Outcome[]): RecordScan {
  const count = (wanted: Outcome) => outcomes.filter((outcome) => outcome === wanted).length;
  return {
    startedAt: scan.startedAt,
    looked: scan.looked + outcomes.length,
    reprotected: scan.reprotected + count('reprotected'),
    left: scan.left + count('left'),
  };
}
