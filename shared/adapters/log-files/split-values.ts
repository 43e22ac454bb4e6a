/**
 * Splits a stream of bytes into the values that a log holds, one at a time and without reading the whole: the elements
 * of `{"Records":[…]}`, those of a plain array, and values that follow each other, such as JSON lines.
 *
 * `ACTIONS` says what each byte means in each place. Damage costs what it hits: after a value that cannot be read, reading goes on
 * at the next value, and where it is not clear where that is, at the next place where a CloudTrail record begins.
 */
import { BROKEN, BYTE, isSpace, MORE, type Scan, scanValue } from './json-scan';
import { readValue } from './read-value';
import { recordsStart } from './records-start';
import { findRecord, reportDamage } from './report-damage';
import {
  addBytes,
  canGrow,
  faultAt,
  newSplit,
  type Place,
  type Split,
  type SplitFault,
  type SplitValue,
  type Step,
  skipSpaces,
  VALUE_BYTES_MAX,
} from './split-state';

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

type Action = (split: Split) => Step;

/** By the byte at hand. */
interface Actions {
  readonly [byte: number]: Action;
  readonly other: Action;
}

const ACTIONS: Readonly<Record<Place, Actions>> = {
  top: {
    [BYTE.openBracket]: moveTo('list'),
    [BYTE.openBrace]: openObject,
    [BYTE.comma]: skipLeftOver,
    [BYTE.closeBracket]: skipLeftOver,
    [BYTE.closeBrace]: skipLeftOver,
    other: readValue,
  },
  list: { [BYTE.comma]: moveTo('list'), [BYTE.closeBracket]: moveTo('top'), other: readValue },
  records: { [BYTE.comma]: moveTo('records'), [BYTE.closeBracket]: moveTo('rest'), other: readValue },
  rest: {
    [BYTE.comma]: moveTo('rest'),
    [BYTE.colon]: moveTo('member'),
    [BYTE.closeBrace]: moveTo('top'),
    [BYTE.openBrace]: reopenRecords,
    other: stepOver,
  },
  member: {
    [BYTE.comma]: moveTo('member'),
    [BYTE.colon]: moveTo('member'),
    [BYTE.closeBrace]: moveTo('top'),
    other: stepOver,
  },
};

/** @param options `lines`: each line is a value of its own, whatever is wrong in it. */
export function valueSplitter(options: { readonly lines: boolean }): ValueSplitter {
  const split = newSplit(options.lines);
  return {
    *push(chunk) {
      addBytes(split, chunk);
      yield* stepThrough(split);
    },
    *end(cause) {
      split.isOver = true;
      split.cause = cause;
      yield* stepThrough(split);
      if (!isEndExplained(split)) yield faultAtEnd(split);
    },
    get sawRecords() {
      return split.sawRecords;
    },
  };
}

function* stepThrough(split: Split): Generator<SplitValue | SplitFault> {
  while (split.isLost ? findRecord(split) : skipSpaces(split)) {
    const actions = ACTIONS[split.place];
    const step = (actions[split.bytes[split.at] as number] ?? actions.other)(split);
    if (step === 'more') return;
    if (step !== 'silent') yield step;
  }
}

function moveTo(place: Place): Action {
  return (split) => {
    split.at++;
    split.place = place;
    return 'silent';
  };
}

/** After damage, what closes or separates nothing: the damage took what it belongs to. */
function skipLeftOver(split: Split): Step {
  if (split.damagedUntil === 0) return readValue(split);
  split.at++;
  return 'silent';
}

/** Steps into an object that holds `Records`; any other is a value. */
function openObject(split: Split): Step {
  const start = recordsStart(split.bytes, split.at, split.lines);
  if (start === MORE && canGrow(split)) return 'more';
  if (start < 0) return readValue(split);
  split.at = start;
  split.place = 'records';
  split.sawRecords = true;
  return 'silent';
}

/** A value without a name where members should follow: the list went on, and its bracket is the damage. */
function reopenRecords(split: Split): Step {
  split.place = 'records';
  const start = split.offset + split.at;
  // What begins here may be the damage itself.
  split.damagedUntil = start + 1;
  return faultAt(split, 'the list of records is closed before its end', start - 1);
}

/** Steps over a name or a value after `Records` in its object. */
function stepOver(split: Split): Step {
  const scan = scanValue(split.bytes, split.at, split.lines);
  if (scan.end === MORE) return canGrow(split) || split.isOver ? 'more' : restTooLong(split, scan);
  split.place = scan.end === BROKEN && split.lines ? 'top' : 'rest';
  split.at = scan.reached;
  return 'silent';
}

function restTooLong(split: Split, scan: Scan): Step {
  split.place = 'records';
  const problem = `what follows the list of records is longer than ${VALUE_BYTES_MAX} bytes`;
  return reportDamage(split, scan, { problem, end: split.bytes.length, inOrder: false });
}

/** Whether the values end where the input does, or what was reported says why they do not. */
function isEndExplained(split: Split): boolean {
  if (split.cause !== undefined) return split.damagedUntil === Number.POSITIVE_INFINITY;
  return split.place === 'top' || split.isLost || split.damagedUntil >= split.offset + lengthWithoutSpaces(split.bytes);
}

function lengthWithoutSpaces(bytes: Buffer): number {
  let end = bytes.length;
  while (isSpace(bytes[end - 1])) end--;
  return end;
}

function faultAtEnd(split: Split): SplitFault {
  const problem = split.cause ?? 'the file ends before its list of records is closed';
  return faultAt(split, problem, split.offset + split.bytes.length);
}
