/**
 * Whose an entry is, and that it says so in one way only. The rest of an entry is nothing to the verifier:
 * docs/audit-log-format.md describes it.
 */

import { isUtf8 } from 'node:buffer';

export type EntryFault = 'entry-malformed' | 'foreign-entry';

/** The customer whom a log's origin names: its last part, percent-encoded. Undefined when it is not encoded so. */
export function customerOf(origin: string): string | undefined {
  try {
    return decodeURIComponent(origin.slice(origin.lastIndexOf('/') + 1));
  } catch {
    return undefined;
  }
}

/**
 * A check that entries are of the customer whom the log's origin names. Each is one line, a JSON object that says so in
 * its member `customerId`. A member that is there twice would be read one way by one program and another way by the next.
 */
export function faultIn(origin: string): (entry: Uint8Array) => EntryFault | undefined {
  const customerId = customerOf(origin);
  return (entry) => {
    const members = membersOf(Buffer.from(entry.buffer, entry.byteOffset, entry.byteLength));
    if (members === undefined) return 'entry-malformed';
    return customerId === undefined || members['customerId'] !== customerId ? 'foreign-entry' : undefined;
  };
}

const [QUOTE, COMMA, BACKSLASH, LINE_FEED, CARRIAGE_RETURN] = [0x22, 0x2c, 0x5c, 0x0a, 0x0d];
const [OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET] = [0x7b, 0x7d, 0x5b, 0x5d];

/**
 * The members of the object. Undefined when it is none, holds a member twice or a line break, or has something before or
 * behind it. What is within a member is read as well: it would be signed for, and read by nobody, if it were no JSON.
 */
function membersOf(entry: Buffer): Readonly<Record<string, unknown>> | undefined {
  if (entry[0] !== OPEN_BRACE || entry.at(-1) !== CLOSE_BRACE || !isUtf8(entry)) return undefined;
  if (entry.includes(LINE_FEED) || entry.includes(CARRIAGE_RETURN)) return undefined;
  const members = parsed(entry.toString('utf8'));
  return members !== undefined && Object.keys(members).length === memberCount(entry) ? members : undefined;
}

/** How many members the object has that JSON.parse has read, those counted that are there twice. */
function memberCount(entry: Buffer): number {
  let depth = 0;
  let commas = 0;
  for (let at = 0; at < entry.length; at += 1) {
    const byte = entry[at];
    if (byte === QUOTE) at = closingQuote(entry, at);
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth += 1;
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth -= 1;
    else if (byte === COMMA && depth === 1) commas += 1;
  }
  return commas + 1;
}

/** Where the string that begins there ends. */
function closingQuote(entry: Buffer, start: number): number {
  for (let at = start + 1; at < entry.length; at += 1) {
    if (entry[at] === QUOTE) return at;
    if (entry[at] === BACKSLASH) at += 1;
  }
  return entry.length;
}

function parsed(json: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
