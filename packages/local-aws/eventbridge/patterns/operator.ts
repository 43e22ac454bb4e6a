/**
 * What the operators of event patterns have in common.
 *
 * Texts of refusals, and the order in which things are refused, are AWS's.
 * Source: aws/event-ruler, and the refusals recorded from TestEventPattern.
 */
import { PatternFault, type PatternReader } from './pattern-text';

export type Scalar = string | number | boolean | null;
export type Test = (value: Scalar) => boolean;

/** `absent` stands for `{"exists": false}`: it looks at the whole event, not at a value. */
export type Operator = TestOperator | { readonly kind: 'absent' };

export interface TestOperator {
  readonly kind: 'test';
  readonly test: Test;
  readonly usesWildcard?: boolean;
}

export type ReadOperator = (reader: PatternReader) => Operator;

/** AWS gives this reason for surplus keys behind `anything-but` too. */
export const TOO_MANY = 'Too many elements in numeric expression';

export function endOfExpression(reader: PatternReader, reason = 'Only one key allowed in match expression'): void {
  if (reader.next() !== '}') throw reader.fault(reason);
}

/** A fault met on the way is reported with the place once more: AWS names it twice for lists. */
export function located<Result>(reader: PatternReader, read: () => Result): Result {
  try {
    return read();
  } catch (fault) {
    if (fault instanceof PatternFault) throw reader.fault(fault.message);
    throw fault;
  }
}
