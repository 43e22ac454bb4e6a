/** Operators that look at text only: `prefix`, `suffix`, `equals-ignore-case`, `wildcard`, `cidr`. */
import { addressDigits, cidrRange } from './address';
import { endOfExpression, located, type Operator, type ReadOperator, type Test, type TestOperator } from './operator';
import { PatternFault, type PatternReader } from './pattern-text';
import { isTooComplex, matchesWildcard, readWildcard } from './wildcard';

const TOO_COMPLEX =
  'Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a wildcard character';

const onText = (test: (text: string) => boolean): Test => {
  return (value) => typeof value === 'string' && test(value);
};

export function startsWith(prefix: string): Test {
  return onText((text) => text.startsWith(prefix));
}

export function endsWith(suffix: string): Test {
  return onText((text) => text.endsWith(suffix));
}

export function equalsIgnoringCase(wanted: string): Test {
  const lower = wanted.toLowerCase();
  return onText((text) => text.toLowerCase() === lower);
}

export function withinRange(cidr: string): Test {
  const { lowest, highest } = cidrRange(cidr);
  return onText((text) => {
    const digits = addressDigits(text);
    return digits !== undefined && digits.length === lowest.length && digits >= lowest && digits <= highest;
  });
}

/** Faults inside the text carry the place, the complexity of the whole does not. */
export function wildcard(reader: PatternReader): (pattern: string) => Test {
  return (pattern) => {
    const parts = located(reader, () => readWildcard(pattern));
    if (isTooComplex(parts)) throw new PatternFault(TOO_COMPLEX);
    return onText((text) => matchesWildcard(parts, text));
  };
}

export function textOperator(
  called: string,
  testOf: (wanted: string) => Test,
): (reader: PatternReader) => TestOperator {
  return (reader) => {
    if (reader.next() !== 'string') throw reader.fault(`${called} match pattern must be a string`);
    const test = testOf(reader.text());
    endOfExpression(reader);
    return { kind: 'test', test };
  };
}

/** `{"prefix": "a"}` and `{"prefix": {"equals-ignore-case": "A"}}`. */
export function textOrIgnoringCase(called: 'prefix' | 'suffix', testOf: (wanted: string) => Test): ReadOperator {
  return (reader) => {
    const token = reader.next();
    if (token === '{') return ignoringCase(reader, called, testOf);
    if (token !== 'string') throw reader.fault(`${called} match pattern must be a string`);
    const test = testOf(reader.text());
    endOfExpression(reader);
    return { kind: 'test', test };
  };
}

function ignoringCase(reader: PatternReader, called: string, testOf: (wanted: string) => Test): Operator {
  const title = called.charAt(0).toUpperCase() + called.slice(1);
  if (reader.next() !== 'name') throw reader.fault(`${title} expression name not found`);
  if (reader.text() !== 'equals-ignore-case') throw reader.fault(`Unsupported ${called} pattern: ${reader.text()}`);
  if (reader.next() !== 'string') throw reader.fault('equals-ignore-case match pattern must be a string');
  const test = testOf(reader.text().toLowerCase());
  endOfExpression(reader);
  endOfExpression(reader);
  return { kind: 'test', test: onText((text) => test(text.toLowerCase())) };
}
