import type { Call, JsonObject, Principal } from '../../call';
import { movableClock } from '../../clock';
import type { PolicyDocument, Role } from '../../contracts';
import { iam } from '../../iam/iam';
import { openStore } from '../../store';
import { sts } from '../../sts/engine';

const PROVIDER = '111111111111';
const CUSTOMER = '222222222222';
const CUSTOMER_ROLE = `arn:aws:iam::${CUSTOMER}:role/keywright`;
const START = Date.UTC(2026, 0, 1);

const allow = (Action: string, more: object = {}): PolicyDocument => ({
  Statement: [{ Effect: 'Allow', Action, Resource: '*', ...more }],
});

function setUp() {
  const clock = movableClock(() => START);
  const access = iam({ store: openStore(), clock });
  const engine = sts({ iam: access });
  const principal = (accessKeyId: string): Principal => {
    const found = access.principalOf(accessKeyId);
    if (found === undefined) throw new Error(`nobody holds ${accessKeyId}`);
    return found;
  };
  const addRole = (arn: string, more: Partial<Role> = {}) => {
    const [, , , , accountId = ''] = arn.split(':');
    const name = arn.split('/').at(-1) ?? '';
    access.putRole({
      arn,
      name,
      accountId,
      principalId: `AROA${name}`,
      trustPolicy: { Statement: [] },
      policies: [],
      ...more,
    });
  };
  addRole(CUSTOMER_ROLE, {
    trustPolicy: allow('sts:AssumeRole', {
      Principal: { AWS: `arn:aws:iam::${PROVIDER}:root` },
      Condition: { StringEquals: { 'sts:ExternalId': 'right' } },
    }),
    policies: [allow('kms:*')],
  });
  addRole(`arn:aws:iam::${PROVIDER}:role/function`, { policies: [allow('sts:AssumeRole')] });
  const session = access.openSession(`arn:aws:iam::${PROVIDER}:role/function`, 'run', 900);
  const ask = (operation: string, input: JsonObject = {}, caller = principal(session.accessKeyId)) => {
    const call: Call = {
      service: 'sts',
      operation,
      region: 'eu-central-1',
      caller,
      input,
      requestId: 'r',
      sourceIp: '127.0.0.1',
      userAgent: 'test',
    };
    return engine.handle(call);
  };
  const assume = (more: JsonObject = {}, caller?: Principal) =>
    ask('AssumeRole', { RoleArn: CUSTOMER_ROLE, RoleSessionName: 'customer-7', ExternalId: 'right', ...more }, caller);
  const administrator = principal(access.openAccount(PROVIDER).accessKeyId);
  return { access, clock, ask, assume, principal, administrator };
}

function credentialsIn(output: JsonObject = {}) {
  return output['Credentials'] as { AccessKeyId: string; SecretAccessKey: string; SessionToken: string };
}

test('GetCallerIdentity tells everybody who they are', async () => {
  const { ask } = setUp();

  expect((await ask('GetCallerIdentity')).output).toEqual({
    UserId: 'AROAfunction:run',
    Account: PROVIDER,
    Arn: `arn:aws:sts::${PROVIDER}:assumed-role/function/run`,
  });
});

describe('AssumeRole', () => {
  test('with the right external id gives a session of the customer’s role for an hour', async () => {
    const { assume, principal, access, clock } = setUp();

    const { output } = await assume();

    expect(output).toEqual({
      Credentials: {
        AccessKeyId: expect.stringMatching(/^ASIA/),
        SecretAccessKey: expect.any(String),
        SessionToken: expect.any(String),
        Expiration: START / 1000 + 3600,
      },
      AssumedRoleUser: {
        AssumedRoleId: 'AROAkeywright:customer-7',
        Arn: `arn:aws:sts::${CUSTOMER}:assumed-role/keywright/customer-7`,
      },
    });
    const { AccessKeyId } = credentialsIn(output);
    expect(principal(AccessKeyId)).toMatchObject({ accountId: CUSTOMER, role: { arn: CUSTOMER_ROLE } });
    clock.advance(3_600_000);
    expect(access.principalOf(AccessKeyId)).toBeUndefined();
  });

  test.each([
    ['a wrong external id', { ExternalId: 'wrong' }],
    ['a role that is not there', { RoleArn: `arn:aws:iam::${CUSTOMER}:role/other` }],
  ])('with %s is refused in the same words, and the refusal is logged', async (_, more) => {
    const { assume } = setUp();

    const { error, trail } = await assume(more);

    const arn = 'RoleArn' in more ? more.RoleArn : CUSTOMER_ROLE;
    expect(error).toMatchObject({ code: 'AccessDenied', status: 403 });
    expect(error?.message).toBe(
      `User: arn:aws:sts::${PROVIDER}:assumed-role/function/run is not authorized to perform: sts:AssumeRole on resource: ${arn}`,
    );
    expect(trail).toMatchObject({ eventSource: 'sts.amazonaws.com', responseElements: null });
    expect(trail).not.toHaveProperty('resources');
  });

  test('without an external id is refused where the trust policy asks for one', async () => {
    const { ask } = setUp();
    const { error } = await ask('AssumeRole', { RoleArn: CUSTOMER_ROLE, RoleSessionName: 'customer-7' });
    expect(error?.code).toBe('AccessDenied');
  });

  test('with a session policy gives no more than both allow', async () => {
    const { assume, principal, access } = setUp();

    const { output } = await assume({ Policy: JSON.stringify(allow('kms:Decrypt')) });

    const { AccessKeyId } = credentialsIn(output);
    const may = (action: string) =>
      access.identityEffect(principal(AccessKeyId), { action, resource: 'arn', resourceAccountId: CUSTOMER });
    expect([may('kms:Decrypt'), may('kms:Encrypt')]).toEqual(['allow', 'none']);
  });

  test.each([
    ['{', 'The session policy is not a policy document.'],
    ['{"Statement":[{"Effect":"Maybe"}]}', 'Statement 1: Effect must be Allow or Deny.'],
  ])('with the session policy %s is refused', async (Policy, message) => {
    const { assume } = setUp();
    expect((await assume({ Policy })).error).toMatchObject({ code: 'MalformedPolicyDocument', message });
  });

  test('never gives more than an hour to the session of another role', async () => {
    const { assume } = setUp();

    expect((await assume({ DurationSeconds: 3600 })).error).toBeUndefined();
    expect((await assume({ DurationSeconds: 3601 })).error).toMatchObject({
      code: 'ValidationError',
      message: 'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
    });
  });

  test('never gives more than the role’s own maximum', async () => {
    const { assume, administrator } = setUp();

    expect((await assume({ DurationSeconds: 3601 }, administrator)).error?.message).toBe(
      'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    );
  });

  test.each([
    [
      { DurationSeconds: 899 },
      "Value '899' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900",
    ],
    [
      { DurationSeconds: Number.NaN },
      "Value 'NaN' at 'durationSeconds' failed to satisfy constraint: Member must be a whole number",
    ],
    [
      { RoleSessionName: 'x' },
      "Value 'x' at 'roleSessionName' failed to satisfy constraint: Member must have length greater than or equal to 2",
    ],
    [
      { ExternalId: 'a b' },
      "Value 'a b' at 'externalId' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@:\\/-]*",
    ],
    [{ RoleArn: null }, "Value at 'roleArn' failed to satisfy constraint: Member must not be null"],
  ])('with %j is refused by the name of the field', async (more, text) => {
    const { assume } = setUp();
    expect((await assume(more)).error).toMatchObject({
      code: 'ValidationError',
      message: `1 validation error detected: ${text}`,
    });
  });

  test('is logged with the role it opened and without any secret', async () => {
    const { assume } = setUp();

    const { output, trail } = await assume();

    const { SecretAccessKey, SessionToken } = credentialsIn(output);
    expect(trail).toMatchObject({
      readOnly: true,
      requestParameters: { roleArn: CUSTOMER_ROLE, roleSessionName: 'customer-7', externalId: 'right' },
      responseElements: { credentials: { expiration: 'Jan 1, 2026, 1:00:00 AM' } },
      resources: [{ ARN: CUSTOMER_ROLE, accountId: CUSTOMER, type: 'AWS::IAM::Role' }],
    });
    expect(JSON.stringify(trail)).not.toContain(SecretAccessKey);
    expect(JSON.stringify(trail)).not.toContain(SessionToken);
  });
});

test('an operation that STS here does not have is refused by name', async () => {
  const { ask } = setUp();
  expect((await ask('GetFederationToken')).error).toMatchObject({ code: 'InvalidAction' });
});
