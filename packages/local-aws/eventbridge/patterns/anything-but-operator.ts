/** `{"anything-but": …}`: a value must be there, and must not be one of these, or not be like one of these. */

import { own } from '../../own-property';
import { comparableNumber } from './numeric-operator';
import { endOfExpression, located, type Operator, type Scalar, type Test, TOO_MANY } from './operator';
import type { PatternReader, Token } from './pattern-text';
import { endsWith, equalsIgnoringCase, startsWith, wildcard } from './text-operators';

interface AnythingButForm {
  readonly testOf: (reader: PatternReader) => (wanted: string) => Test;
  readonly notAString: string;
  readonly mayBeEmpty: boolean;
}

const AFFIX = { notAString: 'prefix/suffix match pattern must be a string', mayBeEmpty: false };

/** `{"anything-but": {"prefix": …}}` and its sisters; each takes one text or a list of them. */
const ANYTHING_BUT_FORMS: Readonly<Record<string, AnythingButForm>> = {
  prefix: { testOf: () => startsWith, ...AFFIX },
  suffix: { testOf: () => endsWith, ...AFFIX },
  'equals-ignore-case': {
    testOf: () => equalsIgnoringCase,
    notAString: 'Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.',
    mayBeEmpty: true,
  },
  wildcard: { testOf: wildcard, notAString: 'wildcard match pattern must be a string', mayBeEmpty: true },
};

export function readAnythingBut(reader: PatternReader): Operator {
  const token = reader.next();
  const operator = token === '{' ? readAnythingButForm(reader) : readAnythingButValues(reader, token);
  endOfExpression(reader, TOO_MANY);
  return operator;
}

function readAnythingButForm(reader: PatternReader): Operator {
  if (reader.next() !== 'name') throw reader.fault('Anything-But expression name not found');
  const name = reader.text();
  const form = own(ANYTHING_BUT_FORMS, name);
  if (form === undefined) throw reader.fault(`Unsupported anything-but pattern: ${name}`);
  const readOne = (token: Token): Test => {
    if (token !== 'string') throw reader.fault(form.notAString);
    const text = reader.text();
    if (text === '' && !form.mayBeEmpty) throw reader.fault('Null prefix/suffix not allowed');
    return form.testOf(reader)(text);
  };
  const tests = readOneOrList(reader, requireValue(reader, reader.next()), readOne);
  endOfExpression(reader, TOO_MANY);
  return { kind: 'test', test: noneOf(tests), usesWildcard: name === 'wildcard' };
}

function requireValue(reader: PatternReader, token: Token): Token {
  if (token === '[' || token === 'string' || token === 'number') return token;
  throw reader.fault('Value of anything-but must be an array or single string/number value.');
}

function readAnythingButValues(reader: PatternReader, first: Token): Operator {
  const readOne = (token: Token): string | number => {
    if (token === 'string') return reader.text();
    if (token === 'number') return comparableNumber(reader, reader.text());
    throw reader.fault('Inside anything but list, start|null|boolean is not supported.');
  };
  const values = readOneOrList(reader, requireValue(reader, first), readOne);
  if (new Set(values.map((value) => typeof value)).size !== 1) {
    throw reader.fault('Inside anything but list, either all values are number or string, mixed type is not supported');
  }
  const refused = new Set<Scalar>(values);
  return { kind: 'test', test: (value) => !refused.has(value) };
}

function noneOf(tests: readonly Test[]): Test {
  return (value) => !tests.some((test) => test(value));
}

function readOneOrList<Item>(reader: PatternReader, first: Token, readOne: (token: Token) => Item): readonly Item[] {
  if (first !== '[') return [readOne(first)];
  return located(reader, () => {
    const items: Item[] = [];
    for (let token = reader.next(); token !== ']'; token = reader.next()) items.push(readOne(token));
    return items;
  });
}
