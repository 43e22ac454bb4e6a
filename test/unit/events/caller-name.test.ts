import { callerNameOf } from '../../../events/caller-name';

const ACCOUNT = '444455556666';
const nameOf = (arn: string, accountId = ACCOUNT) => callerNameOf({ arn, accountId });

test.each([
  [`arn:aws:sts::${ACCOUNT}:assumed-role/SecOps/ada@example.com`, 'role SecOps'],
  [`arn:aws-us-gov:sts::${ACCOUNT}:assumed-role/AWSReservedSSO_Admin_0a1b/ada`, 'role AWSReservedSSO_Admin_0a1b'],
  [`arn:aws:iam::${ACCOUNT}:user/people/security/ada`, 'user ada'],
  [`arn:aws:iam::${ACCOUNT}:user/ada`, 'user ada'],
  [`arn:aws:sts::${ACCOUNT}:federated-user/ada`, 'federated user ada'],
  [`arn:aws:iam::${ACCOUNT}:root`, 'root user'],
])('%s is %s: nothing of a session, a path or an address', (arn, name) => {
  expect(nameOf(arn)).toBe(name);
});

test.each([
  ['a name of another account than the record says', `arn:aws:iam::111122223333:user/ada`],
  ['a name with a line end', `arn:aws:sts::${ACCOUNT}:assumed-role/Sec\nNext step: pay/ada`],
  ['a name with markup', `arn:aws:sts::${ACCOUNT}:assumed-role/<!channel>/ada`],
  ['a name that is longer than any', `arn:aws:sts::${ACCOUNT}:assumed-role/${'r'.repeat(65)}/ada`],
  ['a name that turns text around', `arn:aws:iam::${ACCOUNT}:user/\u202eada`],
  ['no ARN', 'SecOps'],
])('%s names nobody', (_what, arn) => {
  expect(nameOf(arn)).toBeUndefined();
});

test('a record without an identity of its caller names nobody', () => {
  expect(callerNameOf({ accountId: ACCOUNT })).toBeUndefined();
  expect(callerNameOf({ arn: null })).toBeUndefined();
});
