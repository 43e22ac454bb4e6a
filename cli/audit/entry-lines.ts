/** An entry as a line: of a file for programs, or for a person to read. */
import { afterSpaces, BYTE, scanValue } from '../../shared/adapters/log-files/json-scan';

/** What `export` writes: the entry itself, or the CloudTrail record in it. */
export const FORMATS = ['entries', 'cloudtrail'] as const;
export type Format = (typeof FORMATS)[number];

/** The bytes of an entry in that format; undefined for an entry that holds no record: a fact. */
export function formatted(entry: Uint8Array, format: Format): Uint8Array | undefined {
  return format === 'entries' ? entry : memberOf(entry, 'record');
}

/** The value of an outermost member, byte for byte. The entry has been read as JSON before. */
function memberOf(entry: Uint8Array, name: string): Uint8Array | undefined {
  let at = afterSpaces(entry, 1);
  while (entry[at] === BYTE.quote) {
    const nameEnd = scanValue(entry, at, false).end;
    const valueStart = afterSpaces(entry, afterSpaces(entry, nameEnd) + 1);
    const valueEnd = scanValue(entry, valueStart, false).end;
    const found: unknown = JSON.parse(Buffer.from(entry.subarray(at, nameEnd)).toString());
    if (found === name) return entry.subarray(valueStart, valueEnd);
    at = afterSpaces(entry, afterSpaces(entry, valueEnd) + 1);
  }
  return undefined;
}

/** The members of an entry that people are shown. */
export interface EntryView {
  readonly eventId?: string;
  readonly sharedEventId?: string;
  readonly at?: string;
  readonly kind?: string;
  readonly operation?: string;
  readonly outcome?: string;
  readonly errorCode?: string;
  readonly kmsKeyArns?: readonly string[];
  readonly caller?: { readonly arn?: string };
}

/** Reads an entry that was verified. */
export const viewOf = (entry: Uint8Array): EntryView => JSON.parse(Buffer.from(entry).toString());

const COLUMNS = 80;

/** Two lines: what was done when, with which result; and by whom, where that is said. */
export function lineOf(index: number, entry: Uint8Array): string {
  const { at = '', operation = '', outcome = '', errorCode = '', caller } = viewOf(entry);
  const what = `${String(index).padStart(8)}  ${at}  ${operation}  ${outcome} ${errorCode}`.trimEnd();
  return [what, ...(caller?.arn === undefined ? [] : [`          ${caller.arn}`])].map(shortened).join('\n');
}

const shortened = (line: string): string => (line.length > COLUMNS ? `${line.slice(0, COLUMNS - 1)}…` : line);
