/** What one value of an event pattern asks of one value of an event: `"text"`, `{"prefix": …}`, `{"numeric": […]}` … */

import { own } from '../../own-property';
import { addressDigits } from './address';
import { readAnythingBut } from './anything-but-operator';
import { readNumeric } from './numeric-operator';
import { endOfExpression, type Operator, type ReadOperator, type Scalar, type Test } from './operator';
import type { PatternReader, Token } from './pattern-text';
import {
  endsWith,
  equalsIgnoringCase,
  startsWith,
  textOperator,
  textOrIgnoringCase,
  wildcard,
  withinRange,
} from './text-operators';

/** Reads what stands behind a field's opening bracket; `token` is the first token of the value. */
export function readOperator(reader: PatternReader, token: Token): Operator {
  switch (token) {
    case 'string':
      return { kind: 'test', test: equalsText(reader.text()) };
    case 'number':
      return { kind: 'test', test: equals(Number(reader.text())) };
    case 'true':
    case 'false':
      return { kind: 'test', test: equals(token === 'true') };
    case 'null':
      return { kind: 'test', test: equals(null) };
    case '{':
      return readExpression(reader);
    default:
      throw reader.fault('Match value must be String, number, true, false, or null');
  }
}

/** Numbers beyond 2^53 that JavaScript cannot tell apart count as equal; AWS compares their digits. */
const equals = (wanted: Scalar): Test => {
  return (value) => value === wanted;
};

/** Two ways of writing one IP address are equal. */
function equalsText(wanted: string): Test {
  const digits = addressDigits(wanted);
  if (digits === undefined) return equals(wanted);
  return (value) => value === wanted || (typeof value === 'string' && addressDigits(value) === digits);
}

const EXPRESSIONS: Readonly<Record<string, ReadOperator>> = {
  prefix: textOrIgnoringCase('prefix', startsWith),
  suffix: textOrIgnoringCase('suffix', endsWith),
  'equals-ignore-case': textOperator('equals-ignore-case', equalsIgnoringCase),
  wildcard: (reader) => ({ ...textOperator('wildcard', wildcard(reader))(reader), usesWildcard: true }),
  /** AWS says "prefix" here too. */
  cidr: textOperator('prefix', withinRange),
  numeric: readNumeric,
  exists: readExists,
  'anything-but': readAnythingBut,
};

function readExpression(reader: PatternReader): Operator {
  if (reader.next() !== 'name') throw reader.fault('Match expression name not found');
  const name = reader.text();
  const read = own(EXPRESSIONS, name);
  if (read === undefined) throw reader.fault(`Unrecognized match type ${name}`);
  return read(reader);
}

function readExists(reader: PatternReader): Operator {
  const token = reader.next();
  if (token !== 'true' && token !== 'false') throw reader.fault('exists match pattern must be either true or false.');
  endOfExpression(reader);
  return token === 'true' ? { kind: 'test', test: () => true } : { kind: 'absent' };
}
