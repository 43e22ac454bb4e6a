/** Key, IAM and endpoint policies from AWS's own guide: our engine reads each of them, and takes none of them for more than it says. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { PolicyDocument } from 'local-aws/contracts';
import { identityPolicyEffect, policyFault } from 'local-aws/iam/policy';
import { administratorOf } from 'local-aws/test/support/local-world';

const FILE = resolve(__dirname, '../../../shared/data/iam/kms-policies-aws-docs.jsonl');

interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Condition?: object;
}

const policies = readFileSync(FILE, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line).policy as PolicyDocument);
const statementsOf = (policy: PolicyDocument) => [policy.Statement].flat() as unknown as readonly Statement[];
const first = (listed: string | readonly string[] | undefined) => [listed].flat()[0] ?? '';

/** What a pattern covers, among others. */
const covered = (pattern: string) => pattern.replaceAll('*', 'x');

const effectOf = (statement: Statement, action: string) => {
  const policy = { Version: '2012-10-17', Statement: [statement] } as unknown as PolicyDocument;
  const resource = covered(first(statement.Resource));
  return identityPolicyEffect(policy, {
    action,
    resource,
    caller: administratorOf('111122223333'),
    context: () => undefined,
  });
};

afterAll(() => console.log(`recorded policies: ${policies.length} read`));

test('every policy can be evaluated, and none whose effect is misspelt', () => {
  const misspelt = policies.map((policy) => JSON.parse(JSON.stringify(policy).replaceAll('"Effect":"', '"Effect":"x')));

  expect(policies).toHaveLength(23);
  expect(policies.map(policyFault)).toEqual(policies.map(() => undefined));
  for (const policy of misspelt) expect(policyFault(policy)).toMatch(/Effect must be Allow or Deny/);
});

test('a statement without conditions has its effect on what it names, and none on what it does not', () => {
  const plain = policies.flatMap(statementsOf).filter(({ Action, Condition }) => Action && !Condition);

  expect(plain).toHaveLength(28);
  for (const statement of plain) {
    expect(effectOf(statement, covered(first(statement.Action)))).toBe(statement.Effect.toLowerCase());
    expect([JSON.stringify(statement), effectOf(statement, 'nobody:Nothing')]).toEqual([
      JSON.stringify(statement),
      'none',
    ]);
  }
});

/** Operators that hold of what is not there. Source: IAM User Guide, condition operators and multivalued context keys. */
const HOLDS_OF_NOTHING = /"(\w*Not\w+|ForAllValues:\w+)":/;

test('a statement that allows under conditions allows nothing to a request that tells nothing, unless they hold of that', () => {
  const conditional = policies
    .flatMap(statementsOf)
    .filter(({ Effect, Action, Condition }) => Effect === 'Allow' && Action && Condition);

  expect(conditional).toHaveLength(10);
  for (const statement of conditional) {
    const holds = HOLDS_OF_NOTHING.test(JSON.stringify(statement.Condition));
    expect(effectOf(statement, covered(first(statement.Action)))).toBe(holds ? 'allow' : 'none');
  }
});
