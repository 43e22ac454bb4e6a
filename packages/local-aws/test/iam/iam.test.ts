import { movableClock } from '../../clock';
import type { Permission, PolicyDocument, Role } from '../../contracts';
import { iam } from '../../iam/iam';
import { openStore } from '../../store';

const OWN = '111111111111';
const OTHER = '222222222222';
const QUEUE = `arn:aws:sqs:eu-central-1:${OWN}:q`;

const statement = (effect: string, more: object = {}): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [{ Effect: effect, Action: 'sqs:SendMessage', Resource: QUEUE, ...more }],
});
const aRole = (more: Partial<Role> = {}): Role => ({
  arn: `arn:aws:iam::${more.accountId ?? OWN}:role/worker`,
  name: 'worker',
  accountId: OWN,
  principalId: 'AROAWORKER',
  trustPolicy: { Statement: [] },
  policies: [statement('Allow')],
  ...more,
});
const sending = (more: Partial<Permission> = {}): Permission => ({
  action: 'sqs:SendMessage',
  resource: QUEUE,
  resourceAccountId: OWN,
  ...more,
});

function world() {
  const clock = movableClock(() => Date.UTC(2026, 0, 1));
  const store = openStore();
  const access = iam({ clock, store });
  const session = (role: Role, policy?: PolicyDocument) => {
    access.putRole(role);
    const { accessKeyId } = access.openSession(role.arn, 'run', 3600, policy);
    const caller = access.principalOf(accessKeyId);
    if (!caller) throw new Error('a new session has a principal');
    return caller;
  };
  return { clock, store, access, session };
}

describe('within one account', () => {
  test('the role policy alone suffices', () => {
    const { access, session } = world();
    expect(() => access.require(session(aRole()), sending())).not.toThrow();
  });

  test('a resource policy that names the role suffices, one that names the account does not', () => {
    const { access, session } = world();
    const caller = session(aRole({ policies: [] }));
    const naming = (AWS: string) => sending({ resourcePolicy: statement('Allow', { Principal: { AWS } }) });

    expect(() => access.require(caller, naming(aRole().arn))).not.toThrow();
    expect(() => access.require(caller, naming(OWN))).toThrow('no identity-based policy allows');
  });

  test('a deny of the resource wins over an allow of the role', () => {
    const { access, session } = world();
    const resourcePolicy = statement('Deny', { Principal: '*' });

    expect(() => access.require(session(aRole()), sending({ resourcePolicy }))).toThrow(
      'with an explicit deny in a resource-based policy',
    );
  });

  test('a deny in one role policy wins over an allow in another', () => {
    const { access, session } = world();
    const role = aRole({ policies: [statement('Allow'), statement('Deny')] });

    expect(() => access.require(session(role), sending())).toThrow('with an explicit deny in an identity-based policy');
  });

  test('the refusal is worded and coded as the service does', () => {
    const { access, session } = world();
    const caller = session(aRole({ policies: [] }));

    expect(() => access.require(caller, sending())).toThrow(
      expect.objectContaining({
        code: 'AccessDenied',
        status: 403,
        message: `User: arn:aws:sts::${OWN}:assumed-role/worker/run is not authorized to perform: sqs:SendMessage on resource: ${QUEUE} because no identity-based policy allows the sqs:SendMessage action`,
      }),
    );
    expect(() => access.require(caller, sending({ action: 'dynamodb:GetItem' }))).toThrow(
      expect.objectContaining({ code: 'AccessDeniedException', status: 400 }),
    );
  });

  test('an administrator may do everything in the account, and nothing in another', () => {
    const { access } = world();
    const caller = access.principalOf(access.openAccount(OWN).accessKeyId);
    if (!caller) throw new Error('an account has an administrator');

    expect(() => access.require(caller, sending())).not.toThrow();
    expect(() => access.require(caller, sending({ resourceAccountId: OTHER }))).toThrow('no resource-based policy');
  });
});

describe('across accounts', () => {
  const foreign = aRole({ accountId: OTHER });
  const resourcePolicy = statement('Allow', { Principal: { AWS: OTHER } });

  test('the resource and the role must both allow', () => {
    const { access, session } = world();

    expect(() => access.require(session(foreign), sending({ resourcePolicy }))).not.toThrow();
    expect(() => access.require(session(foreign), sending())).toThrow('no resource-based policy allows');
    expect(() => access.require(session({ ...foreign, policies: [] }), sending({ resourcePolicy }))).toThrow(
      'no identity-based policy allows',
    );
  });
});

test('a service needs the resource policy, with its conditions', () => {
  const { access } = world();
  const service = {
    type: 'AWSService',
    accountId: OWN,
    arn: 'events.amazonaws.com',
    principalId: 'events.amazonaws.com',
  } as const;
  const resourcePolicy = statement('Allow', {
    Principal: { Service: 'events.amazonaws.com' },
    Condition: { ArnEquals: { 'aws:SourceArn': 'arn:aws:events:eu-central-1:111111111111:rule/r' } },
  });
  const from = (rule: string) => ({ 'aws:SourceArn': `arn:aws:events:eu-central-1:${OWN}:rule/${rule}` });

  expect(() => access.require(service, sending({ resourcePolicy, conditions: from('r') }))).not.toThrow();
  expect(() => access.require(service, sending({ resourcePolicy, conditions: from('s') }))).toThrow(
    'no resource-based',
  );
  expect(() => access.require(service, sending())).toThrow('no resource-based policy allows');
});

describe('sessions', () => {
  test('a session policy narrows what the role allows and never widens it', () => {
    const { access, session } = world();
    const others: PolicyDocument = { Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }] };

    expect(() => access.require(session(aRole(), statement('Allow')), sending())).not.toThrow();
    expect(() => access.require(session(aRole(), others), sending())).toThrow('no session policy allows');
    expect(() => access.require(session(aRole({ policies: [] }), statement('Allow')), sending())).toThrow(
      'no identity-based',
    );
    expect(access.identityEffect(session(aRole(), others), sending())).toBe('none');
  });

  test('an access key stops belonging to anybody when its session ends', () => {
    const { access, clock, session } = world();
    const { accessKeyId = '' } = session(aRole());

    clock.advance(3_599_999);
    expect(access.principalOf(accessKeyId)).toBeDefined();
    clock.advance(1);
    expect(access.principalOf(accessKeyId)).toBeUndefined();
    expect(access.credentialOf(accessKeyId)).toBeDefined();
  });

  test('ended sessions are forgotten a day later, when the next one opens', () => {
    const { access, clock, session } = world();
    const { accessKeyId = '' } = session(aRole());

    clock.advance(3_600_000 + 86_400_001);
    session(aRole());

    expect(access.credentialOf(accessKeyId)).toBeUndefined();
  });

  test('a role that is made anew gives nothing to the sessions of the old one', () => {
    const { access, session } = world();
    const caller = session(aRole());

    access.putRole(aRole({ principalId: 'AROAOTHER' }));
    expect(() => access.require(caller, sending())).toThrow('no identity-based policy');
  });

  test('changed role policies hold for sessions that are open already', () => {
    const { access, session } = world();
    const caller = session(aRole());

    access.putRole(aRole({ policies: [] }));
    expect(() => access.require(caller, sending())).toThrow('no identity-based policy');
  });

  test('there is no session of an unknown role', () => {
    const { access } = world();
    expect(() => access.openSession('arn:aws:iam::1:role/x', 'run', 900)).toThrow(
      expect.objectContaining({ code: 'NoSuchEntity' }),
    );
  });
});

describe('the access key of an account’s administrator', () => {
  test('has an id that names the account, and a secret that no two runs share', () => {
    const { access } = world();
    const first = access.openAccount(OWN);

    expect(access.openAccount(OWN)).toEqual(first);
    expect(first.accessKeyId).toMatch(/^AKIA[A-Z2-7]{16}$/);
    expect(first.secretAccessKey).toMatch(/^[\w+/]{40}$/);
    expect(access.openAccount(OTHER).accessKeyId).not.toBe(first.accessKeyId);

    const later = world().access.openAccount(OWN);
    expect(later.accessKeyId).toBe(first.accessKeyId);
    expect(later.secretAccessKey).not.toBe(first.secretAccessKey);
  });

  test('is no longer good in the next run on the same state, which gives out another', () => {
    const { access, clock, store } = world();
    const first = access.openAccount(OWN);

    const next = iam({ clock, store });

    expect(next.credentialOf(first.accessKeyId)).toBeUndefined();
    expect(next.openAccount(OWN).secretAccessKey).not.toBe(first.secretAccessKey);
  });

  test('is not kept with the state', () => {
    const { access, store } = world();
    access.openAccount(OWN);

    expect([...store.table('iam.credentials').entries()]).toEqual([]);
  });

  test('of an earlier release, kept with the state under a secret that everybody could work out, is good no more', () => {
    const { clock, store } = world();
    const principal = { type: 'IAMUser', accountId: OWN, arn: `arn:aws:iam::${OWN}:user/administrator` };
    store.table('iam.credentials').set('AKIAKEPT', { accessKeyId: 'AKIAKEPT', secretAccessKey: 'known', principal });

    const next = iam({ clock, store });

    expect(next.credentialOf('AKIAKEPT')).toBeUndefined();
    expect(next.principalOf('AKIAKEPT')).toBeUndefined();
  });
});

test('a role whose policy cannot be read is refused by name', () => {
  const { access } = world();
  const role = aRole({ policies: [{ Statement: [{ Effect: 'Permit' }] }] });

  expect(() => access.putRole(role)).toThrow('Role worker: Statement 1: Effect must be Allow or Deny.');
});

describe('trust', () => {
  const trusting = (Principal: object, Condition: object = {}) =>
    aRole({
      accountId: OTHER,
      arn: `arn:aws:iam::${OTHER}:role/customer`,
      trustPolicy: {
        Statement: [{ Effect: 'Allow', Principal, Action: 'sts:AssumeRole', Condition } as never],
      },
    });
  const mayAssume = { Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' }] };

  test('a role of another account is assumed when its trust policy and the caller’s own policy allow it', () => {
    const { access, session } = world();
    const role = trusting({ AWS: `arn:aws:iam::${OWN}:root` });

    expect(access.trusts(role, session(aRole({ policies: [mayAssume] })), {})).toBe(true);
    expect(access.trusts(role, session(aRole()), {})).toBe(false);
    expect(access.trusts(trusting({ AWS: '333333333333' }), session(aRole({ policies: [mayAssume] })), {})).toBe(false);
  });

  test('the external id must be the one the trust policy asks for', () => {
    const { access, session } = world();
    const role = trusting({ AWS: OWN }, { StringEquals: { 'sts:ExternalId': 'right' } });
    const caller = session(aRole({ policies: [mayAssume] }));

    expect(access.trusts(role, caller, { 'sts:ExternalId': 'right' })).toBe(true);
    expect(access.trusts(role, caller, { 'sts:ExternalId': 'wrong' })).toBe(false);
    expect(access.trusts(role, caller, {})).toBe(false);
  });

  test('within an account a trust policy that names the caller suffices, one that names the account does not', () => {
    const { access, session } = world();
    const caller = session(aRole({ policies: [] }));
    const role = (AWS: string) => ({ ...trusting({ AWS }), accountId: OWN });

    expect(access.trusts(role(aRole().arn), caller, {})).toBe(true);
    expect(access.trusts(role(OWN), caller, {})).toBe(false);
  });
});
