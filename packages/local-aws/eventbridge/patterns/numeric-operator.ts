/** `{"numeric": [">", 0, "<=", 5]}`. */

import { own } from '../../own-property';
import { endOfExpression, type Operator, TOO_MANY } from './operator';
import type { PatternReader, Token } from './pattern-text';

/** Numbers are compared in this range only. Source: EventBridge User Guide, numeric matching. */
const NUMBER_MAX = 5e9;

type Compare = (value: number, limit: number) => boolean;

const COMPARISONS: Readonly<Record<string, Compare>> = {
  '=': (value, limit) => value === limit,
  '<': (value, limit) => value < limit,
  '<=': (value, limit) => value <= limit,
  '>': (value, limit) => value > limit,
  '>=': (value, limit) => value >= limit,
};

export function readNumeric(reader: PatternReader): Operator {
  if (reader.next() !== '[') throw reader.fault('Value of numeric must be an array.');
  if (reader.next() !== 'string') throw reader.fault(`Invalid member in numeric match: ${reader.text()}`);
  const operator = reader.text();
  const token = reader.next();
  const compare = own(COMPARISONS, operator);
  if (compare === undefined) throw reader.fault(`Unrecognized numeric range operator: ${operator}`);
  const limitText = numericText(reader, token, operator === '=' ? 'equals' : operator);
  const test = rangeTest(reader, compare, operator, limitText);
  endOfExpression(reader, TOO_MANY);
  return { kind: 'test', test: (value) => typeof value === 'number' && test(value) };
}

function numericText(reader: PatternReader, token: Token, operator: string): string {
  if (token !== 'number') throw reader.fault(`Value of ${operator} must be numeric`);
  return reader.text();
}

/** Only a lower bound may be followed by an upper one. */
function rangeTest(
  reader: PatternReader,
  compare: Compare,
  operator: string,
  limitText: string,
): (value: number) => boolean {
  const token = reader.next();
  if (token === ']') {
    const limit = comparableNumber(reader, limitText);
    return (value) => compare(value, limit);
  }
  if (!operator.startsWith('>')) throw reader.fault(TOO_MANY);

  if (token !== 'string') throw reader.fault(`Bad value in numeric range: ${reader.text()}`);
  const upper = reader.text();
  const compareUpper = upper === '<' || upper === '<=' ? COMPARISONS[upper] : undefined;
  if (compareUpper === undefined) throw reader.fault(`Bad numeric range operator: ${upper}`);
  const topText = numericText(reader, reader.next(), upper);
  if (reader.next() !== ']') throw reader.fault('Too many terms in numeric range expression');

  const bottom = comparableNumber(reader, limitText);
  const top = comparableNumber(reader, topText);
  if (bottom >= top) throw reader.fault('Bottom must be less than top');
  return (value) => compare(value, bottom) && compareUpper(value, top);
}

export function comparableNumber(reader: PatternReader, text: string): number {
  const value = Number(text);
  const vanished = value === 0 && /[1-9]/.test(text.replace(/[eE].*/, ''));
  if (vanished || !Number.isFinite(value)) throw reader.fault(`Cannot compare number : ${text}`);
  if (Math.abs(value) > NUMBER_MAX) throw reader.fault('Value must be between -5.0E9 and 5.0E9, inclusive');
  return value;
}
