/** The evaluator row by row: a statement, and what it comes to for a session of a role. */
import { type Decision, decide } from '../../../../../shared/domain/availability/policy/decide';
import { POLICY_MAX, readPolicy } from '../../../../../shared/domain/availability/policy/document';
import type { Value } from '../../../../../shared/domain/availability/policy/pattern';

const KEY = 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const OURS = '444455556666';
const ROLE = `arn:aws:iam::${OURS}:role/keywright-prod-probe-keys`;
const SESSION = `arn:aws:sts::${OURS}:assumed-role/keywright-prod-probe-keys/probe`;

const CONTEXT: Readonly<Record<string, readonly Value[]>> = {
  'aws:principalarn': [ROLE],
  'aws:principalaccount': [OURS],
  'kms:calleraccount': [OURS],
  'kms:viaservice': [],
  'aws:securetransport': ['true'],
  'kms:encryptioncontext:keywright:customerid': ['acme'],
  'kms:encryptioncontext:keywright:datastoreid': [{ startsWith: '' }],
  'kms:encryptioncontext:department': [],
  'kms:encryptioncontextkeys': ['keywright:customerId', 'keywright:dataStoreId'],
};

const caller = { accountId: OURS, roleArn: ROLE, sessionArn: SESSION } as const;
const someRole = {
  accountId: OURS,
  roleArn: { startsWith: `arn:aws:iam::${OURS}:role/` },
  sessionArn: { startsWith: `arn:aws:sts::${OURS}:assumed-role/` },
};

const ALLOW = { Sid: 'Allow', Effect: 'Allow', Principal: { AWS: ROLE }, Action: 'kms:Decrypt', Resource: '*' };
const DENY = { ...ALLOW, Sid: 'Deny', Effect: 'Deny' };
const documentOf = (...statements: readonly object[]) => ({ Version: '2012-10-17', Statement: statements });

function decisionOf(document: object, who: Parameters<typeof decide>[1]['caller'] = caller): Decision {
  const policy = readPolicy(JSON.stringify(document));
  if ('fault' in policy) throw new Error(policy.fault);
  const context = (key: string) => CONTEXT[key];
  return decide(policy, { action: 'kms:Decrypt', resource: KEY, caller: who, context });
}

type Effect = Decision['effect'];
const effectOf = (statement: object, who = caller as Parameters<typeof decide>[1]['caller']): Effect =>
  decisionOf(documentOf({ ...ALLOW, ...statement }), who).effect;

describe('actions and resources', () => {
  test.each<[Effect, object]>([
    ['allowed', { Action: ['kms:Encrypt', 'kms:Decrypt'] }],
    ['allowed', { Action: 'KMS:dec*' }],
    ['allowed', { Action: '*' }],
    ['allowed', { Action: 'kms:?ecrypt' }],
    ['refused', { Action: 'kms:Decryp' }],
    ['refused', { Action: 'kms:Encrypt' }],
    ['refused', { Action: [] }],
    ['allowed', { Action: undefined, NotAction: 'kms:PutKeyPolicy' }],
    ['refused', { Action: undefined, NotAction: 'kms:D*' }],
    ['allowed', { Resource: KEY }],
    ['allowed', { Resource: 'arn:aws:kms:*:111122223333:key/*' }],
    ['refused', { Resource: 'ARN:aws:kms:*:111122223333:key/*' }],
    ['refused', { Resource: 'arn:aws:kms:*:444455556666:key/*' }],
    ['refused', { Resource: undefined, NotResource: '*' }],
    ['allowed', { Resource: undefined, NotResource: 'arn:aws:s3:::*' }],
    ['allowed', { Resource: undefined }],
  ])('%s: %j', (effect, statement) => expect(effectOf(statement)).toBe(effect));
});

describe('principals', () => {
  test.each<[Effect, object]>([
    ['allowed', { Principal: '*' }],
    ['allowed', { Principal: { AWS: '*' } }],
    ['allowed', { Principal: { AWS: OURS } }],
    ['allowed', { Principal: { AWS: `arn:aws:iam::${OURS}:root` } }],
    ['refused', { Principal: { AWS: 'arn:aws:iam::111122223333:root' } }],
    ['allowed', { Principal: { AWS: ['arn:aws:iam::111122223333:root', ROLE] } }],
    ['allowed', { Principal: { AWS: SESSION } }],
    ['refused', { Principal: { AWS: `${SESSION}-other` } }],
    ['refused', { Principal: { AWS: `arn:aws:iam::${OURS}:role/*` } }],
    ['refused', { Principal: { AWS: `arn:aws:iam::${OURS}:user/somebody` } }],
    ['refused', { Principal: { Service: 'kms.amazonaws.com' } }],
    ['refused', { Principal: { Federated: 'cognito-identity.amazonaws.com' } }],
    ['unknown', { Principal: { AWS: 'AROAEXAMPLEID1234567' } }],
    ['allowed', { Principal: undefined }],
    ['allowed', { Principal: undefined, NotPrincipal: { AWS: 'arn:aws:iam::999988887777:root' } }],
    ['refused', { Principal: undefined, NotPrincipal: { AWS: [ROLE, `arn:aws:iam::${OURS}:root`] } }],
    ['unknown', { Principal: undefined, NotPrincipal: { AWS: ROLE } }],
    ['unknown', { Principal: undefined, NotPrincipal: { AWS: `arn:aws:iam::${OURS}:root` } }],
  ])('%s: %j', (effect, statement) => expect(effectOf(statement)).toBe(effect));

  test.each<[Effect, string]>([
    ['allowed', `arn:aws:iam::${OURS}:root`],
    ['unknown', ROLE],
    ['unknown', SESSION],
    ['refused', `arn:aws:iam::${OURS}:user/somebody`],
    ['refused', 'arn:aws:iam::111122223333:role/keywright-prod-probe-keys'],
  ])('of a role whose name is not known: %s by %s', (effect, principal) =>
    expect(effectOf({ Principal: { AWS: principal } }, someRole)).toBe(effect),
  );
});

describe('conditions', () => {
  test.each<[Effect, object]>([
    ['allowed', { StringEquals: { 'kms:EncryptionContext:keywright:customerId': 'acme' } }],
    ['allowed', { StringEquals: { 'KMS:encryptioncontext:KEYWRIGHT:CUSTOMERID': ['hooli', 'acme'] } }],
    ['refused', { StringEquals: { 'kms:EncryptionContext:keywright:customerId': 'Acme' } }],
    ['allowed', { StringEqualsIgnoreCase: { 'kms:EncryptionContext:keywright:customerId': 'ACME' } }],
    ['refused', { StringNotEqualsIgnoreCase: { 'kms:EncryptionContext:keywright:customerId': 'ACME' } }],
    ['refused', { StringNotEquals: { 'kms:EncryptionContext:keywright:customerId': ['hooli', 'acme'] } }],
    ['allowed', { StringNotEquals: { 'kms:EncryptionContext:department': 'sales' } }],
    ['refused', { StringEquals: { 'kms:EncryptionContext:department': 'sales' } }],
    ['allowed', { StringEqualsIfExists: { 'kms:EncryptionContext:department': 'sales' } }],
    ['allowed', { StringLike: { 'kms:EncryptionContext:keywright:customerId': 'ac*' } }],
    ['refused', { StringEquals: { 'kms:EncryptionContext:keywright:customerId': 'ac*' } }],
    ['unknown', { StringEquals: { 'kms:EncryptionContext:keywright:dataStoreId': 'orders' } }],
    ['allowed', { StringLike: { 'kms:EncryptionContext:keywright:dataStoreId': '*' } }],
    ['unknown', { StringNotLike: { 'kms:EncryptionContext:keywright:dataStoreId': 'or*' } }],
    ['allowed', { Null: { 'kms:EncryptionContext:keywright:dataStoreId': 'false' } }],
    ['refused', { Null: { 'kms:EncryptionContext:keywright:customerId': true } }],
    ['unknown', { Null: { 'aws:SourceVpce': 'true' } }],
    ['refused', { StringEquals: { 'kms:ViaService': 's3.eu-central-1.amazonaws.com' } }],
    ['allowed', { StringNotEquals: { 'kms:ViaService': 's3.eu-central-1.amazonaws.com' } }],
    ['allowed', { StringEquals: { 'kms:CallerAccount': [OURS] } }],
    ['allowed', { Bool: { 'aws:SecureTransport': true } }],
    ['refused', { Bool: { 'aws:SecureTransport': 'false' } }],
    ['allowed', { ArnEquals: { 'aws:PrincipalArn': `arn:aws:iam::${OURS}:role/keywright-*` } }],
    ['refused', { ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/other-*' } }],
    ['refused', { ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam:*' } }],
    ['allowed', { StringLike: { 'aws:PrincipalArn': 'arn:aws:iam:*' } }],
    ['refused', { ArnNotLike: { 'aws:PrincipalArn': `arn:aws:iam::${OURS}:role/*` } }],
    ['unknown', { StringEquals: { 'aws:PrincipalOrgID': 'o-example' } }],
    ['unknown', { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } }],
    ['unknown', { StringResembles: { 'kms:CallerAccount': OURS } }],
    ['refused', { StringEquals: { 'kms:CallerAccount': '111122223333', 'aws:PrincipalOrgID': 'o-example' } }],
    ['allowed', { 'ForAllValues:StringLike': { 'kms:EncryptionContextKeys': 'keywright:*' } }],
    ['refused', { 'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': 'keywright:customerId' } }],
    ['allowed', { 'ForAnyValue:StringEquals': { 'kms:EncryptionContextKeys': ['x', 'keywright:customerId'] } }],
    ['refused', { 'ForAnyValue:StringEquals': { 'kms:EncryptionContext:department': 'sales' } }],
    ['allowed', { 'ForAllValues:StringEquals': { 'kms:EncryptionContext:department': 'sales' } }],
    ['allowed', { StringEquals: { 'kms:CallerAccount': `\${aws:PrincipalAccount}` } }],
    ['allowed', { ArnEquals: { 'aws:PrincipalArn': `arn:aws:iam::\${aws:PrincipalAccount}:role/keywright-*` } }],
    ['refused', { StringEquals: { 'kms:CallerAccount': `\${kms:ViaService}` } }],
    ['allowed', { StringEquals: { 'kms:CallerAccount': `\${kms:ViaService, '${OURS}'}` } }],
    ['unknown', { StringEquals: { 'kms:CallerAccount': `\${aws:PrincipalTag/account}` } }],
    ['refused', { StringLike: { 'kms:CallerAccount': `4444\${*}` } }],
  ])('%s: %j', (effect, Condition) => expect(effectOf({ Condition })).toBe(effect));

  test.each<[Effect, string]>([
    ['allowed', `arn:aws:iam::${OURS}:role/*`],
    ['unknown', `arn:aws:iam::${OURS}:role/keywright-*`],
    ['unknown', 'arn:aws:iam::*:role/*'],
    ['refused', `arn:aws:iam::${OURS}:user/*`],
    ['refused', 'arn:aws:iam::111122223333:role/*'],
  ])('of a role whose name is not known: %s where aws:PrincipalArn is like %s', (effect, pattern) => {
    const context = { ...CONTEXT, 'aws:principalarn': [someRole.roleArn] } as typeof CONTEXT;
    const policy = readPolicy(
      JSON.stringify(
        documentOf({ ...ALLOW, Principal: '*', Condition: { StringLike: { 'aws:PrincipalArn': pattern } } }),
      ),
    );
    if ('fault' in policy) throw new Error(policy.fault);
    const decision = decide(policy, {
      action: 'kms:Decrypt',
      resource: KEY,
      caller: someRole,
      context: (key) => context[key],
    });

    // A wildcard takes colons too, outside of ARN operators: what is known of the account does not tell.
    expect(decision.effect).toBe(effect);
  });

  test('before version 2012-10-17 a variable is text', () => {
    const Condition = { StringEquals: { 'kms:CallerAccount': `\${aws:PrincipalAccount}` } };
    expect(decisionOf({ Version: '2008-10-17', Statement: { ...ALLOW, Condition } }).effect).toBe('refused');
    expect(decisionOf({ Statement: { ...ALLOW, Condition } }).effect).toBe('refused');
  });
});

test.each<[Effect, string | undefined, readonly Value[] | undefined]>([
  ['allowed', 'kw-acme', ['kw-acme']],
  ['refused', 'kw-other', ['kw-acme']],
  ['refused', 'kw-acme', []],
  ['allowed', undefined, ['kw-acme']],
  ['unknown', 'kw-acme', undefined],
])('a trust policy: %s where it asks for the external id %s and we send %j', (effect, externalId, sent) => {
  const Condition = externalId && { Condition: { StringEquals: { 'sts:ExternalId': externalId } } };
  const trust = { Effect: 'Allow', Principal: { AWS: OURS }, Action: 'sts:AssumeRole', ...Condition };
  const policy = readPolicy(JSON.stringify(documentOf(trust)));
  if ('fault' in policy) throw new Error(policy.fault);
  const context = (key: string) => (key === 'sts:externalid' ? sent : CONTEXT[key]);
  const resource = 'arn:aws:iam::111122223333:role/keywright-observer';

  expect(decide(policy, { action: 'sts:AssumeRole', resource, caller, context }).effect).toBe(effect);
});

describe('which statement decides', () => {
  const maybe = { StringEquals: { 'aws:PrincipalOrgID': 'o-example' } };
  test.each<[string, Decision, readonly object[]]>([
    [
      'the allow',
      { effect: 'allowed', statement: 'Allow' },
      [{ ...ALLOW, Sid: 'Other', Action: 'kms:Encrypt' }, ALLOW],
    ],
    ['an explicit deny, wherever it stands', { effect: 'refused', isExplicit: true, statement: 'Deny' }, [DENY, ALLOW]],
    [
      'one without a Sid by its place',
      { effect: 'refused', isExplicit: true, statement: 'statement 2' },
      [ALLOW, { ...DENY, Sid: undefined }],
    ],
    [
      'none, and the one with the condition is the nearest',
      { effect: 'refused', isExplicit: false, statement: 'Bound' },
      [
        { ...ALLOW, Sid: 'Other', Action: 'kms:Encrypt' },
        { ...ALLOW, Sid: 'Bound', Condition: { StringEquals: { 'kms:CallerAccount': '1' } } },
      ],
    ],
    [
      'none, and the one for the caller is the nearest',
      { effect: 'refused', isExplicit: false, statement: 'Other' },
      [
        { ...ALLOW, Sid: 'Theirs', Principal: { AWS: '111122223333' } },
        { ...ALLOW, Sid: 'Other', Action: 'kms:Encrypt' },
      ],
    ],
    ['none at all', { effect: 'refused', isExplicit: false }, []],
    [
      'a deny that may fit leaves an allow in doubt',
      { effect: 'unknown', statement: 'Deny' },
      [ALLOW, { ...DENY, Condition: maybe }],
    ],
    [
      'a deny that may fit changes nothing where nothing is allowed',
      { effect: 'refused', isExplicit: false, maybeDenied: 'Deny' },
      [{ ...DENY, Condition: maybe }],
    ],
    [
      'a deny that fits makes an allow that may fit irrelevant',
      { effect: 'refused', isExplicit: true, statement: 'Deny' },
      [{ ...ALLOW, Condition: maybe }, DENY],
    ],
    ['an allow that may fit', { effect: 'unknown', statement: 'Allow' }, [{ ...ALLOW, Condition: maybe }]],
  ])('%s', (_, decision, statements) => expect(decisionOf(documentOf(...statements))).toEqual(decision));

  test('a Sid without end is cut', () => {
    const decision = decisionOf(documentOf({ ...DENY, Sid: 'x'.repeat(5_000) }));
    expect(decision.effect === 'refused' && decision.statement?.length).toBe(100);
  });
});

describe('what is no policy', () => {
  test.each<[string, string]>([
    ['nothing', ''],
    ['no JSON', '{'],
    ['a list', '[]'],
    ['no statement', '{"Version":"2012-10-17"}'],
    ['a statement that is none', '{"Statement":["Allow"]}'],
    ['an effect that there is not', JSON.stringify(documentOf({ ...ALLOW, Effect: 'allow' }))],
    ['no action', JSON.stringify(documentOf({ ...ALLOW, Action: undefined }))],
    ['an action and its opposite', JSON.stringify(documentOf({ ...ALLOW, NotAction: 'kms:Encrypt' }))],
    ['principals and their opposite', JSON.stringify(documentOf({ ...ALLOW, NotPrincipal: '*' }))],
    ['an element that we do not know', JSON.stringify(documentOf({ ...ALLOW, condition: {} }))],
    ['a version that we do not know', JSON.stringify({ ...documentOf(ALLOW), Version: '2030-01-01' })],
    ['a condition that is a list', JSON.stringify(documentOf({ ...ALLOW, Condition: [] }))],
    ['values within values', `{"Statement":{"Effect":"Allow","Action":${'['.repeat(9_000)}${']'.repeat(9_000)}}}`],
    ['nesting without end', '['.repeat(POLICY_MAX)],
    ['a text that is too long', JSON.stringify({ ...documentOf(ALLOW), Id: 'x'.repeat(POLICY_MAX) })],
  ])('%s is told to be none, with the reason', (_, text) => {
    const policy = readPolicy(text);
    expect(policy).toEqual({ fault: expect.stringMatching(/^(the|statement \d+ of the) policy .{10,200}$/s) });
  });

  test('a policy made of wildcards is decided in no time', () => {
    const Action = Array.from({ length: 60 }, () => `${'*e'.repeat(200)}x`);
    const began = performance.now();
    expect(effectOf({ Action, Condition: { StringLike: { 'aws:PrincipalArn': `${'*r'.repeat(1_000)}x` } } })).toBe(
      'refused',
    );
    expect(performance.now() - began).toBeLessThan(500);
  });

  test.each([
    ['open variables', '${'.repeat(12_000)],
    ['a variable of spaces', `\${${' '.repeat(200)},x}`],
  ])('a policy made of %s is decided in no time', (_, text) => {
    const began = performance.now();
    effectOf({ Condition: { StringLike: { 'aws:PrincipalArn': text } } });
    expect(performance.now() - began).toBeLessThan(500);
  });
});
