/** Damage costs what it hits: one stretch of it is one fault, and reading goes on at the next value that can be told. */
import { MORE, nextRecordStart, RECORD_START_BYTES, type Scan } from './json-scan';
import { faultAt, type Split, type SplitFault, VALUE_BYTES_MAX } from './split-state';

/**
 * What begins like a record within damage is scanned to see whether it is one, and may be damaged itself, to the same end.
 * So many bytes may be scanned in vain for each byte of the file, and so many in any file; then damage is passed over whole.
 */
const VAIN_PER_BYTE_MAX = 16;
const VAIN_BYTES_MAX = 16 * VALUE_BYTES_MAX;

export interface Damage {
  readonly problem: string;
  /** Where it ends (exclusive), as far as can be told. */
  readonly end: number;
  /** Values follow each other behind it as they should. Otherwise the place is lost until the next record begins. */
  readonly inOrder: boolean;
}

/** Reports damage from here on, unless it belongs to damage already reported, and finds where to go on. */
export function reportDamage(split: Split, scan: Scan, { problem, end, inOrder }: Damage): SplitFault | 'silent' {
  const start = split.offset + split.at;
  const isNew = start >= split.damagedUntil;
  const isLast = split.isOver && end === split.bytes.length && scan.end === MORE;
  split.damagedUntil = isLast ? Number.POSITIVE_INFINITY : Math.max(split.damagedUntil, split.offset + end);
  goOnBehind(split, scan, end, inOrder);
  return isNew ? faultAt(split, problem, start) : 'silent';
}

/** At a record that begins within the damage, else after it when values follow in order, else wherever the next record begins. */
function goOnBehind(split: Split, scan: Scan, end: number, inOrder: boolean): void {
  split.vainBytes += scan.reached - split.at;
  const isSpent = split.vainBytes > VAIN_BYTES_MAX + VAIN_PER_BYTE_MAX * (split.offset + split.bytes.length);
  const inner = isSpent ? -1 : nextRecordStart(split.bytes, split.at + 1, end);
  const behind = isSpent ? Math.max(end, scan.reached) : end;
  split.at = inner >= 0 ? inner : behind;
  split.isLost = inner < 0 && !inOrder;
  if (split.lines) split.place = 'top';
}

/** @returns whether a record's beginning was found; otherwise lets go of what cannot be part of one. */
export function findRecord(split: Split): boolean {
  const { bytes } = split;
  const start = nextRecordStart(bytes, split.at, bytes.length);
  split.at = start >= 0 ? start : Math.max(split.at, bytes.length - RECORD_START_BYTES);
  split.damagedUntil = split.offset + split.at;
  split.isLost = start < 0;
  if (split.isLost && split.isOver) split.at = bytes.length;
  return start >= 0;
}
