/** Reads the value at hand, and tells what is wrong with one that cannot be read. */
import { isUtf8 } from 'node:buffer';
import { afterSpaces, BROKEN, BYTE, MORE, RECORD_START_BYTES, type Scan, scanValue } from './json-scan';
import { reportDamage } from './report-damage';
import { canGrow, faultAt, lineEnd, type Split, type Step, VALUE_BYTES_MAX } from './split-state';

/** Records nest some ten levels. Whoever walks through a value calls itself for each, and the stack holds some thousands. */
const VALUE_DEPTH_MAX = 256;

/** Reads the value that begins where the split is. */
export function readValue(split: Split): Step {
  const scan = scanValue(split.bytes, split.at, split.lines);
  if (scan.end === BROKEN) return brokenByLine(split, scan);
  if (scan.end === MORE) return unfinished(split, scan);
  const utf8 = split.bytes.subarray(split.at, scan.end);
  if (!isUtf8(utf8)) return unreadable(split, scan, 'it is not UTF-8 text');
  const text = utf8.toString('utf8');
  const value = parsed(text);
  if (value === undefined) return unreadable(split, scan, 'it is not valid JSON');
  const start = split.offset + split.at;
  stepBehind(split, scan);
  if (scan.depth > VALUE_DEPTH_MAX) return faultAt(split, `it is nested deeper than ${VALUE_DEPTH_MAX} levels`, start);
  return { index: split.index++, value, received: { text, utf8, isCompact: scan.isCompact } };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** It is sound, so that nothing in it is looked at: what looks like a record within was written by whoever filled it. */
function stepBehind(split: Split, { end, hasLines }: Scan): void {
  if (split.place === 'top' && !hasLines && split.bytes[split.at] === BYTE.openBrace) split.lines = true;
  split.at = end;
}

function unfinished(split: Split, scan: Scan): Step {
  if (canGrow(split)) return 'more';
  const end = split.bytes.length;
  if (!split.isOver) {
    return reportDamage(split, scan, { problem: `it is longer than ${VALUE_BYTES_MAX} bytes`, end, inOrder: false });
  }
  return reportDamage(split, scan, { problem: split.cause ?? 'the file ends in the middle of it', end, inOrder: true });
}

/** A line ended in a string. Where each line is a value the next one is sound; elsewhere the place is lost. */
function brokenByLine(split: Split, scan: Scan): Step {
  const problem = 'a line ends in the middle of it';
  const inOrder = split.lines || (split.place === 'top' && !scan.hasLines);
  return reportDamage(split, scan, { problem, end: inOrder ? lineEnd(split) : split.at + 1, inOrder });
}

/** What follows tells whether the value ended where it seemed to. */
function unreadable(split: Split, scan: Scan, problem: string): Step {
  const { bytes, place } = split;
  // A record may begin within and be named beyond.
  if (bytes.length < scan.end + RECORD_START_BYTES && canGrow(split)) return 'more';
  return place === 'top' ? unreadableLine(split, scan, problem) : unreadableElement(split, scan, problem);
}

function unreadableLine(split: Split, scan: Scan, problem: string): Step {
  const end = lineEnd(split);
  if (end === split.bytes.length && canGrow(split)) return 'more';
  return reportDamage(split, scan, { problem, end: Math.max(scan.end, end), inOrder: true });
}

function unreadableElement(split: Split, scan: Scan, problem: string): Step {
  const { bytes } = split;
  const next = afterSpaces(bytes, scan.end);
  const afterComma = bytes[next] === BYTE.comma ? afterSpaces(bytes, next + 1) : next;
  if (afterComma >= bytes.length && canGrow(split)) return 'more';
  return reportDamage(split, scan, { problem, end: scan.end, inOrder: isInOrder(bytes, next, afterComma) });
}

/** Whether what follows an element is what should: its list goes on or is closed. */
function isInOrder(bytes: Buffer, next: number, afterComma: number): boolean {
  if (bytes[next] === BYTE.comma) return bytes[afterComma] !== BYTE.quote;
  return bytes[next] === BYTE.closeBracket || next >= bytes.length;
}
