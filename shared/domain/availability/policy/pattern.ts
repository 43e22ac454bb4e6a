/**
 * The text patterns of IAM policies: `*` and `?` as wildcards, and policy variables such as `${aws:PrincipalAccount}`.
 *
 * What a variable stands for is compared literally. Matching takes at most the pattern's length times the text's: a policy is
 * written by somebody else.
 * Source: IAM User Guide, "IAM policy elements: Variables and tags", "Resource" (wildcards), "ARN condition operators".
 */
import { anyOf, notOf, type Truth } from './three-valued-logic';

/** A value that a request carries: the text itself, or how it begins where no more is known. */
export type Value = string | { readonly startsWith: string };

/**
 * The values of a condition key of a request, its name in lower case. Empty: the request has no such key. Undefined: nobody
 * can say.
 */
export type Context = (key: string) => readonly Value[] | undefined;

const ANY = Symbol('*');
const ONE = Symbol('?');
type Token = string | typeof ANY | typeof ONE;

/** How a text of a policy is read. */
export interface Reading {
  readonly wildcards: boolean;
  readonly ignoreCase?: boolean;
  /** What fills policy variables; left out where there are none. */
  readonly variables?: Context | undefined;
}

/** Whether a value fits the pattern. */
export function matches(source: string, actual: Value, reading: Reading): Truth {
  const tokens = tokensOf(source, reading);
  return Array.isArray(tokens) ? fits(tokens, cased(actual, reading)) : tokens;
}

/**
 * Whether an ARN fits the pattern: each of its six parts by itself, wildcards included. A pattern of one part is for the
 * whole ARN.
 */
export function matchesArn(source: string, actual: Value, reading: Reading): Truth {
  const tokens = tokensOf(source, reading);
  if (!Array.isArray(tokens)) return tokens;
  const wanted = arnParts(tokens);
  if (wanted.length === 1) return fits(tokens, actual);
  const parts = partsOf(actual);
  if (parts === undefined) return undefined;
  if (parts.length !== wanted.length) return false;
  return notOf(anyOf(wanted.map((part, at) => notOf(fits(part, parts[at] ?? '')))));
}

const ARN_PARTS = 6;

/** The last of an ARN's parts may hold colons. */
function arnParts(tokens: readonly Token[]): readonly Token[][] {
  const parts: Token[][] = [[]];
  for (const token of tokens) {
    if (token === ':' && parts.length < ARN_PARTS) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts;
}

/** Undefined: so little of the ARN is known that its parts cannot be told apart. */
function partsOf(actual: Value): readonly Value[] | undefined {
  const parts = arnParts([...textOf(actual)]).map((part) => part.join(''));
  if (typeof actual === 'string') return parts;
  return parts.length < ARN_PARTS ? undefined : [...parts.slice(0, -1), { startsWith: parts.at(-1) ?? '' }];
}

const textOf = (value: Value): string => (typeof value === 'string' ? value : value.startsWith);

function cased(value: Value, { ignoreCase }: Reading): Value {
  if (!ignoreCase) return value;
  return typeof value === 'string' ? value.toLowerCase() : { startsWith: value.startsWith.toLowerCase() };
}

/** For a text whose every `${` is closed: one that is not would be searched to the end of the text for each. */
const PARTS = /\$\{([^}]*)\}|\$|[^$]+/g;

/** False: a variable that the request does not carry, so that nothing fits. Undefined: one that nobody can fill. */
function tokensOf(source: string, reading: Reading): Token[] | false | undefined {
  const tokens: Token[] = [];
  const add = (token: Token) =>
    tokens.push(reading.ignoreCase && typeof token === 'string' ? token.toLowerCase() : token);
  const closed = source.lastIndexOf('}') + 1;
  for (const [text, variable] of source.slice(0, closed).matchAll(PARTS)) {
    const isVariable = variable !== undefined && reading.variables !== undefined;
    const filled = isVariable ? filling(variable, reading.variables) : plain(text, reading);
    if (!Array.isArray(filled)) return filled;
    filled.forEach(add);
  }
  plain(source.slice(closed), reading).forEach(add);
  return tokens;
}

const plain = (text: string, { wildcards }: Reading): Token[] =>
  [...text].map((character) => {
    if (wildcards && character === '*') return ANY;
    return wildcards && character === '?' ? ONE : character;
  });

/** `${*}`, `${?}` and `${$}` stand for themselves; `${key, 'default'}` has a value for a request without the key. */
function filling(variable: string, variables: Context): Token[] | false | undefined {
  if (variable === '*' || variable === '?' || variable === '$') return [variable];
  const [key = '', ...others] = variable.split(',');
  const fallback = others.join(',').trim();
  if (others.length > 0 && !/^'.*'$/s.test(fallback)) return undefined;
  const values = variables(key.trim().toLowerCase());
  if (values?.length === 0) return others.length === 0 ? false : [...fallback.slice(1, -1)];
  const [value] = values ?? [];
  return values?.length === 1 && typeof value === 'string' ? [...value] : undefined;
}

function fits(tokens: readonly Token[], actual: Value): Truth {
  return typeof actual === 'string' ? fitsText(tokens, [...actual]) : fitsBeginning(tokens, actual.startsWith);
}

/** From left to right; where it fails, the last `*` takes one character more. */
function fitsText(tokens: readonly Token[], text: readonly string[]): boolean {
  let token = 0;
  let star = -1;
  let starred = 0;
  for (let at = 0; at < text.length; ) {
    const wanted = tokens[token];
    if (wanted === ANY) {
      star = token;
      starred = at;
      token += 1;
    } else if (wanted === ONE || (wanted !== undefined && wanted === text[at])) {
      token += 1;
      at += 1;
    } else if (star >= 0) {
      starred += 1;
      at = starred;
      token = star + 1;
    } else return false;
  }
  return tokens.slice(token).every((rest) => rest === ANY);
}

function fitsBeginning(tokens: readonly Token[], beginning: string): Truth {
  const wild = tokens.findIndex((token) => typeof token !== 'string');
  const literal = tokens.slice(0, wild < 0 ? tokens.length : wild).join('');
  const isPossible = literal.startsWith(beginning) || (wild >= 0 && beginning.startsWith(literal));
  if (!isPossible) return false;
  const isCertain = wild >= 0 && beginning.startsWith(literal) && tokens.slice(wild).every((token) => token === ANY);
  return isCertain || undefined;
}
