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

export function readPatternText(source: string): PatternReader {
  let at = 0;
  let text = '';
  let token: Token | undefined;
  let ahead: { readonly token: Token; readonly text: string } | undefined;
  let stringIsOpen = false;
  const open: { readonly mark: '{' | '['; readonly at: number }[] = [];

  const place = (end = at) => {
    const lines = source.slice(0, end).split('\n');
    return `[Source: (String)${shown(source)}; line: ${lines.length}, column: ${(lines.at(-1) ?? '').length + 1}]`;
  };
  const fault = (reason: string) => new PatternFault(`${reason}\n at ${place()}`);
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(source)?.[0];
    at += found?.length ?? 0;
    return found;
  };
  const unexpected = (wanted: string) => {
    const character = source[at];
    if (character === undefined) return fault('Unexpected end-of-input');
    at += 1;
    return fault(`Unexpected character ('${character}' (code ${character.charCodeAt(0)})): was expecting ${wanted}`);
  };

  function closeString(): void {
    if (!stringIsOpen) return;
    stringIsOpen = false;
    const rest = take(STRING_REST);
    if (rest === undefined) throw fault('Unexpected end-of-input in VALUE_STRING');
    try {
      text = JSON.parse(`"${rest}`) as string;
    } catch {
      throw fault('Illegal character or escape in a string');
    }
  }

  function value(): Token {
    take(SPACE);
    const first = source[at];
    if (first === '{' || first === '[') {
      open.push({ mark: first, at });
      at += 1;
      return first;
    }
    if (first === '"') {
      at += 1;
      stringIsOpen = true;
      return 'string';
    }
    const number = take(NUMBER);
    text = number ?? take(WORD) ?? '';
    if (text === '')
      throw unexpected('a valid value (JSON String, Number, Array, Object or token null, true or false)');
    return number === undefined ? (text as 'true' | 'false' | 'null') : 'number';
  }

  function name(): Token {
    if (source[at] !== '"') throw unexpected('double-quote to start field name');
    at += 1;
    stringIsOpen = true;
    closeString();
    const fieldName = text;
    take(SPACE);
    if (source[at] !== ':') throw unexpected('a colon to separate field name and value');
    at += 1;
    const token = value();
    ahead = { token, text };
    text = fieldName;
    return 'name';
  }

  function close(): Token {
    const inside = open.pop();
    const mark = source[at] as '}' | ']';
    at += 1;
    if (inside === undefined) throw fault(`Unexpected close marker '${mark}'`);
    const [kind, wanted] = inside.mark === '{' ? ['Object', '}'] : ['Array', ']'];
    if (mark === wanted) return mark;
    const start = place(inside.at);
    throw fault(`Unexpected close marker '${mark}': expected '${wanted}' (for ${kind} starting at ${start})`);
  }

  function following(): Token {
    take(SPACE);
    const inside = open.at(-1)?.mark;
    if (inside === undefined && token !== undefined) {
      if (at === source.length) return 'end';
      throw unexpected('the end of the pattern');
    }
    if (source[at] === '}' || source[at] === ']') return close();
    if (inside !== undefined && token !== '{' && token !== '[') {
      const kind = inside === '{' ? 'Object' : 'Array';
      if (source[at] !== ',') throw unexpected(`comma to separate ${kind} entries`);
      at += 1;
      take(SPACE);
    }
    return inside === '{' ? name() : value();
  }

  return {
    next() {
      if (ahead !== undefined) {
        ({ token, text } = ahead);
        ahead = undefined;
        return token;
      }
      closeString();
      token = following();
      return token;
    },
    text() {
      if (token !== 'name') closeString();
      return text;
    },
    fault,
  };
}

function shown(source: string): string {
  const cut = source.length - SHOWN_CHARACTERS_MAX;
  return cut > 0 ? `"${source.slice(0, SHOWN_CHARACTERS_MAX)}"[truncated ${cut} chars]` : `"${source}"`;
}
