import fc from 'fast-check';
import { AwsError, type Json, type JsonObject } from '../../call';
import { addressDigits, cidrRange } from '../../eventbridge/patterns/address';
import { compilePattern } from '../../eventbridge/patterns/pattern';
import { isTooComplex, matchesWildcard, readWildcard } from '../../eventbridge/patterns/wildcard';

const matches = (pattern: Json, event: JsonObject) => compilePattern(JSON.stringify(pattern)).matches(event);
const refusal = (pattern: string): string => {
  try {
    compilePattern(pattern);
  } catch (error) {
    if (error instanceof AwsError && error.code === 'InvalidEventPatternException') return error.message;
    throw error;
  }
  throw new Error(`not refused: ${pattern}`);
};

describe('fields and arrays', () => {
  const keys = { detail: { resources: { ARN: [{ prefix: 'arn:aws:kms:' }], accountId: ['1'] } } };
  const key = (accountId: string, ARN = 'arn:aws:kms:x') => ({ ARN, accountId });

  it('asks that conditions on one array hold for one and the same element', () => {
    expect(matches(keys, { detail: { resources: [key('2'), key('1')] } })).toBe(true);
    expect(matches(keys, { detail: { resources: [key('2'), key('1', 'arn:aws:s3:x')] } })).toBe(false);
  });

  it('tells elements of equal arrays inside different elements apart', () => {
    const pattern = { a: { b: { x: [1], y: [2] } } };

    expect(matches(pattern, { a: [{ b: [{ x: 1 }, { y: 2 }] }] })).toBe(false);
    expect(matches(pattern, { a: [{ b: [{ x: 1 }] }, { b: [{ y: 2 }] }] })).toBe(false);
    expect(matches(pattern, { a: [{ b: [{ x: 1 }] }, { b: [{ x: 1, y: 2 }] }] })).toBe(true);
  });

  it('leaves conditions on different arrays independent of each other', () => {
    const pattern = { a: { x: [1] }, b: { y: [2] } };

    expect(matches(pattern, { a: [{ x: 0 }, { x: 1 }], b: [{ y: 2 }, { y: 0 }] })).toBe(true);
  });

  it('asks for absence only in the element chosen for the other conditions', () => {
    const pattern = { a: { x: [1], y: [{ exists: false }] } };

    expect(matches(pattern, { a: [{ x: 1 }, { x: 2, y: 5 }] })).toBe(true);
    expect(matches(pattern, { a: [{ x: 2 }, { x: 1, y: 5 }] })).toBe(false);
    expect(matches({ a: { y: [{ exists: false }] } }, { a: [{ x: 1 }, { y: 5 }] })).toBe(false);
  });

  it('takes an object or an empty array for no value at all', () => {
    expect(matches({ a: [{ exists: true }] }, { a: { b: 1 } })).toBe(false);
    expect(matches({ a: [{ exists: false }] }, { a: [] })).toBe(true);
    expect(matches({ a: [{ 'anything-but': 'x' }] }, {})).toBe(false);
  });

  it('does not mistake what every JavaScript object inherits for a field', () => {
    expect(matches({ constructor: { name: [{ exists: true }] } }, {})).toBe(false);
    expect(matches({ toString: [{ exists: false }] }, {})).toBe(true);
  });

  it('gives the same verdict however often it is asked', () => {
    const pattern = compilePattern(JSON.stringify(keys));
    const good: JsonObject = { detail: { resources: [key('1')] } };
    const bad: JsonObject = { detail: { resources: [key('2')] } };

    expect([good, bad, good, bad].map(pattern.matches)).toEqual([true, false, true, false]);
  });
});

describe('alternatives', () => {
  it('multiplies $or lists at different places', () => {
    const pattern = { $or: [{ a: [1] }, { b: [1] }], detail: { $or: [{ c: [1] }, { d: [1] }] } };

    expect(matches(pattern, { b: 1, detail: { c: 1 } })).toBe(true);
    expect(matches(pattern, { b: 1, detail: {} })).toBe(false);
    expect(matches(pattern, { detail: { c: 1 } })).toBe(false);
  });

  it('refuses more than a thousand combinations', () => {
    const list = (size: number) => Array.from({ length: size }, (_, index) => ({ [`f${index}`]: [1] }));
    const pattern = (last: number) =>
      JSON.stringify({ a: { $or: list(10) }, b: { $or: list(10) }, c: { $or: list(last) } });

    expect(compilePattern(pattern(10)).matches({ a: { f0: 1 }, b: { f9: 1 }, c: { f5: 1 } })).toBe(true);
    expect(refusal(pattern(11))).toContain('more than 1000 combinations');
  });

  it('refuses the name of an operator as a field inside $or', () => {
    expect(refusal('{"$or": [{"prefix": ["a"]}, {"b": ["c"]}]}')).toContain('prefix is Ruler reserved fieldName');
  });
});

describe('refusals', () => {
  it.each([
    ['{"a": ["b"]', 'Unexpected end-of-input'],
    ['{"a": ["b]}', 'Unexpected end-of-input in VALUE_STRING'],
    ['{"a": ["\\q"]}', 'Illegal character or escape'],
    ['{"a": ["b"]} x', "Unexpected character ('x' (code 120)): was expecting the end of the pattern"],
    ['{}', 'Empty objects are not allowed'],
    ['{"a": {}}', 'Empty objects are not allowed'],
    ['{"a": [{"exists": "true"}]}', 'exists match pattern must be either true or false.'],
    ['{"a": [{"exactly": "b"}]}', 'Unrecognized match type exactly'],
    ['{"a": [{"numeric": ["=", 6e9]}]}', 'Value must be between -5.0E9 and 5.0E9, inclusive'],
    ['{"a": [{"wildcard": "a\\\\b"}]}', 'Invalid escape character at pos 2'],
    ['{"$or": [{"a": ["b"]}]}', 'There must have at least 2 Objects in $or relationship.'],
  ])('%s', (pattern, reason) => {
    expect(refusal(pattern)).toContain(reason);
  });

  it('names line and column, and shows the first 500 characters only', () => {
    const long = `{"a": ["${'x'.repeat(600)}"],\n"b": 1}`;

    expect(refusal(long)).toContain('[truncated 119 chars]; line: 2, column: 7]');
  });

  it('refuses a pattern of more than 2048 characters', () => {
    const pattern = (length: number) => `{"a": ["${'x'.repeat(length - 11)}"]}`;

    expect(() => compilePattern(pattern(2048))).not.toThrow();
    expect(refusal(pattern(2049))).toContain('at most 2048 characters');
  });
});

describe('wildcards', () => {
  const asRegExp = (pattern: string) =>
    new RegExp(`^${[...pattern].map((character) => (character === '*' ? '.*' : character)).join('')}$`, 's');

  it('match what the same regular expression matches', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 12 });
    const pattern = fc
      .string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 })
      .filter((candidate) => !candidate.includes('**'));

    fc.assert(
      fc.property(pattern, text, (candidate, value) => {
        expect(matchesWildcard(readWildcard(candidate), value)).toBe(asRegExp(candidate).test(value));
      }),
      { numRuns: 2000 },
    );
  });

  it('stand for themselves when escaped', () => {
    expect(matches({ a: [{ wildcard: 'x\\*y\\\\z' }] }, { a: 'x*y\\z' })).toBe(true);
    expect(matches({ a: [{ wildcard: 'x\\*y' }] }, { a: 'x1y' })).toBe(false);
  });

  it('are refused when a text could be read in too many ways', () => {
    expect(isTooComplex(readWildcard('arn:aws:kms:*:*:key/*'))).toBe(false);
    expect(isTooComplex(readWildcard('*a*a*a*a*a*a*'))).toBe(true);
  });
});

describe('addresses', () => {
  const octets = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255));

  it('belong to a range when their leading bits do', () => {
    fc.assert(
      fc.property(octets, octets, fc.integer({ min: 1, max: 31 }), (network, address, bits) => {
        const { lowest, highest } = cidrRange(`${network.join('.')}/${bits}`);
        const digits = addressDigits(address.join('.')) ?? '';
        const leading = (parts: readonly number[]) =>
          parts
            .map((part) => part.toString(2).padStart(8, '0'))
            .join('')
            .slice(0, bits);

        expect(digits >= lowest && digits <= highest).toBe(leading(network) === leading(address));
      }),
    );
  });

  it('are equal however they are written', () => {
    expect(matches({ a: ['2001:db8::1'] }, { a: '2001:0DB8:0:0:0:0:0:1' })).toBe(true);
    expect(matches({ a: ['10.0.0.1'] }, { a: '10.0.0.10' })).toBe(false);
    expect(matches({ a: [{ cidr: '10.0.0.0/8' }] }, { a: '2001:db8::1' })).toBe(false);
  });
});
