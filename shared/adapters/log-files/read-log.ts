/**
 * Reads one file: tells its sound CloudTrail records from what is wrong in it, and a damaged log from a file that is none.
 */

import { FileRefused } from 'safe-files/read-file';
import type { KmsRecord } from '../../../events/cloudtrail-kms-record';
import type { OtherRecord } from '../../../events/cloudtrail-record';
import { ContractViolation } from '../../../events/define-event';
import { partAt } from '../../domain/audit/raw-json';
import type { ReceivedRecord } from '../../domain/audit/received-record';
import { GzipBomb, GzipTrailed } from './gunzip';
import { looksLikeLog, readLogValue } from './log-value';
import type { SplitFault, SplitValue } from './split-state';
import { valueSplitter } from './split-values';

export interface LogSource {
  /** As it is reported: the path as it was given, `-` for standard input. */
  readonly name: string;
  /** Each line is a value of its own, by the file's name; otherwise the content tells. */
  readonly isLines: boolean;
  /** By its path it is no log of CloudTrail: then it need not hold one. */
  readonly isOthers: boolean;
  /** The decompressed bytes. `onRead` is told how many bytes of the file were read. */
  bytes(onRead: (count: number) => void): AsyncIterable<Uint8Array>;
}

export interface LogSink {
  /**
   * A sound record of KMS.
   *
   * @throws ContractViolation when it cannot be taken after all: it is then rejected as a damaged one is.
   */
  record(record: KmsRecord, received: ReceivedRecord): void;
  /** A sound record that is of no call of KMS. */
  other(kind: OtherRecord): void;
  rejected(index: number, reason: string): void;
  /** The file is sound as far as it can be, yet no log of calls. */
  skipped(kind: 'digest' | 'other-log'): void;
  /** Awaited after each chunk, so that what was taken can be written before more is read. */
  settle(): Promise<void>;
  read(bytes: number): void;
}

/** Rejections listed one by one; those beyond are counted in one more, so that a file of garbage fills no memory. */
const REJECTED_MAX = 1000;

/** Reads the file to its end. Throws nothing for what the file holds. */
export async function readLog(input: LogSource, sink: LogSink): Promise<void> {
  const splitter = valueSplitter({ lines: input.isLines });
  const object = objectOf(input.name);
  const held: SplitFault[] = [];
  let rejectedCount = 0;
  let isLog = false;
  let isDigest = false;

  function reject(fault: SplitFault): void {
    rejectedCount += 1;
    if (rejectedCount > REJECTED_MAX) return;
    if (isLog) sink.rejected(fault.index, fault.fault);
    else held.push(fault);
  }

  /** From here on the file counts as a log: what was held back is wrong in it one by one. */
  function recognise(): void {
    if (isLog) return;
    isLog = true;
    for (const { index, fault } of held.splice(0)) sink.rejected(index, fault);
  }

  function take(item: SplitValue | SplitFault): void {
    if (splitter.sawRecords) recognise();
    if ('fault' in item) {
      reject(item);
      return;
    }
    try {
      if (looksLikeLog(item.value)) recognise();
      const found = readLogValue(item.value);
      if (found.is === 'digest') {
        isDigest = true;
        return;
      }
      if (found.is === 'record') sink.record(found.record, receivedRecord(item, found.under, object));
      else sink.other(found.is);
      recognise();
    } catch (error) {
      if (!(error instanceof ContractViolation)) throw error;
      reject({ index: item.index, fault: error.message });
    }
  }

  let cause: string | undefined;
  const chunks = untilFailure(input.bytes(sink.read), (reason) => {
    cause = reason;
  });
  for await (const chunk of chunks) {
    for (const item of splitter.push(chunk)) take(item);
    await sink.settle();
  }
  for (const item of splitter.end(cause)) take(item);
  if (splitter.sawRecords) recognise();
  await sink.settle();

  if (isLog) reportRest(rejectedCount, sink);
  else if (isDigest) sink.skipped('digest');
  else if (input.isOthers) sink.skipped('other-log');
  else sink.rejected(0, `no CloudTrail log: ${held[0]?.fault ?? 'the file is empty'}`);
}

function receivedRecord({ received, index }: SplitValue, under: readonly string[], object: string): ReceivedRecord {
  const slice = under.length === 0 ? received : partAt(received.text, under);
  return { ...slice, provenance: { via: 'file', object, index } };
}

/** As it is in the bucket. What lies above is of the machine that reads, and nothing to whom the entry is for. */
function objectOf(path: string): string {
  const parts = path.split(/[\\/]/);
  const top = parts.lastIndexOf('AWSLogs');
  return parts.slice(top < 0 ? -1 : top).join('/');
}

function reportRest(rejectedCount: number, sink: LogSink): void {
  const rest = rejectedCount - REJECTED_MAX;
  if (rest > 0) sink.rejected(REJECTED_MAX, `${rest} more were rejected; the first ${REJECTED_MAX} are listed`);
}

/** What fails while the file is read is wrong with the file; what fails while its records are taken is not. */
async function* untilFailure(
  source: AsyncIterable<Uint8Array>,
  onFailure: (reason: string) => void,
): AsyncGenerator<Uint8Array> {
  try {
    yield* source;
  } catch (error) {
    onFailure(readFailure(error));
  }
}

/** Errors of node:fs and node:zlib have a code and a number. Any other error is a bug and goes on. */
function readFailure(error: unknown): string {
  if ([GzipBomb, GzipTrailed, FileRefused].some((known) => error instanceof known)) return Object(error).message;
  const { code, errno, message } = Object(error) as NodeJS.ErrnoException;
  if (code === undefined || errno === undefined) throw error;
  return code.startsWith('Z_') ? `the gzip data is damaged or ends early: ${message}` : `it cannot be read: ${message}`;
}
