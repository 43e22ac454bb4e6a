/** What splitting a stream of bytes knows between two steps, and what it hands on. */
import type { JsonSlice } from '../../domain/audit/raw-json';
import { BYTE, isSpace } from './json-scan';

/** A record has at most 256 KB, 1 MB through EventBridge; the rest is room for indentation. Source: CloudTrail limits. */
export const VALUE_BYTES_MAX = 4 * 1024 * 1024;

const UTF8_BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

export interface SplitValue {
  /** Its place among the values of the file, damaged ones counted. */
  readonly index: number;
  readonly value: unknown;
  /** The value as it was received: the same JSON twice, as text and as UTF-8. */
  readonly received: JsonSlice & { readonly utf8: Uint8Array };
}

export interface SplitFault {
  readonly index: number;
  readonly fault: string;
}

/** What one step gives: `silent`, it gave nothing and the next can be made; `more`, the next needs more bytes. */
export type Step = SplitValue | SplitFault | 'silent' | 'more';

/**
 * `top`: between values. `list`: among the elements of an array. `records`: among those of `Records`. `rest`: after them, in the rest of
 * their object. `member`: there, behind a colon.
 */
export type Place = 'top' | 'list' | 'records' | 'rest' | 'member';

export interface Split {
  /** Bytes not yet dealt with, the place among them, and where in the input they begin. */
  bytes: Buffer;
  at: number;
  offset: number;
  /** The input is over, and why it ended early when that is known. */
  isOver: boolean;
  cause: string | undefined;

  place: Place;
  /** A line feed ends each value, finished or not: JSON lines. */
  lines: boolean;
  /** The index of the next value or fault. */
  index: number;
  sawRecords: boolean;

  /** Up to here in the input everything belongs to damage that was reported. */
  damagedUntil: number;
  /** Looking for the next record: the end of the damage is not known yet. */
  isLost: boolean;
  /** Bytes scanned in vain, so that no damage is scanned over and over. */
  vainBytes: number;
}

/** What is known before anything was read. @param lines Each line is a value of its own. */
export function newSplit(lines: boolean): Split {
  return {
    bytes: Buffer.alloc(0),
    at: 0,
    offset: 0,
    isOver: false,
    cause: undefined,
    place: 'top',
    lines,
    index: 0,
    sawRecords: false,
    damagedUntil: 0,
    isLost: false,
    vainBytes: 0,
  };
}

/** Lets go of what was dealt with and adds what came. */
export function addBytes(split: Split, chunk: Uint8Array): void {
  const rest = split.bytes.subarray(split.at);
  split.offset += split.at;
  split.at = 0;
  split.bytes =
    rest.length === 0 ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length) : Buffer.concat([rest, chunk]);
}

/** @returns whether there is a byte to look at. */
export function skipSpaces(split: Split): boolean {
  while (isSpace(split.bytes[split.at]) || isByteOrderMark(split)) split.at++;
  return split.at < split.bytes.length;
}

function isByteOrderMark({ bytes, at, offset }: Split): boolean {
  return offset + at < UTF8_BYTE_ORDER_MARK.length && bytes[at] === UTF8_BYTE_ORDER_MARK[offset + at];
}

/** The end of the line at hand, or of the bytes. */
export function lineEnd({ bytes, at }: Split): number {
  const feed = bytes.indexOf(BYTE.lineFeed, at);
  return feed < 0 ? bytes.length : feed;
}

/** Whether more bytes may come that belong to what is at hand. */
export function canGrow({ bytes, at, isOver }: Split): boolean {
  return !isOver && bytes.length - at <= VALUE_BYTES_MAX;
}

/** A fault that takes the next index. */
export function faultAt(split: Split, problem: string, byte: number): SplitFault {
  return { index: split.index++, fault: `${problem} (byte ${byte})` };
}
