/**
 * Parts of JSON text as they stand in it: what JSON.parse and JSON.stringify make of a number or of an escaped letter is not
 * what was written. Every text has been read by JSON.parse before it comes here.
 */
import { ContractViolation } from '../../../events/define-event';

export interface JsonSlice {
  readonly text: string;
  /** There is no whitespace between its parts. */
  readonly isCompact: boolean;
}

/** Records nest some ten levels. Whoever walks through an entry calls itself for each. */
const DEPTH_MAX = 256;

const [QUOTE, COMMA, COLON, BACKSLASH, SPACE] = [0x22, 0x2c, 0x3a, 0x5c, 0x20];
const [OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET] = [0x7b, 0x7d, 0x5b, 0x5d];

/**
 * The members of an object by name, in its order. Of a name that is there twice the last counts, as it does for JSON.parse.
 *
 * @throws ContractViolation where a value is nested too deeply to be kept.
 */
export function membersOf(text: string): ReadonlyMap<string, JsonSlice> {
  const members = new Map<string, JsonSlice>();
  let at = partFrom(text, partFrom(text, 0) + 1);
  while (text.charCodeAt(at) === QUOTE) {
    const nameEnd = closingQuote(text, at) + 1;
    const name = text.slice(at, nameEnd);
    const value = valueAt(text, partFrom(text, nameEnd));
    members.set(name.includes('\\') ? JSON.parse(name) : name.slice(1, -1), value);
    at = partFrom(text, value.end);
  }
  return members;
}

/** The elements of a list, in its order. Throws as `membersOf` does. */
export function elementsOf(text: string): readonly JsonSlice[] {
  const elements: JsonSlice[] = [];
  let at = partFrom(text, partFrom(text, 0) + 1);
  while (text.charCodeAt(at) !== CLOSE_BRACKET) {
    const value = valueAt(text, at);
    elements.push(value);
    at = partFrom(text, value.end);
  }
  return elements;
}

/** The value that stands under these names within each other. Throws as `membersOf` does. */
export function partAt(text: string, names: readonly string[]): JsonSlice {
  const found = names.reduce<JsonSlice | undefined>((within, name) => membersOf(within?.text ?? '{}').get(name), {
    text,
    isCompact: false,
  });
  if (found) return found;
  throw new ContractViolation(names.join('.'), 'is not in the text');
}

/** The same text without the whitespace between its parts; each part byte for byte. */
export const withoutSpaces = (text: string): string => text.replace(STRING_OR_SPACES, '$1');

const STRING_OR_SPACES = /("[^"\\]*(?:\\.[^"\\]*)*")|[ \t\r\n]+/g;

/** The next character that is neither whitespace nor separates values. */
function partFrom(text: string, start: number): number {
  let at = start;
  for (let code = text.charCodeAt(at); code <= SPACE || code === COMMA || code === COLON; code = text.charCodeAt(at))
    at++;
  return at;
}

function valueAt(text: string, start: number): JsonSlice & { readonly end: number } {
  let depth = 0;
  let isCompact = true;
  let at = start;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = closingQuote(text, at);
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) depth++;
    else if (depth === 0 && isEndOfScalar(code)) break;
    else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth--;
    else if (code <= SPACE) isCompact = false;
    if (depth > DEPTH_MAX) throw new ContractViolation('record', `is nested deeper than ${DEPTH_MAX} levels`);
    if (depth === 0 && isEndOfValue(code)) {
      at++;
      break;
    }
  }
  return { text: text.slice(start, at), isCompact, end: at };
}

const isEndOfValue = (code: number) => code === QUOTE || code === CLOSE_BRACE || code === CLOSE_BRACKET;
const isEndOfScalar = (code: number) =>
  code <= SPACE || code === COMMA || code === CLOSE_BRACE || code === CLOSE_BRACKET;

function closingQuote(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end;
}

function isEscaped(text: string, quote: number): boolean {
  let at = quote;
  while (text.charCodeAt(at - 1) === BACKSLASH) at--;
  return (quote - at) % 2 === 1;
}
