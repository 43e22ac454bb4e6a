/**
 * The Condition element of a policy statement.
 * Source: IAM User Guide, "IAM JSON policy elements: Condition operators" and "multivalued context keys".
 */
import type { Condition } from './document';
import { type Context, matches, matchesArn, type Reading, type Value } from './pattern';
import { allOf, anyOf, notOf, type Truth } from './three-valued-logic';

interface Operator {
  readonly compare: (wanted: string, actual: Value, variables: Context | undefined) => Truth;
  /** A negated operator holds when no value of the policy matches, and for a request without the key. */
  readonly isNegated: boolean;
}

const comparing =
  (compare: typeof matches, reading: Reading): Operator['compare'] =>
  (wanted, actual, variables) =>
    compare(wanted, actual, { ...reading, variables });

const exactly = comparing(matches, { wildcards: false });
const ignoringCase = comparing(matches, { wildcards: false, ignoreCase: true });
const like = comparing(matches, { wildcards: true });
const arn = comparing(matchesArn, { wildcards: true });

const is = (compare: Operator['compare']): Operator => ({ compare, isNegated: false });
const isNot = (compare: Operator['compare']): Operator => ({ compare, isNegated: true });

/** Those that compare what we know of our own requests. Of numbers, dates and addresses we know none. */
const OPERATORS: ReadonlyMap<string, Operator> = new Map([
  ['StringEquals', is(exactly)],
  ['StringNotEquals', isNot(exactly)],
  ['StringEqualsIgnoreCase', is(ignoringCase)],
  ['StringNotEqualsIgnoreCase', isNot(ignoringCase)],
  ['StringLike', is(like)],
  ['StringNotLike', isNot(like)],
  ['ArnEquals', is(arn)],
  ['ArnLike', is(arn)],
  ['ArnNotEquals', isNot(arn)],
  ['ArnNotLike', isNot(arn)],
  ['Bool', is(ignoringCase)],
]);

/** Whether a request meets a condition. An operator that is none of ours cannot be known. */
export function isMet({ operator, key, wanted }: Condition, context: Context, hasVariables: boolean): Truth {
  const values = context(key.toLowerCase());
  if (operator === 'Null') return values && wanted.some((text) => text.toLowerCase() === String(values.length === 0));
  const [, quantifier, name = '', ifExists] = /^(?:(ForAllValues|ForAnyValue):)?(.+?)(IfExists)?$/.exec(operator) ?? [];
  const known = OPERATORS.get(name);
  if (values === undefined || known === undefined) return undefined;

  const { compare, isNegated } = known;
  const isForAll = quantifier === 'ForAllValues' || (isNegated && quantifier === undefined);
  if (values.length === 0) return isForAll || ifExists !== undefined;
  const variables = hasVariables ? context : undefined;
  const tests = values.map((value) => {
    const isWanted = anyOf(wanted.map((text) => compare(text, value, variables)));
    return isNegated ? notOf(isWanted) : isWanted;
  });
  return isForAll ? allOf(tests) : anyOf(tests);
}
