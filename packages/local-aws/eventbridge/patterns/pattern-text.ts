/**
 * Reads the JSON text of an event pattern token by token, so that a refusal can name its place as AWS does.
 *
 * EventBridge reads patterns with Jackson's streaming parser, and its refusals show that: a string's text is read only
 * when asked for (the place is just behind the opening quotation mark until then), and a field's name is read together
 * with the start of its value. Source of both: the refusals recorded from TestEventPattern.
 */

/** A pattern that EventBridge refuses; the message is its reason. */
export class PatternFault extends Error {
  override readonly name = 'PatternFault';
}

export type Token =
  | '{'
  | '}'
  | '['
  | ']'
  | 'name'
  | 'string'
  | 'number'
  | 'true'
  | 'false'
  | 'null'
  /** Behind the last character. */
  | 'end';

export interface PatternReader {
  next(): Token;
  /** The text of the token read last: a name or a string without quotation marks, anything else as it is written. */
  text(): string;
  /** The refusal at the place reached so far. */
  fault(reason: string): PatternFault;
}

/** Jackson shows the first 500 characters of what it reads. */
const SHOWN_CHARACTERS_MAX = 500;

const SPACE = /[ \t\r\n]*/y;
const STRING_REST = /(?:[^"\\]|\\.)*"/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;

interface Reading {
  readonly source: string;
  at: number;
  token: Token | undefined;
  text: string;
  /** The string at hand was begun, and its text not yet read. */
  isStringOpen: boolean;
  /** The start of a field's value, read together with the field's name. */
  ahead: { readonly token: Token; readonly text: string } | undefined;
  readonly open: { readonly mark: '{' | '['; readonly at: number }[];
}

export function readPatternText(source: string): PatternReader {
  const reading: Reading = {
    source,
    at: 0,
    token: undefined,
    text: '',
    isStringOpen: false,
    ahead: undefined,
    open: [],
  };
  return {
    next: () => advance(reading),
    text() {
      if (reading.token !== 'name') closeString(reading);
      return reading.text;
    },
    fault: (reason) => faultAt(reading, reason),
  };
}

function advance(reading: Reading): Token {
  const { ahead } = reading;
  if (ahead !== undefined) {
    reading.ahead = undefined;
    reading.text = ahead.text;
    reading.token = ahead.token;
    return ahead.token;
  }
  closeString(reading);
  const token = nextToken(reading);
  reading.token = token;
  return token;
}

function nextToken(reading: Reading): Token {
  const { source, token } = reading;
  take(reading, SPACE);
  const inside = reading.open.at(-1)?.mark;
  if (inside === undefined && token !== undefined) {
    if (reading.at === source.length) return 'end';
    throw unexpected(reading, 'the end of the pattern');
  }
  if (source[reading.at] === '}' || source[reading.at] === ']') return close(reading);
  if (inside !== undefined && token !== '{' && token !== '[') {
    expect(reading, ',', `comma to separate ${inside === '{' ? 'Object' : 'Array'} entries`);
    take(reading, SPACE);
  }
  return inside === '{' ? readName(reading) : readValue(reading);
}

function readName(reading: Reading): Token {
  expect(reading, '"', 'double-quote to start field name');
  reading.isStringOpen = true;
  closeString(reading);
  const name = reading.text;
  take(reading, SPACE);
  expect(reading, ':', 'a colon to separate field name and value');
  const token = readValue(reading);
  reading.ahead = { token, text: reading.text };
  reading.text = name;
  return 'name';
}

function readValue(reading: Reading): Token {
  take(reading, SPACE);
  const first = reading.source[reading.at];
  if (first === '{' || first === '[') {
    reading.open.push({ mark: first, at: reading.at });
    reading.at += 1;
    return first;
  }
  if (first === '"') {
    reading.at += 1;
    reading.isStringOpen = true;
    return 'string';
  }
  const number = take(reading, NUMBER);
  const word = number === undefined ? take(reading, WORD) : undefined;
  reading.text = number ?? word ?? '';
  if (reading.text !== '') return number === undefined ? (word as Token) : 'number';
  throw unexpected(reading, 'a valid value (JSON String, Number, Array, Object or token null, true or false)');
}

function closeString(reading: Reading): void {
  if (!reading.isStringOpen) return;
  reading.isStringOpen = false;
  const rest = take(reading, STRING_REST);
  if (rest === undefined) throw faultAt(reading, 'Unexpected end-of-input in VALUE_STRING');
  try {
    reading.text = JSON.parse(`"${rest}`) as string;
  } catch {
    throw faultAt(reading, 'Illegal character or escape in a string');
  }
}

function close(reading: Reading): Token {
  const inside = reading.open.pop();
  const mark = reading.source[reading.at] as '}' | ']';
  reading.at += 1;
  if (inside === undefined) throw faultAt(reading, `Unexpected close marker '${mark}'`);
  const [kind, wanted] = inside.mark === '{' ? ['Object', '}'] : ['Array', ']'];
  if (mark === wanted) return mark;
  const start = placeOf(reading.source, inside.at);
  const reason = `Unexpected close marker '${mark}': expected '${wanted}' (for ${kind} starting at ${start})`;
  throw faultAt(reading, reason);
}

function take(reading: Reading, pattern: RegExp): string | undefined {
  pattern.lastIndex = reading.at;
  const found = pattern.exec(reading.source)?.[0];
  reading.at += found?.length ?? 0;
  return found;
}

function expect(reading: Reading, character: string, wanted: string): void {
  if (reading.source[reading.at] !== character) throw unexpected(reading, wanted);
  reading.at += 1;
}

function unexpected(reading: Reading, wanted: string): PatternFault {
  const character = reading.source[reading.at];
  if (character === undefined) return faultAt(reading, 'Unexpected end-of-input');
  reading.at += 1;
  const code = character.charCodeAt(0);
  return faultAt(reading, `Unexpected character ('${character}' (code ${code})): was expecting ${wanted}`);
}

function faultAt({ source, at }: Reading, reason: string): PatternFault {
  return new PatternFault(`${reason}\n at ${placeOf(source, at)}`);
}

function placeOf(source: string, at: number): string {
  const lines = source.slice(0, at).split('\n');
  return `[Source: (String)${shown(source)}; line: ${lines.length}, column: ${(lines.at(-1) ?? '').length + 1}]`;
}

function shown(source: string): string {
  const cut = source.length - SHOWN_CHARACTERS_MAX;
  return cut > 0 ? `"${source.slice(0, SHOWN_CHARACTERS_MAX)}"[truncated ${cut} chars]` : `"${source}"`;
}
