import fc from 'fast-check';
import { pattern } from '../../iam/pattern';
import { identityPolicyEffect } from '../../iam/policy';

const none = () => undefined;

/** Wildcards as one would write them down: slow, and plainly right. */
function matches(source: string, text: string): boolean {
  if (source === '') return text === '';
  const rest = source.slice(1);
  if (source.startsWith('*')) return matches(rest, text) || (text !== '' && matches(source, text.slice(1)));
  return text !== '' && (source.startsWith('?') || source[0] === text[0]) && matches(rest, text.slice(1));
}

test('a pattern matches what its wildcards say, whatever signs stand between them', () => {
  const signs = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', '.', '+', '(', '\\', '/', '\n'), maxLength: 8 });
  fc.assert(
    fc.property(signs, signs, (source, text) => {
      expect(pattern(source, { wildcards: true })(text, none)).toBe(matches(source, text));
    }),
    { numRuns: 2_000 },
  );
});

test('without wildcards a pattern matches itself and nothing else', () => {
  const signs = fc.string({ unit: fc.constantFrom('a', '*', '?', '.', '^', '|'), maxLength: 6 });
  fc.assert(
    fc.property(signs, signs, (source, text) => {
      expect(pattern(source, { wildcards: false })(text, none)).toBe(source === text);
    }),
  );
});

test('a statement that denies is never undone by what else a policy says', () => {
  const action = fc.constantFrom('*', 'kms:*', 'kms:Decrypt', 's3:*');
  const statement = fc.record({ Effect: fc.constantFrom('Allow', 'Deny'), Action: action, Resource: fc.constant('*') });
  const caller = { type: 'IAMUser', accountId: '1', arn: 'arn:aws:iam::1:user/u', principalId: 'AIDA' } as const;
  const effectOf = (statements: readonly object[]) =>
    identityPolicyEffect(
      { Statement: statements as never },
      { action: 'kms:Decrypt', resource: 'arn:aws:kms:r:1:key/k', caller, context: none },
    );

  fc.assert(
    fc.property(fc.array(statement), fc.nat(), (statements, place) => {
      const at = place % (statements.length + 1);
      const deny = { Effect: 'Deny', Action: 'kms:Decrypt', Resource: '*' };
      expect(effectOf([...statements.slice(0, at), deny, ...statements.slice(at)])).toBe('deny');
    }),
  );
});
