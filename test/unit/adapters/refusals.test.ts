/** From the text of a refusal to whose act it is. The sentences are composed after IAM's documented examples. */
import { kmsError } from '../../../shared/adapters/kms-errors';
import { refusalOf } from '../../../shared/adapters/refusal-text';
import { findingOf } from '../../../shared/domain/availability/key-evidence';
import { observeKey } from '../../../shared/domain/availability/observe-key';
import type { KmsKey } from '../../../shared/domain/keys/kms-key';
import { aKmsKey, anArn, aWatch, NOW, silentLog } from '../../support/make';
import { scriptedKms } from '../../support/scripted-kms';

const THEIR_KEY = anArn('theirs', '444455556666');
const roleArn = 'arn:aws:iam::444455556666:role/keywright-use';
const theirs = aKmsKey({ kmsKeyArn: THEIR_KEY, option: 'customer-managed' });
const byRole = { ...theirs, access: { via: 'role', roleArn, externalId: 'e' } } as const;
const ours = aKmsKey();

const refused = (reason: string, action = 'kms:Decrypt') =>
  `User: arn:aws:sts::111122223333:assumed-role/some/one is not authorized to perform: ${action} on resource: ${THEIR_KEY} ${reason}`;
const none = (kind: string) => refused(`because no ${kind} allows the kms:Decrypt action`);
const deny = (kind: string) => refused(`with an explicit deny in ${kind}`);

const said = (message: string) => Object.assign(new Error(message), { name: 'AccessDeniedException' });

/** What a look at the key comes to when KMS answers so. */
async function findingWhen(key: KmsKey, message: string) {
  const { crypto, ...kms } = scriptedKms();
  const unwrap = async () => Promise.reject(kmsError(said(message), 'Decrypt', {}));
  const ports = { ...kms, crypto: { ...crypto, unwrap }, clock: { now: () => NOW }, log: silentLog };
  return findingOf(await observeKey(key, aWatch(), ports));
}

async function found(key: KmsKey, message: string) {
  const { availability, cause, party } = await findingWhen(key, message);
  return [availability, cause, party];
}

const PROVIDER = ['at-risk', 'own-permissions', 'provider'];
const OUR_SCP = ['at-risk', 'own-scp', 'provider'];
const ENDPOINT = ['at-risk', 'own-endpoint-policy', 'provider'];
const THEIR_SCP = ['unavailable', 'customer-scp', 'customer'];
const RCP = ['unavailable', 'customer-rcp', 'customer'];
const OWN_KEY = ['unavailable', 'key-policy', 'provider'];
const POLICY = ['unavailable', 'key-policy', 'customer'];
const ROLE = ['unavailable', 'role-permissions', 'customer'];
const UNTOLD = ['unavailable', 'access-denied', 'unknown'];

test.each([
  ['no identity-based policy', none('identity-based policy'), PROVIDER, ROLE],
  ['an identity-based policy', deny('an identity-based policy'), PROVIDER, ROLE],
  ['no session policy', none('session policy'), PROVIDER, ROLE],
  ['a session policy, as the guide spells it', deny('a sessions policy'), PROVIDER, ROLE],
  ['no permissions boundary', none('permissions boundary'), PROVIDER, ROLE],
  ['a permissions boundary', deny('a permissions boundary'), PROVIDER, ROLE],
  ['no service control policy', none('service control policy'), OUR_SCP, THEIR_SCP],
  ['a service control policy', deny('a service control policy'), OUR_SCP, THEIR_SCP],
  ['no resource-based policy', none('resource-based policy'), POLICY, POLICY],
  ['a resource-based policy', deny('a resource-based policy'), POLICY, POLICY],
  ['a resource control policy', deny('a resource control policy'), RCP, RCP],
  ['no VPC endpoint policy', none('VPC endpoint policy'), ENDPOINT, ENDPOINT],
  ['a VPC endpoint policy', deny('a VPC endpoint policy'), ENDPOINT, ENDPOINT],
  [
    'what KMS hides from foreigners',
    refused(
      'because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access',
    ),
    POLICY,
    POLICY,
  ],
  ['one of two policies', deny('a VPC endpoint policy transitively through a service control policy'), UNTOLD, UNTOLD],
  ['no reason', refused(''), UNTOLD, UNTOLD],
  [
    'a reason that nobody foresaw',
    refused('because no data perimeter policy allows the kms:Decrypt action'),
    UNTOLD,
    UNTOLD,
  ],
  [
    'an encoded message',
    'You are not authorized to perform this operation. Encoded authorization failure message: 4GIOHl',
    UNTOLD,
    UNTOLD,
  ],
  ['nothing at all', '', UNTOLD, UNTOLD],
])(
  'KMS refuses by %s: whose it is follows from the way by which we asked',
  async (_by, text, byOurRole, byTheirRole) => {
    expect(await found(theirs, text)).toEqual(byOurRole);
    expect(await found(byRole, text)).toEqual(byTheirRole);
    const [availability, cause, party] = await found(ours, text);
    // The policy of a key of ours is that key’s alone; an organisation’s is not.
    if (byOurRole === POLICY) return expect([availability, cause, party]).toEqual(OWN_KEY);
    expect([availability, party]).toEqual(['at-risk', 'provider']);
    expect(cause).toMatch(/^own-/);
  },
);

test.each([
  [
    'the resource is left out',
    'User: arn:aws:iam::111122223333:user/some is not authorized to perform: kms:Decrypt because no session policy allows the kms:Decrypt action',
    'session',
    false,
  ],
  [
    'the policy is named, with a link',
    deny(
      'an identity-based policy: arn:aws:iam::111122223333:policy/resource-based. Go to https://console.aws.amazon.com/iam/home',
    ),
    'identity',
    true,
  ],
  [
    'the key is told by its ciphertext',
    'User: arn:aws:sts::1:assumed-role/a/b is not authorized to perform: kms:Decrypt on the resource associated with this ciphertext because no resource-based policy allows the kms:Decrypt action',
    'resource',
    false,
  ],
  [
    'a principal is named after a policy',
    'User: arn:aws:sts::1:assumed-role/session-policy/identity-based is not authorized to perform: kms:Decrypt on resource: x with an explicit deny in a service control policy',
    'service-control',
    true,
  ],
  [
    'a role trust policy allows nothing',
    'User: arn:aws:iam::1:user/a is not authorized to perform: sts:AssumeRole because no role trust policy allows the sts:AssumeRole action',
    'resource',
    false,
  ],
  [
    'a role trust policy denies',
    'User: arn:aws:iam::1:user/a is not authorized to perform: sts:AssumeRole with an explicit deny in the role trust policy',
    'resource',
    true,
  ],
])('the kind of policy is read where %s', (_where, text, refusedBy, isExplicit) => {
  expect(refusalOf(text)).toEqual({ refusedBy, isExplicit });
});

test('evidence names the policy that AWS named, and says so where it named none', async () => {
  const says = async (message: string) => (await findingWhen(theirs, message)).says;

  expect(await says(none('resource-based policy'))).toBe('KMS refused the call: no resource-based policy allows it');
  expect(await says(deny('a service control policy'))).toBe(
    'KMS refused the call: an explicit deny, service control policy',
  );
  expect(await says(refused(''))).toBe('KMS refused the call and did not say by which policy');
});
