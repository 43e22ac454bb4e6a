/**
 * The Condition element of a policy statement.
 * Source: IAM User Guide, "IAM JSON policy elements: Condition operators" and "multivalued context keys".
 */
import { BlockList, isIPv4 } from 'node:net';
import { AwsError, type JsonObject } from '../call';
import { isObject } from '../json-object';
import { own } from '../own-property';
import { type Context, type Pattern, pattern } from './pattern';

interface Operator {
  /** Turns one value of the policy into a test of one value of the request. */
  readonly test: (wanted: string) => Pattern;
  /** A negated operator holds when no value of the policy matches, and for a request without the key. */
  readonly negated: boolean;
}

const exactly = (wanted: string) => pattern(wanted, { wildcards: false });
const ignoringCase = (wanted: string) => pattern(wanted, { wildcards: false, ignoreCase: true });
const like = (wanted: string) => pattern(wanted, { wildcards: true });

const is = (test: Operator['test']): Operator => ({ test, negated: false });
const isNot = (test: Operator['test']): Operator => ({ test, negated: true });

const OPERATORS: Readonly<Record<string, Operator>> = {
  StringEquals: is(exactly),
  StringNotEquals: isNot(exactly),
  StringEqualsIgnoreCase: is(ignoringCase),
  StringNotEqualsIgnoreCase: isNot(ignoringCase),
  StringLike: is(like),
  StringNotLike: isNot(like),
  ArnEquals: is(arnLike),
  ArnLike: is(arnLike),
  ArnNotEquals: isNot(arnLike),
  ArnNotLike: isNot(arnLike),
  Bool: is(ignoringCase),
  BinaryEquals: is(exactly),
  IpAddress: is(inRange),
  NotIpAddress: isNot(inRange),
  ...comparisons('Numeric', Number),
  ...comparisons('Date', secondsOf),
};

/**
 * `ArnEquals` and `ArnLike` are the same: each of an ARN's six parts is matched by itself, wildcards included.
 * A pattern of one part is `*` or a variable for the whole ARN.
 */
function arnLike(wanted: string): Pattern {
  const wantedParts = arnParts(wanted);
  if (wantedParts.length === 1) return like(wanted);
  const tests = wantedParts.map(like);
  return (text, context) => {
    const parts = arnParts(text);
    return parts.length === tests.length && parts.every((part, index) => tests[index]?.(part, context));
  };
}

/** Colons inside a policy variable, `${aws:PrincipalAccount}`, separate nothing. */
function arnParts(arn: string): string[] {
  const parts = arn.split(/:(?![^{]*\})/);
  return parts.length <= 6 ? parts : [...parts.slice(0, 5), parts.slice(5).join(':')];
}

function inRange(wanted: string): Pattern {
  const [address = '', bits] = wanted.split('/');
  const family = (ip: string) => (isIPv4(ip) ? 'ipv4' : 'ipv6');
  const range = new BlockList();
  range.addSubnet(address, Number(bits ?? (isIPv4(address) ? 32 : 128)), family(address));
  return (text) => range.check(text, family(text));
}

function comparisons(type: string, read: (text: string) => number): Record<string, Operator> {
  const compare = (holds: (actual: number, wanted: number) => boolean) => (wanted: string) => {
    const limit = read(wanted);
    return (text: string) => holds(read(text), limit);
  };
  return {
    [`${type}Equals`]: is(compare((actual, wanted) => actual === wanted)),
    [`${type}NotEquals`]: isNot(compare((actual, wanted) => actual === wanted)),
    [`${type}LessThan`]: is(compare((actual, wanted) => actual < wanted)),
    [`${type}LessThanEquals`]: is(compare((actual, wanted) => actual <= wanted)),
    [`${type}GreaterThan`]: is(compare((actual, wanted) => actual > wanted)),
    [`${type}GreaterThanEquals`]: is(compare((actual, wanted) => actual >= wanted)),
  };
}

/** A date is written as ISO 8601 or as seconds since the epoch. */
function secondsOf(text: string): number {
  return /^\d+$/.test(text) ? Number(text) : Date.parse(text) / 1000;
}

/** Reads a Condition element once; what comes back answers for each request. */
export function compileConditions(block: JsonObject): (context: Context) => boolean {
  const tests = Object.entries(block).flatMap(([operator, keys]) =>
    Object.entries(asObject(operator, keys)).map(([key, wanted]) => compileOne(operator, key, valuesOf(wanted))),
  );
  return (context) => tests.every((test) => test(context));
}

function compileOne(name: string, key: string, wanted: readonly string[]): (context: Context) => boolean {
  const contextKey = key.toLowerCase();
  if (name === 'Null') return (context) => wanted.includes(String(isAbsent(context(contextKey))));

  const [, quantifier, operatorName = '', ifExists] =
    /^(?:(ForAllValues|ForAnyValue):)?(.+?)(IfExists)?$/.exec(name) ?? [];
  const operator = own(OPERATORS, operatorName);
  if (operator === undefined) {
    throw new AwsError('MalformedPolicyDocument', `${name} is not a condition operator.`);
  }
  const tests = wanted.map(operator.test);
  const isMet = (value: string, context: Context) => tests.some((test) => test(value, context)) !== operator.negated;
  const absent = ifExists !== undefined || quantifier === 'ForAllValues' || (operator.negated && !quantifier);
  const needsAll = quantifier === 'ForAllValues' || (operator.negated && !quantifier);

  return (context) => {
    const values = context(contextKey);
    if (values === undefined || isAbsent(values)) return absent;
    return needsAll ? values.every((value) => isMet(value, context)) : values.some((value) => isMet(value, context));
  };
}

const isAbsent = (values: readonly string[] | undefined) => values === undefined || values.length === 0;

function asObject(operator: string, keys: JsonObject[string]): JsonObject {
  if (isObject(keys)) return keys;
  throw new AwsError('MalformedPolicyDocument', `Condition ${operator} must name condition keys.`);
}

/** Numbers and booleans may be written without quotation marks. */
function valuesOf(wanted: JsonObject[string]): readonly string[] {
  return (Array.isArray(wanted) ? wanted : [wanted]).map(String);
}
