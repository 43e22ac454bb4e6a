/** Why a role does not let us in, from what its account shows to one cause: row by row; and which statement of its policies takes a use. */

import { findingOf } from '../../../../../shared/domain/availability/key-evidence';
import { observeKey } from '../../../../../shared/domain/availability/observe-key';
import type { Verdict } from '../../../../../shared/domain/availability/verdict';
import type { KeyRef } from '../../../../../shared/domain/keys/kms-key';
import { aKmsKey, anArn, aWatch, NOW, OUR_ACCOUNT, silentLog } from '../../../../support/make';
import { scriptedKms } from '../../../../support/scripted-kms';

const THEIRS = '444455556666';
const kmsKeyArn = anArn('theirs', THEIRS);
const roleArn = `arn:aws:iam::${THEIRS}:role/keywright-use`;
const access = { via: 'role', roleArn, externalId: 'kw-1' } as const satisfies KeyRef['access'];
const observer = { roleArn: `arn:aws:iam::${THEIRS}:role/keywright-observer`, externalId: 'kw-1' };
const key = aKmsKey({ kmsKeyArn, customerId: 'acme', option: 'customer-managed', access, observer });
const DENIES = { Sid: 'NoMore', Effect: 'Deny', Principal: '*', Action: 'sts:*' };

const statement = (more: object = {}) => ({
  Sid: 'LetIn',
  Effect: 'Allow',
  Principal: { AWS: `arn:aws:iam::${OUR_ACCOUNT}:root` },
  Action: 'sts:AssumeRole',
  Condition: { StringEquals: { 'sts:ExternalId': 'kw-1' } },
  ...more,
});
const document = (...Statement: object[]) => ({ Version: '2012-10-17', Statement });
const externalId = (id: string) => ({ Condition: { StringEquals: { 'sts:ExternalId': id } } });

function world() {
  const kms = scriptedKms();
  kms.policyIs(document({ Effect: 'Allow', Principal: { AWS: THEIRS }, Action: 'kms:*', Resource: '*' }));
  const ports = { ...kms, clock: { now: () => NOW }, log: silentLog };
  const look = async (verdict: Partial<Verdict> = {}, of = key) => {
    const watch = aWatch({ kmsKeyArn });
    return findingOf(await observeKey(of, { ...watch, verdict: { ...watch.verdict, ...verdict } }, ports));
  };
  return { kms, look };
}

const ROWS: readonly (readonly [string, object | string | undefined, string, string, RegExp])[] = [
  ['no such role', undefined, 'role-gone', 'customer', /the role does not exist any more/],
  ['no statement at all', document(), 'trust-lost', 'customer', /no statement for us/],
  [
    'another account alone',
    document(statement({ Principal: { AWS: 'arn:aws:iam::999999999999:root' } })),
    'trust-lost',
    'customer',
    /no statement for us/,
  ],
  ['another action', document(statement({ Action: 'sts:TagSession' })), 'trust-lost', 'customer', /"LetIn" does not/],
  ['a deny', document(statement(), DENIES), 'trust-lost', 'customer', /denied by statement "NoMore"/],
  [
    'a deny and another external id: the deny is nearer',
    document(statement(externalId('kw-2')), DENIES),
    'trust-lost',
    'customer',
    /"NoMore"/,
  ],
  [
    'another external id',
    document(statement(externalId('kw-2'))),
    'external-id-refused',
    'customer',
    /another external id than ours \(statement "LetIn"\)/,
  ],
  ['what lets us in', document(statement()), 'role-refused', 'unknown', /as we read it, lets us in/],
  [
    'one role of ours, which may be we',
    document(statement({ Principal: { AWS: `arn:aws:iam::${OUR_ACCOUNT}:role/app` } })),
    'role-refused',
    'unknown',
    /did not say by which policy$/,
  ],
  [
    'an organisation that we do not know',
    document(statement({ Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } } })),
    'role-refused',
    'unknown',
    /which policy$/,
  ],
  ['no policy that can be read', '{', 'role-refused', 'unknown', /which policy$/],
];

test.each(ROWS)('%s, while the key is refused', async (_, trust, cause, party, says) => {
  const { kms, look } = world();
  if (trust !== undefined) kms.roles.put(roleArn, trust);
  kms.unwrapAnswers('sts.role-refused');

  expect(await look()).toMatchObject({
    availability: 'unavailable',
    cause,
    party,
    confidence: party === 'customer' ? 'confirmed' : 'unknown',
    says: expect.stringMatching(says),
  });
});

test.each(ROWS)('%s, while sessions last', async (_, trust, cause, party, says) => {
  const { kms, look } = world();
  if (trust !== undefined) kms.roles.put(roleArn, trust);
  kms.roleAnswers('sts.role-refused');

  const finding = await look();

  expect(finding).toMatchObject({ availability: 'at-risk', cause, party, says: expect.stringMatching(says) });
  expect(finding.lost?.map(({ by }) => by)).toEqual(['role', 'role', 'role', 'role']);
});

test.each(['iam.refused', 'iam.unreachable', 'sts.role-refused'] as const)(
  'where reading it ends with %s nobody can tell, and what was known before stands',
  async (answer) => {
    const { kms, look } = world();
    kms.unwrapAnswers('sts.role-refused');
    kms.roles.answers(answer);

    expect((await look()).cause).toBe('role-refused');
    for (const cause of ['role-gone', 'trust-lost', 'external-id-refused'] as const) {
      expect((await look({ cause })).cause).toBe(cause);
    }
    expect((await look({ cause: 'key-disabled' })).cause).toBe('role-refused');
  },
);

test('a role that nobody but itself can look at is not called gone', async () => {
  const { kms, look } = world();
  kms.unwrapAnswers('sts.role-refused');
  const { observer: _, ...unobserved } = key;

  expect((await look({}, unobserved)).cause).toBe('role-refused');
  expect((await look({}, { ...key, observer: { ...observer, roleArn } })).cause).toBe('role-refused');
});

test('a refusal of our own policy is ours, whatever the role says', async () => {
  const { kms, look } = world();
  kms.unwrapAnswers('sts.role-refused');
  kms.denyWith({ refusedBy: 'identity' });

  expect(await look()).toMatchObject({ cause: 'own-permissions', party: 'provider' });
});

const use = (more: object = {}) =>
  JSON.stringify(document({ Sid: 'Use', Effect: 'Allow', Action: 'kms:*', Resource: '*', ...more }));
const MANAGED = `arn:aws:iam::${THEIRS}:policy/limits`;
const DENY = use({ Sid: 'No', Effect: 'Deny', Action: 'kms:GenerateDataKey' });

test.each([
  ['the statement that is left', [{ name: 'use', text: use({ Action: 'kms:Decrypt' }) }], 'use', 'Use'],
  [
    'a deny that is attached, beside what allows',
    [
      { name: 'use', text: use() },
      { name: MANAGED, text: DENY },
    ],
    MANAGED,
    'No',
  ],
  ['a deny, although others cannot be read', [{ name: 'other' }, { name: MANAGED, text: DENY }], MANAGED, 'No'],
  [
    'the boundary',
    [
      { name: 'use', text: use() },
      { name: MANAGED, text: use({ Action: 's3:*' }), isBoundary: true as const },
    ],
    MANAGED,
    'Use',
  ],
  [
    'nothing, where one that cannot be read may allow it',
    [{ name: 'use', text: use({ Action: 's3:*' }) }, { name: MANAGED }],
    undefined,
    undefined,
  ],
  ['nothing, where what we read allows it', [{ name: 'use', text: use() }], undefined, undefined],
  ['nothing, where no policy is left', [], undefined, undefined],
])('of a use that KMS refuses by the role, at fault is %s', async (_, policies, policy, named) => {
  const { kms, look } = world();
  kms.roles.put(roleArn, document(statement()), policies);
  kms.proofAnswers('kms:GenerateDataKey', 'kms.access-denied', { refusedBy: 'identity' });

  const finding = await look();

  expect(finding).toMatchObject({ availability: 'at-risk', cause: 'role-permissions', party: 'customer' });
  expect(finding.lost).toHaveLength(1);
  expect(finding.lost?.[0]?.policy).toBe(policy);
  expect(finding.lost?.[0]?.statement).toBe(named);
  if (policy !== undefined) expect(finding.says).toContain(`statement "${named}" of the role’s policy "${policy}"`);
});

test('where unwrapping is refused by the role the statement is named as well', async () => {
  const { kms, look } = world();
  kms.roles.put(roleArn, document(statement()), [{ name: 'use', text: use({ Action: 'kms:GenerateDataKey' }) }]);
  kms.unwrapAnswers('kms.access-denied');
  kms.denyWith({ refusedBy: 'identity' });

  expect(await look()).toMatchObject({
    availability: 'unavailable',
    cause: 'role-permissions',
    says: expect.stringContaining('statement "Use" of the role’s policy "use" does not cover it'),
  });
});
