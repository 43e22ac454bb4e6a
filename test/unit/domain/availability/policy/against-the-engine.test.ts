/**
 * The evaluator against the policy engine of local AWS, which knows all of a request: whatever part of it the evaluator is
 * shown, it says the same or that it cannot know.
 */
import type { Principal } from 'local-aws/call';
import type { PolicyDocument } from 'local-aws/contracts';
import { identityPolicyEffect, type PolicyRequest as Known, resourcePolicyEffect } from 'local-aws/iam/policy';
import { decide, type PolicyRequest } from '../../../../../shared/domain/availability/policy/decide';
import { readPolicy } from '../../../../../shared/domain/availability/policy/document';
import type { Value } from '../../../../../shared/domain/availability/policy/pattern';
import { type Random, randomOf } from '../../../../support/random';

const ACCOUNTS = ['111122223333', '444455556666'];
const NAMES = ['keywright-probe', 'orders', 'keywright-reencrypt'];
const ACTIONS = [
  'kms:Decrypt',
  'kms:GenerateDataKey',
  'kms:GenerateDataKeyWithoutPlaintext',
  'kms:ReEncryptFrom',
  'kms:DescribeKey',
];
const ACTION_PATTERNS = [...ACTIONS, 'kms:*', '*', 'kms:GenerateDataKey*', 'KMS:re?ncrypt*', 'kms:Decryp', 's3:*'];
const RESOURCES = ACCOUNTS.map((account) => `arn:aws:kms:eu-central-1:${account}:key/one`);
const RESOURCE_PATTERNS = [
  '*',
  ...RESOURCES,
  'arn:aws:kms:*:*:key/*',
  'arn:aws:kms:*:111122223333:*',
  `arn:aws:kms:*:\${aws:PrincipalAccount}:key/*`,
  'key/*',
];
const OPERATORS = [
  'StringEquals',
  'StringNotEquals',
  'StringEqualsIgnoreCase',
  'StringNotEqualsIgnoreCase',
  'StringLike',
  'StringNotLike',
  'ArnEquals',
  'ArnLike',
  'ArnNotEquals',
  'ArnNotLike',
  'Bool',
];
const VALUES = [
  'acme',
  'ACME',
  'hooli',
  'true',
  'false',
  'keywright:customerId',
  'department',
  '111122223333',
  's3.eu-central-1.amazonaws.com',
  'arn:aws:iam::444455556666:role/orders',
];
const WANTED = [
  ...VALUES,
  '*',
  'ac*',
  '?cme',
  'keywright:*',
  'arn:aws:iam::*:role/*',
  'arn:aws:iam::444455556666:role/key*',
  'arn:*:role/orders',
  '4444*',
  `\${aws:PrincipalAccount}`,
  `\${kms:ViaService}`,
  `\${kms:ViaService, 'acme'}`,
  `ac\${*}`,
  `arn:aws:iam::\${aws:PrincipalAccount}:role/*`,
];
const KEYS = [
  'kms:EncryptionContext:keywright:customerId',
  'kms:EncryptionContextKeys',
  'kms:ViaService',
  'kms:CallerAccount',
  'aws:PrincipalArn',
  'aws:PrincipalAccount',
  'aws:PrincipalOrgID',
  'aws:SecureTransport',
  'sts:ExternalId',
];
const MULTIVALUED = new Set(['kms:encryptioncontextkeys']);

const principalsOf = (): readonly (string | object)[] => [
  '*',
  ...[
    '*',
    ...ACCOUNTS,
    ...ACCOUNTS.map((account) => `arn:aws:iam::${account}:root`),
    ...ACCOUNTS.flatMap((account) => NAMES.map((name) => `arn:aws:iam::${account}:role/${name}`)),
    ...ACCOUNTS.map((account) => `arn:aws:sts::${account}:assumed-role/orders/session`),
    'arn:aws:iam::444455556666:user/orders',
    'AROAORDERS44445555666',
  ].map((AWS) => ({ AWS })),
  { Service: 'kms.amazonaws.com' },
];

const PRINCIPALS = principalsOf();

const some = <T>(random: Random, items: readonly T[], max: number): T[] =>
  Array.from({ length: 1 + random.below(max) }, () => random.pick(items));
const chance = (random: Random, percent: number) => random.below(100) < percent;

function conditionOf(random: Random) {
  const key = random.pick(KEYS);
  if (chance(random, 15)) return { Null: { [key]: random.pick(['true', 'false']) } };
  const set =
    MULTIVALUED.has(key.toLowerCase()) || chance(random, 10) ? random.pick(['', 'ForAllValues:', 'ForAnyValue:']) : '';
  const operator = `${set}${random.pick(OPERATORS)}${chance(random, 20) ? 'IfExists' : ''}`;
  return { [operator]: { [key]: chance(random, 50) ? random.pick(WANTED) : some(random, WANTED, 3) } };
}

function statementOf(random: Random, isResourcePolicy: boolean) {
  const not = (name: string, percent: number) => (chance(random, percent) ? `Not${name}` : name);
  return {
    Effect: random.pick(['Allow', 'Allow', 'Deny']),
    ...(isResourcePolicy && { [not('Principal', 10)]: random.pick(PRINCIPALS) }),
    [not('Action', 10)]: some(random, ACTION_PATTERNS, 2),
    [not('Resource', 10)]: some(random, RESOURCE_PATTERNS, 2),
    ...(chance(random, 60) && {
      Condition: Object.assign({}, ...some(random, [0, 1], 2).map(() => conditionOf(random))),
    }),
  };
}

const policyOf = (random: Random, isResourcePolicy: boolean) => ({
  Version: '2012-10-17',
  Statement: some(random, [0], 4).map(() => statementOf(random, isResourcePolicy)),
});

interface Case {
  readonly known: Known;
  readonly shown: PolicyRequest;
}

/** A request, and what is shown of it: each of its values whole, the beginning of it, or nothing at all. */
function requestOf(random: Random): Case {
  const accountId = random.pick(ACCOUNTS);
  const name = random.pick(NAMES);
  const arn = `arn:aws:iam::${accountId}:role/${name}`;
  const sessionArn = `arn:aws:sts::${accountId}:assumed-role/${name}/session`;
  const carried = new Map(KEYS.map((key) => [key.toLowerCase(), valuesOf(key, random)] as const));
  carried.set('aws:principalarn', [arn]);
  carried.set('aws:principalaccount', [accountId]);
  carried.set('kms:calleraccount', [accountId]);

  const isRoleShown = chance(random, 50);
  const about = { action: random.pick(ACTIONS), resource: random.pick(RESOURCES) };
  const caller: Principal = {
    type: 'AssumedRole',
    accountId,
    arn: sessionArn,
    principalId: 'AROAORDERS44445555666:session',
    role: { arn, name, principalId: 'AROAORDERS44445555666' },
  };
  const context = new Map([...carried].map(([key, values]) => [key, shownOf(values, random)] as const));
  if (!isRoleShown) context.set('aws:principalarn', [{ startsWith: arn.slice(0, 31) }]);
  return {
    known: { ...about, caller, context: (key) => (carried.get(key)?.length ? carried.get(key) : undefined) },
    shown: {
      ...about,
      caller: {
        accountId,
        roleArn: isRoleShown ? arn : { startsWith: `arn:aws:iam::${accountId}:role/` },
        sessionArn: isRoleShown ? sessionArn : { startsWith: `arn:aws:sts::${accountId}:assumed-role/` },
      },
      context: (key) => context.get(key),
    },
  };
}

function valuesOf(key: string, random: Random): string[] {
  if (chance(random, 30)) return [];
  return MULTIVALUED.has(key.toLowerCase()) ? some(random, VALUES, 3) : [random.pick(VALUES)];
}

function shownOf(values: readonly string[], random: Random): readonly Value[] | undefined {
  if (chance(random, 15)) return undefined;
  return values.map((value) =>
    chance(random, 15) ? { startsWith: value.slice(0, random.below(value.length + 1)) } : value,
  );
}

function decisionOf(document: object, request: PolicyRequest) {
  const policy = readPolicy(JSON.stringify(document));
  if ('fault' in policy) throw new Error(policy.fault);
  return decide(policy, request);
}

const WORDS = { allow: 'allowed', deny: 'refused', none: 'refused' } as const;
const CASES = 5 * Number(process.env['RUNS'] ?? 200);

test.each([
  ['resource', true],
  ['identity', false],
] as const)('a %s policy is decided as by the engine, or not known', (_, isResourcePolicy) => {
  const random = randomOf(isResourcePolicy ? 11 : 12);
  const counts = { allowed: 0, refused: 0, unknown: 0 };
  const different: object[] = [];
  for (let at = 0; at < CASES; at += 1) {
    const policy = policyOf(random, isResourcePolicy);
    const { known, shown } = requestOf(random);
    const document = policy as unknown as PolicyDocument;
    const effect = isResourcePolicy
      ? resourcePolicyEffect(document, known).effect
      : identityPolicyEffect(document, known);
    const decision = decisionOf(policy, shown);
    counts[decision.effect] += 1;
    if (decision.effect === 'unknown') continue;
    const isSame = decision.effect === WORDS[effect];
    // What nobody allows may be denied as well: only that it is denied is said for certain.
    const isDenied = decision.effect === 'refused' && decision.isExplicit;
    if (!isSame || (isDenied && effect !== 'deny')) different.push({ policy, shown, decision, effect });
  }
  expect(different).toEqual([]);
  // Each answer is given often enough to mean something.
  expect(Math.min(counts.allowed, counts.refused)).toBeGreaterThan(CASES / 20);
  expect(counts.unknown).toBeLessThan(CASES / 3);
});

const RANK = { refused: 0, unknown: 1, allowed: 2 } as const;

test('a Deny more never allows more, and an Allow more never refuses more', () => {
  const random = randomOf(13);
  let moved = 0;
  const wrong: object[] = [];
  for (let at = 0; at < CASES; at += 1) {
    const policy = policyOf(random, true);
    const { shown } = requestOf(random);
    const more = statementOf(random, true);
    const before = RANK[decisionOf(policy, shown).effect];
    const after = RANK[decisionOf({ ...policy, Statement: [...policy.Statement, more] }, shown).effect];
    if (more.Effect === 'Deny' ? after > before : after < before) wrong.push({ policy, more, shown });
    if (after !== before) moved += 1;
  }
  expect(wrong).toEqual([]);
  expect(moved).toBeGreaterThan(CASES / 50);
});

test('what is shown more of a request turns no answer round', () => {
  const random = randomOf(14);
  const turned: object[] = [];
  for (let at = 0; at < CASES; at += 1) {
    const policy = policyOf(random, true);
    const { shown, known } = requestOf(random);
    const { effect } = decisionOf(policy, shown);
    const whole = decisionOf(policy, {
      ...shown,
      caller: { ...shown.caller, roleArn: known.caller.role?.arn ?? '', sessionArn: known.caller.arn },
      context: (key) => known.context(key) ?? [],
    });
    if (effect !== 'unknown' && whole.effect !== 'unknown' && effect !== whole.effect) turned.push({ policy, shown });
  }
  expect(turned).toEqual([]);
});
