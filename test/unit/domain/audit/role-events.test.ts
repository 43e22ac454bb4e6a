/** Changes of the role by which keys are reached, from the record of its account to the keys that are looked at and who is named. */
import { readKeyEvent } from '../../../../shared/domain/audit/read-key-event';
import { actBehind } from '../../../../shared/domain/availability/key-acts';
import { keyEventWorld, THEIR_KEY } from '../../../support/key-event-world';
import { anEnvelope, CUSTOMER_ACCOUNT, received } from '../../../support/key-events';
import { aKmsKey, anArn, aWatch, NOW, OUR_ACCOUNT } from '../../../support/make';

const ROLE = {
  via: 'role',
  roleArn: `arn:aws:iam::${CUSTOMER_ACCOUNT}:role/vendors/keywright-use`,
  externalId: 'e',
} as const;
const OTHER_KEY = anArn('other', CUSTOMER_ACCOUNT);

/** Globex lets us in to one key by a role, and to another by its policy; their account has been heard. */
function world() {
  const { control, ports } = keyEventWorld();
  control.given(
    'kms-key',
    aKmsKey({ kmsKeyArn: THEIR_KEY, customerId: 'globex', option: 'customer-managed', access: ROLE }),
    aKmsKey({ kmsKeyArn: OTHER_KEY, customerId: 'globex', option: 'customer-managed' }),
  );
  control.given('forwarder', {
    accountId: CUSTOMER_ACCOUNT,
    customerId: 'globex',
    lastAt: NOW,
    beats: true,
    revision: 1,
  });
  return {
    control,
    told: (fields: object = {}, account = CUSTOMER_ACCOUNT) =>
      readKeyEvent(received(aRoleChange(fields, account)), ports),
  };
}

function aRoleChange(fields: object, account: string) {
  const record = {
    eventVersion: '1.11',
    userIdentity: {
      type: 'AssumedRole',
      accountId: CUSTOMER_ACCOUNT,
      arn: `arn:aws:sts::${CUSTOMER_ACCOUNT}:assumed-role/SecOps/ada`,
    },
    eventTime: '2026-11-24T11:59:58Z',
    eventSource: 'iam.amazonaws.com',
    eventName: 'UpdateAssumeRolePolicy',
    awsRegion: 'us-east-1',
    requestParameters: { roleName: 'keywright-use', policyDocument: '{}' },
    eventID: 'event-1',
    recipientAccountId: CUSTOMER_ACCOUNT,
    ...fields,
  };
  return { ...anEnvelope('aws.iam', 'AWS API Call via CloudTrail', record), account };
}

test('a change of the role is a signal for the keys that are reached by it, and no entry of a stream', async () => {
  const effects = await world().told();

  expect(effects).toMatchObject({
    entries: [],
    uses: [],
    signals: [
      {
        signal: 'customer-event',
        kmsKeyArn: THEIR_KEY,
        change: 'UpdateAssumeRolePolicy',
        at: '2026-11-24T11:59:58.000Z',
        act: { operation: 'UpdateAssumeRolePolicy', by: 'role SecOps', accountId: CUSTOMER_ACCOUNT },
      },
    ],
  });
  expect('signals' in effects && effects.signals).toHaveLength(1);
});

test.each([
  'AttachRolePolicy',
  'DeleteRole',
  'DeleteRolePolicy',
  'DetachRolePolicy',
  'PutRolePermissionsBoundary',
  'PutRolePolicy',
])('%s has us look', async (eventName) => {
  expect(await world().told({ eventName })).toMatchObject({ signals: [{ change: eventName }] });
});

test.each([
  { what: 'another role', requestParameters: { roleName: 'keywright-use-2' } },
  { what: 'a path that ends so', requestParameters: { roleName: 'vendors/keywright-use' } },
  { what: 'a change that failed', errorCode: 'AccessDenied' },
  { what: 'a call that changes no role', eventName: 'GetRole' },
  { what: 'a record of another account', recipientAccountId: OUR_ACCOUNT },
  { what: 'no role', requestParameters: null },
])('$what is ignored, with the reason', async ({ what: _what, ...fields }) => {
  expect(await world().told(fields)).toMatchObject({ ignored: expect.any(String) });
});

test('an account tells of its own role alone: the same name in another account is another role', async () => {
  const { control, told } = world();
  const stranger = '999999999999';
  expect(await told({ recipientAccountId: stranger }, stranger)).toMatchObject({ ignored: expect.any(String) });

  control.given('forwarder', { accountId: stranger, customerId: 'globex', lastAt: NOW, beats: true, revision: 1 });
  expect(await told({ recipientAccountId: stranger }, stranger)).toMatchObject({ ignored: expect.any(String) });
});

test('the act explains the loss of the role, and no other', async () => {
  const effects = await world().told();
  const acts = 'signals' in effects ? effects.signals.flatMap(({ act }) => act ?? []) : [];
  const watch = aWatch({ kmsKeyArn: THEIR_KEY, acts });

  expect(actBehind('role-refused', watch, NOW)).toMatchObject({ by: 'role SecOps' });
  expect(actBehind('role-permissions', watch, NOW)).toBeUndefined();
  expect(actBehind('key-disabled', watch, NOW)).toBeUndefined();
});
