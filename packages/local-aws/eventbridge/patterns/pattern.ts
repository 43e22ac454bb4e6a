/**
 * Event patterns: compiled once for each rule, then matched against every event of the bus.
 *
 * A pattern is a list of alternatives (one without `$or`); an alternative is a list of conditions, each on one field.
 * Fields are named by their path with dots, and a dot inside a name is the same as nesting.
 */
import { AwsError, type JsonObject } from '../../call';
import { alternativeOf, type Condition, matches } from './match';
import { readOperator } from './operators';
import { PatternFault, type PatternReader, readPatternText } from './pattern-text';

export interface EventPattern {
  readonly usesWildcard: boolean;
  matches(event: JsonObject): boolean;
}

/** Source: EventBridge quotas, "Event pattern size". */
const PATTERN_CHARACTERS_MAX = 2048;
/** The product of the sizes of all `$or` lists. Source: EventBridge User Guide, "$or". */
const ALTERNATIVES_MAX = 1000;

/** Names that may not be fields inside `$or`. Source: aws/event-ruler. */
const RESERVED_INSIDE_OR = new Set(
  `equals-ignore-case prefix suffix anything-but exists wildcard numeric cidr exactly = < <= > >= regex not-wildcard
  not-equals-ignore-case date-after date-on-or-after date-before date-on-or-before in-date-range ip-address-in-range
  ip-address-not-in-range`.split(/\s+/),
);

/**
 * @throws AwsError InvalidEventPatternException with AWS's reason. What AWS says to a pattern that is too long or has too many
 * combinations was not confirmed; those two reasons are our own words.
 */
export function compilePattern(text: string): EventPattern {
  try {
    if (text.length > PATTERN_CHARACTERS_MAX) {
      throw new PatternFault(`a pattern has at most ${PATTERN_CHARACTERS_MAX} characters, this one ${text.length}`);
    }
    const drafts = readPattern(readPatternText(text));
    const alternatives = drafts.map(alternativeOf);
    return {
      usesWildcard: drafts.some((draft) => [...draft.values()].some((condition) => condition.usesWildcard)),
      matches: (event) => matches(alternatives, event),
    };
  } catch (fault) {
    if (!(fault instanceof PatternFault)) throw fault;
    throw new AwsError('InvalidEventPatternException', `Event pattern is not valid. Reason: ${fault.message}`);
  }
}

/** Conditions by path; of two on one path the later counts. */
type Draft = ReadonlyMap<string, Condition>;

function readPattern(reader: PatternReader): readonly Draft[] {
  if (reader.next() !== '{') throw reader.fault('Filter is not an object');
  const drafts = readFields(reader, { path: '', insideOr: false }, [new Map()]);
  if (reader.next() !== 'end') throw reader.fault('Only one object is allowed');
  return drafts;
}

interface Where {
  /** Of the object being read; ends with a dot unless it is empty. */
  readonly path: string;
  readonly insideOr: boolean;
}

function readFields(reader: PatternReader, where: Where, given: readonly Draft[]): readonly Draft[] {
  let drafts = given;
  let isEmpty = true;
  while (reader.next() !== '}') {
    isEmpty = false;
    const name = reader.text();
    drafts = name === '$or' ? readOr(reader, where, drafts) : readField(reader, where, name, drafts);
  }
  if (isEmpty) throw reader.fault('Empty objects are not allowed');
  return drafts;
}

function readField(reader: PatternReader, where: Where, name: string, drafts: readonly Draft[]): readonly Draft[] {
  if (where.insideOr && RESERVED_INSIDE_OR.has(name)) {
    throw reader.fault(`${name} is Ruler reserved fieldName which cannot be used inside $or.`);
  }
  const token = reader.next();
  const path = where.path + name;
  if (token === '{') return readFields(reader, { ...where, path: `${path}.` }, drafts);
  if (token !== '[') throw reader.fault(`"${name}" must be an object or an array`);
  const condition = readCondition(reader);
  return drafts.map((draft) => new Map(draft).set(path, condition));
}

function readOr(reader: PatternReader, where: Where, drafts: readonly Draft[]): readonly Draft[] {
  if (reader.next() !== '[') throw reader.fault('It must be an Array followed with $or.');
  const alternatives: Draft[] = [];
  let count = 0;
  for (let token = reader.next(); token !== ']'; token = reader.next()) {
    if (token !== '{') throw reader.fault('Only JSON object is allowed in array of $or relationship.');
    count += 1;
    alternatives.push(...readFields(reader, { ...where, insideOr: true }, drafts));
    if (alternatives.length > ALTERNATIVES_MAX) {
      throw new PatternFault(`the fields inside $or have more than ${ALTERNATIVES_MAX} combinations`);
    }
  }
  if (count < 2) throw reader.fault('There must have at least 2 Objects in $or relationship.');
  return alternatives;
}

function readCondition(reader: PatternReader): Condition {
  const operators = [];
  for (let token = reader.next(); token !== ']'; token = reader.next()) operators.push(readOperator(reader, token));
  if (operators.length === 0) throw reader.fault('Empty arrays are not allowed');
  const tests = operators.flatMap((operator) => (operator.kind === 'test' ? [operator] : []));
  return {
    tests: tests.map(({ test }) => test),
    mayBeAbsent: tests.length < operators.length,
    usesWildcard: tests.some(({ usesWildcard }) => usesWildcard === true),
  };
}
