/** Finding where JSON values end in bytes, without parsing them. */

export const BYTE = {
  tab: 0x09,
  lineFeed: 0x0a,
  carriageReturn: 0x0d,
  space: 0x20,
  quote: 0x22,
  comma: 0x2c,
  colon: 0x3a,
  openBracket: 0x5b,
  backslash: 0x5c,
  closeBracket: 0x5d,
  openBrace: 0x7b,
  closeBrace: 0x7d,
} as const;

/** The value goes on beyond the bytes at hand. */
export const MORE = -1;
/** A line ended where none may: in a string, or anywhere in a value when each line is a value of its own. */
export const BROKEN = -2;

export interface Scan {
  /** Where the value ends (exclusive), `MORE` or `BROKEN`. */
  end: number;
  /** How far was looked (exclusive): the end of the value, of the bytes at hand, or the line that ended in it. */
  reached: number;
  /** Whether there was no whitespace between the value's parts. */
  isCompact: boolean;
  /** Whether the value spans several lines. */
  hasLines: boolean;
  /** How many objects and arrays lie within each other at its deepest place, itself counted. */
  depth: number;
}

/**
 * Scans the value that begins at `start`. Braces and brackets are counted, not matched: JSON.parse has the last word.
 *
 * @param linesEnd a line feed ends the value, finished or not: JSON lines.
 */
export function scanValue(bytes: Uint8Array, start: number, linesEnd: boolean): Scan {
  const scan: Scan = { end: MORE, reached: bytes.length, isCompact: true, hasLines: false, depth: 0 };
  const first = bytes[start];
  if (first === BYTE.quote) scan.end = stringEnd(bytes, start, scan);
  else if (first === BYTE.openBrace || first === BYTE.openBracket) scan.end = nestedEnd(bytes, start, linesEnd, scan);
  else scan.end = scalarEnd(bytes, start);
  if (scan.end >= 0) scan.reached = scan.end;
  return scan;
}

function nestedEnd(bytes: Uint8Array, start: number, linesEnd: boolean, scan: Scan): number {
  let depth = 0;
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (byte === BYTE.quote) {
      const end = stringEnd(bytes, at, scan);
      if (end < 0) return end;
      at = end - 1;
    } else if (byte === BYTE.openBrace || byte === BYTE.openBracket) {
      depth++;
      if (depth > scan.depth) scan.depth = depth;
    } else if (byte === BYTE.closeBrace || byte === BYTE.closeBracket) {
      depth--;
      if (depth === 0) return at + 1;
    } else if (byte <= BYTE.space) {
      scan.isCompact = false;
      if (byte === BYTE.lineFeed) {
        if (linesEnd) return brokenAt(at, scan);
        scan.hasLines = true;
      }
    }
  }
  return MORE;
}

/** The end of the string whose opening quote is at `start`. */
function stringEnd(bytes: Uint8Array, start: number, scan: Scan): number {
  for (let at = start + 1; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (byte === BYTE.quote) return at + 1;
    if (byte === BYTE.backslash) at++;
    else if (byte === BYTE.lineFeed) return brokenAt(at, scan);
  }
  return MORE;
}

function brokenAt(lineFeed: number, scan: Scan): number {
  scan.reached = lineFeed;
  return BROKEN;
}

/** A number, a word, or junk: up to what may follow a value. */
function scalarEnd(bytes: Uint8Array, start: number): number {
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (byte <= BYTE.space || byte === BYTE.comma || byte === BYTE.closeBracket || byte === BYTE.closeBrace) {
      return at === start ? at + 1 : at;
    }
  }
  return MORE;
}

/** Whether a byte is whitespace between parts of JSON. */
export function isSpace(byte: number | undefined): boolean {
  return byte === BYTE.space || byte === BYTE.lineFeed || byte === BYTE.carriageReturn || byte === BYTE.tab;
}

/** The place of the first byte from there on that is no whitespace. */
export function afterSpaces(bytes: Uint8Array, start: number): number {
  let at = start;
  while (isSpace(bytes[at])) at++;
  return at;
}

/** AWS begins every record so: where to go on after a damaged one. */
const RECORD_START = Buffer.from('"eventVersion"');

/** How many bytes may precede a record start that is not yet whole: kept when bytes are let go. */
export const RECORD_START_BYTES = 64;

/** The opening brace of the first record that begins in [start, end), or -1. */
export function nextRecordStart(bytes: Buffer, start: number, end: number): number {
  const within = bytes.subarray(0, end + RECORD_START.length - 1);
  let name = within.indexOf(RECORD_START, start);
  while (name >= 0) {
    let brace = name - 1;
    while (brace >= start && isSpace(bytes[brace])) brace--;
    if (brace >= start && bytes[brace] === BYTE.openBrace) return brace;
    name = within.indexOf(RECORD_START, name + 1);
  }
  return -1;
}
