/**
 * Splits a stream of bytes into the values that a log holds, one at a time and without reading the whole: the elements
 * of `{"Records":[…]}`, those of a plain array, and values that follow each other, such as JSON lines.
 *
 * Damage costs what it hits. After a value that cannot be read, reading goes on at the next value, and where it is not
 * clear where that is, at the next place where a CloudTrail record begins. One stretch of damage is one fault.
 */
import { isUtf8 } from 'node:buffer';
import {
  afterSpaces,
  BROKEN,
  BYTE,
  isSpace,
  MORE,
  newScan,
  nextRecordStart,
  RECORD_START_BYTES,
  scanValue,
} from './json-scan';

/** A record has at most 256 KB, 1 MB through EventBridge; the rest is room for indentation. Source: CloudTrail limits. */
export const VALUE_BYTES_MAX = 4 * 1024 * 1024;

/** Records nest some ten levels. Whoever walks through a value calls itself for each, and the stack holds some thousands. */
const VALUE_DEPTH_MAX = 256;

/**
 * What begins like a record within damage is scanned to see whether it is one, and may be damaged itself, to the same end.
 * So many bytes may be scanned in vain for each byte of the file, and so many in any file; then damage is passed over whole.
 */
const VAIN_PER_BYTE_MAX = 16;
const VAIN_BYTES_MAX = 16 * VALUE_BYTES_MAX;

const UTF8_BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

export interface SplitValue {
  /** Its place among the values of the file, damaged ones counted. */
  readonly index: number;
  readonly value: unknown;
  /** The value as it was received; undefined when it had whitespace between its parts. */
  readonly received: { readonly text: string; readonly utf8: Uint8Array } | undefined;
}

export interface SplitFault {
  readonly index: number;
  readonly fault: string;
}

export interface ValueSplitter {
  push(chunk: Uint8Array): Generator<SplitValue | SplitFault>;
  /**
   * The input is over.
   *
   * @param cause why it ended early, when that is known: reported even if the values seem complete.
   */
  end(cause?: string): Generator<SplitValue | SplitFault>;
  /** Whether a `Records` array was seen: then the file is a CloudTrail log, however many records it has. */
  readonly sawRecords: boolean;
}

/** `top`: between values. `elements`: in an array of values. `closing`: after `Records`, in the rest of its object. */
type Place = 'top' | 'elements' | 'closing';

export function valueSplitter(options: { readonly lines: boolean }): ValueSplitter {
  const scan = newScan();
  let lines = options.lines;
  let place: Place = 'top';
  let inRecords = false;
  /** In the rest after `Records`: the next value is that of a member. */
  let isAfterColon = false;
  let sawRecords = false;
  let index = 0;
  /** Bytes not yet dealt with, the place among them, and where in the input they begin. */
  let bytes: Buffer = Buffer.alloc(0);
  let at = 0;
  let offset = 0;
  /** Up to here in the input everything belongs to damage that was reported. */
  let damagedUntil = 0;
  /** Bytes scanned in vain so far. */
  let vainBytes = 0;
  /** Looking for the next record: the end of the damage is not known yet. */
  let isLost = false;
  let isOver = false;
  let cause: string | undefined;

  function* run(): Generator<SplitValue | SplitFault> {
    while (isLost ? findRecord() : skipSeparators()) {
      if (place === 'elements' && bytes[at] === BYTE.closeBracket) leaveArray();
      else if (place === 'closing') {
        if (bytes[at] === BYTE.openBrace && !isAfterColon) yield reopenArray();
        else {
          const step = stepOverRest();
          if (step === 'more') return;
          if (typeof step === 'object') yield step;
        }
      } else {
        const step = enterArray() ?? readValue();
        if (step === 'more') return;
        if (typeof step === 'object') yield step;
      }
    }
  }

  /** @returns whether there is a byte to look at. */
  function skipSeparators(): boolean {
    while (isSpace(bytes[at]) || isByteOrderMark() || (place === 'top' ? isLeftOver() : bytes[at] === BYTE.comma)) at++;
    return at < bytes.length;
  }

  /** What closes or separates nothing, because damage took what it belongs to. */
  function isLeftOver(): boolean {
    const byte = bytes[at];
    return damagedUntil > 0 && (byte === BYTE.closeBracket || byte === BYTE.closeBrace || byte === BYTE.comma);
  }

  function isByteOrderMark(): boolean {
    return offset + at < UTF8_BYTE_ORDER_MARK.length && bytes[at] === UTF8_BYTE_ORDER_MARK[offset + at];
  }

  /** @returns whether a record's beginning was found; otherwise lets go of what cannot be part of one. */
  function findRecord(): boolean {
    const start = nextRecordStart(bytes, at, bytes.length);
    at = start >= 0 ? start : Math.max(at, bytes.length - RECORD_START_BYTES);
    damagedUntil = offset + at;
    isLost = start < 0;
    if (isLost && isOver) at = bytes.length;
    return start >= 0;
  }

  /** Steps into an array, or into an object that holds `Records`. */
  function enterArray(): 'entered' | 'more' | undefined {
    if (place !== 'top') return undefined;
    if (bytes[at] === BYTE.openBracket) {
      at++;
      place = 'elements';
      inRecords = false;
      return 'entered';
    }
    const inside = bytes[at] === BYTE.openBrace ? recordsArray() : undefined;
    if (inside === undefined) return undefined;
    if (inside === MORE) return tooLong() || isOver ? undefined : 'more';
    at = inside;
    place = 'elements';
    inRecords = true;
    sawRecords = true;
    return 'entered';
  }

  /** Where the elements of `Records` begin in the object at hand; undefined when it has none, or is no object. */
  function recordsArray(): number | undefined {
    let next = at + 1;
    for (;;) {
      next = afterSpaces(bytes, next);
      if (bytes[next] === BYTE.comma) next = afterSpaces(bytes, next + 1);
      if (next >= bytes.length) return MORE;
      if (bytes[next] !== BYTE.quote) return undefined;
      scanValue(bytes, next, lines, scan);
      if (scan.end < 0) return scan.end === MORE ? MORE : undefined;
      const isRecords = bytes.toString('latin1', next, scan.end) === '"Records"';
      next = afterSpaces(bytes, scan.end);
      if (next >= bytes.length) return MORE;
      if (bytes[next] !== BYTE.colon) return undefined;
      next = afterSpaces(bytes, next + 1);
      if (next >= bytes.length) return MORE;
      if (isRecords && bytes[next] === BYTE.openBracket) return next + 1;
      scanValue(bytes, next, lines, scan);
      if (scan.end < 0) return scan.end === MORE ? MORE : undefined;
      next = scan.end;
    }
  }

  function leaveArray(): void {
    at++;
    place = inRecords ? 'closing' : 'top';
  }

  /** A value without a name where members should follow: the list went on, and its bracket is the damage. */
  function reopenArray(): SplitFault {
    place = 'elements';
    // What begins here may be the damage itself.
    damagedUntil = offset + at + 1;
    return { index: index++, fault: `the list of records is closed before its end (byte ${offset + at - 1})` };
  }

  /** One step through what follows `Records` in its object. */
  function stepOverRest(): SplitFault | 'silent' | 'more' {
    if (bytes[at] === BYTE.closeBrace) {
      at++;
      place = 'top';
      return 'silent';
    }
    if (bytes[at] === BYTE.colon) {
      at++;
      isAfterColon = true;
      return 'silent';
    }
    scanValue(bytes, at, lines, scan);
    if (scan.end === MORE && !tooLong()) return 'more';
    isAfterColon = false;
    if (scan.end === MORE) {
      place = 'elements';
      return damaged(bytes.length, `what follows the list of records is longer than ${VALUE_BYTES_MAX} bytes`, false);
    }
    at = scan.reached;
    if (scan.end === BROKEN && lines) place = 'top';
    return 'silent';
  }

  function readValue(): SplitValue | SplitFault | 'silent' | 'more' {
    scanValue(bytes, at, lines, scan);
    const { end, isCompact, hasLines, depth } = scan;
    if (end === BROKEN) return brokenByLine(hasLines);
    if (end === MORE) {
      if (isOver) return damaged(bytes.length, cause ?? 'the file ends in the middle of it');
      return tooLong() ? damaged(bytes.length, `it is longer than ${VALUE_BYTES_MAX} bytes`, false) : 'more';
    }
    const utf8 = bytes.subarray(at, end);
    const text = isUtf8(utf8) ? utf8.toString('utf8') : undefined;
    const value = text === undefined ? undefined : parsed(text);
    if (text === undefined || value === undefined) return unreadable(end, text);
    if (place === 'top' && !hasLines && bytes[at] === BYTE.openBrace) lines = true;
    const start = offset + at;
    at = end;
    // It is sound, so that nothing in it is looked at: what looks like a record within was written by whoever filled it.
    if (depth > VALUE_DEPTH_MAX) {
      return { index: index++, fault: `it is nested deeper than ${VALUE_DEPTH_MAX} levels (byte ${start})` };
    }
    return { index: index++, value, received: isCompact ? { text, utf8 } : undefined };
  }

  /** A line ended in a string. Where each line is a value the next one is sound; elsewhere the place is lost. */
  function brokenByLine(hasLines: boolean): SplitFault | 'silent' {
    const problem = 'a line ends in the middle of it';
    return lines || (place === 'top' && !hasLines) ? damaged(lineEnd(), problem) : damaged(at + 1, problem, false);
  }

  /** What follows tells whether the value ended where it seemed to. */
  function unreadable(end: number, text: string | undefined): SplitFault | 'silent' | 'more' {
    const problem = text === undefined ? 'it is not UTF-8 text' : 'it is not valid JSON';
    // A record may begin within and be named beyond.
    if (bytes.length < end + RECORD_START_BYTES && !isOver && !tooLong()) return 'more';
    if (place === 'top') {
      const nextLine = lineEnd();
      return nextLine === bytes.length && !isOver && !tooLong() ? 'more' : damaged(Math.max(end, nextLine), problem);
    }
    const next = afterSpaces(bytes, end);
    const afterComma = bytes[next] === BYTE.comma ? afterSpaces(bytes, next + 1) : next;
    if (afterComma >= bytes.length && !isOver && !tooLong()) return 'more';
    return damaged(end, problem, isInOrder(next, afterComma));
  }

  function isInOrder(next: number, afterComma: number): boolean {
    if (bytes[next] === BYTE.comma) return bytes[afterComma] !== BYTE.quote;
    return bytes[next] === BYTE.closeBracket || next >= bytes.length;
  }

  /**
   * Reports damage from here to `end`, unless it belongs to damage already reported, and finds where to go on: at a
   * record that begins within, else after it when values follow in order, else wherever the next record begins.
   */
  function damaged(end: number, problem: string, inOrder = true): SplitFault | 'silent' {
    const start = offset + at;
    const isNew = start >= damagedUntil;
    const isEnd = isOver && end === bytes.length && scan.end === MORE;
    damagedUntil = isEnd ? Number.POSITIVE_INFINITY : Math.max(damagedUntil, offset + end);
    vainBytes += scan.reached - at;
    const isSpent = vainBytes > VAIN_BYTES_MAX + VAIN_PER_BYTE_MAX * (offset + bytes.length);
    const inner = isSpent ? -1 : nextRecordStart(bytes, at + 1, end);
    at = inner >= 0 ? inner : isSpent ? Math.max(end, scan.reached) : end;
    isLost = inner < 0 && !inOrder;
    if (lines) place = 'top';
    return isNew ? { index: index++, fault: `${problem} (byte ${start})` } : 'silent';
  }

  function lineEnd(): number {
    const feed = bytes.indexOf(BYTE.lineFeed, at);
    return feed < 0 ? bytes.length : feed;
  }

  function lengthWithoutSpaces(): number {
    let end = bytes.length;
    while (isSpace(bytes[end - 1])) end--;
    return end;
  }

  function tooLong(): boolean {
    return bytes.length - at > VALUE_BYTES_MAX;
  }

  return {
    *push(chunk) {
      const rest = bytes.subarray(at);
      offset += at;
      at = 0;
      bytes =
        rest.length === 0 ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length) : Buffer.concat([rest, chunk]);
      yield* run();
    },
    *end(known) {
      isOver = true;
      cause = known;
      yield* run();
      const isReported = isLost || damagedUntil >= offset + lengthWithoutSpaces();
      if (known === undefined ? place === 'top' || isReported : damagedUntil === Number.POSITIVE_INFINITY) return;
      const problem = known ?? 'the file ends before its list of records is closed';
      yield { index, fault: `${problem} (byte ${offset + bytes.length})` };
    },
    get sawRecords() {
      return sawRecords;
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
