import type { JsonObject, Principal } from '../../call';
import { identityPolicyEffect, policyFault, resourcePolicyEffect } from '../../iam/policy';

const USER: Principal = {
  type: 'IAMUser',
  accountId: '111111111111',
  arn: 'arn:aws:iam::111111111111:user/ann',
  principalId: 'AIDAANN',
};
const SESSION: Principal = {
  type: 'AssumedRole',
  accountId: '111111111111',
  arn: 'arn:aws:sts::111111111111:assumed-role/worker/run-1',
  principalId: 'AROAWORKER:run-1',
  role: { arn: 'arn:aws:iam::111111111111:role/worker', name: 'worker', principalId: 'AROAWORKER' },
};
const SERVICE: Principal = {
  type: 'AWSService',
  accountId: '111111111111',
  arn: 'events.amazonaws.com',
  principalId: 'events.amazonaws.com',
};

const document = (...statements: JsonObject[]) => ({ Version: '2012-10-17', Statement: statements });
const request = (more: {
  action?: string;
  resource?: string;
  caller?: Principal;
  context?: Record<string, string[]>;
}) => ({
  action: more.action ?? 'kms:Decrypt',
  resource: more.resource ?? 'arn:aws:kms:eu-central-1:111111111111:key/1',
  caller: more.caller ?? USER,
  context: (key: string) => more.context?.[key],
});

/** A policy variable as it is written in a policy. */
const variable = (text: string) => `\${${text}}`;
const allow = (more: JsonObject): JsonObject => ({ Effect: 'Allow', Action: '*', Resource: '*', ...more });

test.each([
  ['kms:Decrypt', 'kms:Decrypt', 'allow'],
  ['KMS:decrypt', 'kms:Decrypt', 'allow'],
  ['kms:*', 'kms:Decrypt', 'allow'],
  ['kms:Generate*Key', 'kms:GenerateDataKey', 'allow'],
  ['kms:Generate*Key', 'kms:GenerateDataKeyPair', 'none'],
  ['kms:Decryp?', 'kms:Decrypt', 'allow'],
  ['kms.Decrypt', 'kms:Decrypt', 'none'],
])('the action pattern %s against %s gives %s', (pattern, action, effect) => {
  expect(identityPolicyEffect(document(allow({ Action: pattern })), request({ action }))).toBe(effect);
});

test('a resource is compared with upper and lower case told apart', () => {
  const policy = document(allow({ Resource: 'arn:aws:s3:::Logs/*' }));

  expect(identityPolicyEffect(policy, request({ resource: 'arn:aws:s3:::Logs/a/b' }))).toBe('allow');
  expect(identityPolicyEffect(policy, request({ resource: 'arn:aws:s3:::logs/a/b' }))).toBe('none');
});

test('an explicit deny wins over an allow of the same document, in either order', () => {
  const deny = { Effect: 'Deny', Action: 'kms:Decrypt', Resource: '*' };

  expect(identityPolicyEffect(document(allow({}), deny), request({}))).toBe('deny');
  expect(identityPolicyEffect(document(deny, allow({})), request({}))).toBe('deny');
});

test('NotAction and NotResource cover everything but what they list', () => {
  const policy = document({ Effect: 'Allow', NotAction: 'iam:*', NotResource: ['arn:aws:s3:::secret/*'] });

  expect(identityPolicyEffect(policy, request({ action: 's3:GetObject', resource: 'arn:aws:s3:::open/x' }))).toBe(
    'allow',
  );
  expect(identityPolicyEffect(policy, request({ action: 'iam:PassRole', resource: 'arn:aws:s3:::open/x' }))).toBe(
    'none',
  );
  expect(identityPolicyEffect(policy, request({ action: 's3:GetObject', resource: 'arn:aws:s3:::secret/x' }))).toBe(
    'none',
  );
});

test('a policy variable stands for the value of the request, literally', () => {
  const policy = document(allow({ Resource: `arn:aws:s3:::home/${variable('aws:username')}/*` }));
  const resource = 'arn:aws:s3:::home/bob/x';

  expect(identityPolicyEffect(policy, request({ resource, context: { 'aws:username': ['bob'] } }))).toBe('allow');
  expect(identityPolicyEffect(policy, request({ resource, context: { 'aws:username': ['*'] } }))).toBe('none');
  expect(identityPolicyEffect(policy, request({ resource }))).toBe('none');
});

test('a policy variable of a key with several values stands for none of them', () => {
  const policy = document(allow({ Resource: `arn:aws:s3:::home/${variable('aws:TagKeys')}` }));
  const context = { 'aws:tagkeys': ['one', 'two'] };

  expect(identityPolicyEffect(policy, request({ resource: 'arn:aws:s3:::home/one', context }))).toBe('none');
});

test('a policy variable may have a default, and a star in braces means a star', () => {
  const policy = document(
    allow({ Resource: `arn:aws:s3:::home/${variable("aws:username, 'guest'")}/${variable('*')}` }),
  );

  expect(identityPolicyEffect(policy, request({ resource: 'arn:aws:s3:::home/guest/*' }))).toBe('allow');
  expect(identityPolicyEffect(policy, request({ resource: 'arn:aws:s3:::home/guest/x' }))).toBe('none');
});

describe('the Principal element', () => {
  test.each([
    ['everybody', '*', USER, 'allow', 'principal'],
    ['everybody of AWS', { AWS: '*' }, SESSION, 'allow', 'principal'],
    ['the account root', { AWS: 'arn:aws:iam::111111111111:root' }, USER, 'allow', 'account'],
    ['the account id', { AWS: '111111111111' }, SESSION, 'allow', 'account'],
    ['another account', { AWS: ['222222222222'] }, USER, 'none', 'principal'],
    ['the user', { AWS: USER.arn }, USER, 'allow', 'principal'],
    ['the role, for its sessions', { AWS: 'arn:aws:iam::111111111111:role/worker' }, SESSION, 'allow', 'principal'],
    ['the session itself', { AWS: SESSION.arn }, SESSION, 'allow', 'principal'],
    ['another session', { AWS: `${SESSION.arn}0` }, SESSION, 'none', 'principal'],
    ['the role by its unique id', { AWS: 'AROAWORKER' }, SESSION, 'allow', 'principal'],
    ['account and user at once', { AWS: ['111111111111', USER.arn] }, USER, 'allow', 'principal'],
    ['the service', { Service: ['events.amazonaws.com'] }, SERVICE, 'allow', 'principal'],
    ['another service', { Service: 'sns.amazonaws.com' }, SERVICE, 'none', 'principal'],
    ['the account, not its services', { AWS: '111111111111' }, SERVICE, 'none', 'principal'],
  ] as const)('that names %s', (_, Principal, caller, effect, via) => {
    const policy = document({ Effect: 'Allow', Principal: Principal as JsonObject, Action: '*', Resource: '*' });

    expect(resourcePolicyEffect(policy, request({ caller }))).toEqual({ effect, via });
  });

  test('a deny with NotPrincipal spares only those it names', () => {
    const policy = document({ Effect: 'Deny', NotPrincipal: { AWS: USER.arn }, Action: '*', Resource: '*' });

    expect(resourcePolicyEffect(policy, request({ caller: USER })).effect).toBe('none');
    expect(resourcePolicyEffect(policy, request({ caller: SESSION })).effect).toBe('deny');
  });

  test('a statement without a principal names nobody', () => {
    expect(resourcePolicyEffect(document(allow({})), request({})).effect).toBe('none');
  });
});

describe('conditions', () => {
  const holds = (operator: string, wanted: unknown, values?: string[]) => {
    const policy = document(allow({ Condition: { [operator]: { 'aws:Key': wanted } } as JsonObject }));
    return identityPolicyEffect(policy, request({ context: values ? { 'aws:key': values } : {} })) === 'allow';
  };

  test.each([
    ['StringEquals', 'a', ['a'], true],
    ['StringEquals', 'a', ['A'], false],
    ['StringEquals', 'a*', ['ab'], false],
    ['StringEquals', ['a', 'b'], ['b'], true],
    ['StringEquals', 'a', undefined, false],
    ['StringEqualsIfExists', 'a', undefined, true],
    ['StringEqualsIfExists', 'a', ['b'], false],
    ['StringNotEquals', 'a', ['b'], true],
    ['StringNotEquals', ['a', 'b'], ['b'], false],
    ['StringNotEquals', 'a', undefined, true],
    ['StringNotEquals', 'a', ['b', 'a'], false],
    ['StringEquals', 'a', ['b', 'a'], true],
    ['StringEqualsIgnoreCase', 'aB', ['Ab'], true],
    ['StringNotEqualsIgnoreCase', 'aB', ['Ab'], false],
    ['StringLike', 'a*c?', ['abbcd'], true],
    ['StringLike', 'a*c?', ['abbc'], false],
    ['StringNotLike', 'a*', ['b'], true],
    ['ArnLike', 'arn:aws:events:*:111111111111:rule/*', ['arn:aws:events:eu-west-1:111111111111:rule/bus/r'], true],
    ['ArnLike', 'arn:aws:events:*:rule/x', ['arn:aws:events:eu-west-1:111111111111:rule/x'], false],
    ['ArnEquals', 'arn:aws:sqs:*:*:q', ['arn:aws:sqs:eu-west-1:1:q'], true],
    ['ArnNotEquals', 'arn:aws:sqs:*:*:q', ['arn:aws:sqs:eu-west-1:1:q'], false],
    ['Bool', 'true', ['true'], true],
    ['Bool', true, ['false'], false],
    ['NumericLessThanEquals', '3600', ['3600'], true],
    ['NumericLessThan', 3600, ['3600'], false],
    ['NumericGreaterThan', '10', ['9'], false],
    ['NumericEquals', '7', ['7.0'], true],
    ['DateGreaterThan', '2026-01-01T00:00:00Z', ['2026-01-02T00:00:00Z'], true],
    ['DateLessThan', '1767225600', ['2025-12-31T23:59:59Z'], true],
    ['IpAddress', '10.0.0.0/8', ['10.200.1.1'], true],
    ['IpAddress', '10.0.0.0/8', ['11.0.0.1'], false],
    ['IpAddress', '2001:db8::/32', ['2001:db8::1'], true],
    ['IpAddress', '127.0.0.1', ['127.0.0.1'], true],
    ['NotIpAddress', '10.0.0.0/8', ['11.0.0.1'], true],
    ['Null', 'true', undefined, true],
    ['Null', 'true', ['a'], false],
    ['Null', 'false', ['a'], true],
    ['ForAllValues:StringEquals', ['a', 'b'], ['a', 'b'], true],
    ['ForAllValues:StringEquals', ['a', 'b'], ['a', 'c'], false],
    ['ForAllValues:StringEquals', ['a'], undefined, true],
    ['ForAnyValue:StringEquals', ['a'], ['a', 'c'], true],
    ['ForAnyValue:StringEquals', ['a'], ['c'], false],
    ['ForAnyValue:StringEquals', ['a'], undefined, false],
    ['ForAnyValue:StringNotEquals', ['a'], ['a', 'c'], true],
    ['ForAnyValue:StringNotEquals', ['a'], undefined, false],
    ['ForAllValues:StringNotLike', ['a*'], ['b', 'ab'], false],
  ] as const)('%s %j with %j: %s', (operator, wanted, values, expected) => {
    expect(holds(operator, wanted, values && [...values])).toBe(expected);
  });

  test('every operator and every key of a statement must hold', () => {
    const policy = document(allow({ Condition: { StringEquals: { a: '1', b: '2' }, StringLike: { c: '3*' } } }));
    const context = { a: ['1'], b: ['2'], c: ['33'] };

    expect(identityPolicyEffect(policy, request({ context }))).toBe('allow');
    expect(identityPolicyEffect(policy, request({ context: { ...context, b: ['x'] } }))).toBe('none');
    expect(identityPolicyEffect(policy, request({ context: { ...context, c: ['x'] } }))).toBe('none');
  });

  test('a variable works in a condition, also inside an ARN', () => {
    const policy = document(
      allow({
        Condition: { ArnLike: { 'aws:SourceArn': `arn:aws:events:*:${variable('aws:PrincipalAccount')}:rule/*` } },
      }),
    );
    const context = { 'aws:principalaccount': ['1'], 'aws:sourcearn': ['arn:aws:events:r:1:rule/x'] };

    expect(identityPolicyEffect(policy, request({ context }))).toBe('allow');
    expect(identityPolicyEffect(policy, request({ context: { ...context, 'aws:principalaccount': ['2'] } }))).toBe(
      'none',
    );
  });
});

test.each([
  ['no effect', { Action: '*', Resource: '*' }, 'Statement 1: Effect must be Allow or Deny.'],
  ['no action', { Effect: 'Allow', Resource: '*' }, 'Statement 1: Action or NotAction is missing.'],
  ['an unknown operator', allow({ Condition: { StringIs: { a: 'b' } } }), 'StringIs is not a condition operator.'],
  ['keys that are no keys', allow({ Condition: { Bool: 'true' } }), 'Condition Bool must name condition keys.'],
])('a statement with %s is a fault that is named', (_, statement, fault) => {
  expect(policyFault(document(statement))).toBe(fault);
});
