import { keyUseOf } from '../../../../events/kms-key-use';
import { ownCall } from '../../../../shared/domain/audit/own-calls';
import { ACCOUNT, aKmsRecord, OTHER_ACCOUNT } from '../../../support/cloudtrail-records';

const WRITER = { roleArn: `arn:aws:iam::${ACCOUNT}:role/keywright-dev-append-audit` };

function callBy(role: string, accountId: string = ACCOUNT) {
  const arn = `arn:aws:sts::${accountId}:assumed-role/${role}/session`;
  const record = aKmsRecord({ requestID: 'request-1', userIdentity: { type: 'AssumedRole', accountId, arn } });
  return ownCall(record, keyUseOf(record), WRITER);
}

test('a call by the role of a function of ours is ours', () => {
  expect(callBy('keywright-dev-probe-keys')).toEqual({
    component: 'probe-keys',
    purpose: 'look whether a key works',
    requestId: 'request-1',
  });
});

test.each([
  ['another role of the account', 'orders-api', ACCOUNT],
  ['the product at another stage', 'keywright-prod-probe-keys', ACCOUNT],
  ['a role of that name in another account', 'keywright-dev-probe-keys', OTHER_ACCOUNT],
])('a call by %s is not', (_, role, account) => {
  expect(callBy(role, account)).toBeUndefined();
});
