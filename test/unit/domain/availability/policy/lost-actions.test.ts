/** From a key's policy and grants to what we need of it and no longer may. */
import { customerAccountTemplate } from '../../../../../cli/start/customer-account';
import { lostActionsOf } from '../../../../../shared/domain/availability/policy/lost-actions';
import type { LostAction } from '../../../../../shared/domain/availability/verdict';
import type { KmsKey } from '../../../../../shared/domain/keys/kms-key';
import type { KeyGrant } from '../../../../../shared/domain/keys/ports';
import { aKmsKey, anArn, OUR_ACCOUNT, silentLog } from '../../../../support/make';
import { scriptedKms } from '../../../../support/scripted-kms';

const THEIRS = '444455556666';
const observer = { roleArn: `arn:aws:iam::${THEIRS}:role/keywright-observer`, externalId: 'e' };
const theirs = aKmsKey({ kmsKeyArn: anArn('theirs', THEIRS), option: 'customer-managed', observer });
const ours = aKmsKey();
const shared = (({ customerId: _nobody, ...key }) => ({ ...key, option: 'managed' as const }))(aKmsKey());
const useRole = `arn:aws:iam::${THEIRS}:role/path/keywright-use`;
const byRole: KmsKey = { ...theirs, access: { via: 'role', roleArn: useRole, externalId: 'e' } };

const USES = ['kms:Decrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'];
const ROOT = { AWS: `arn:aws:iam::${OUR_ACCOUNT}:root` };
const USE = {
  Sid: 'Use',
  Effect: 'Allow',
  Principal: ROOT,
  Action: USES,
  Resource: '*',
  Condition: { StringEquals: { 'kms:EncryptionContext:keywright:customerId': 'acme' } },
};
const WE_DECIDE = { Sid: 'WeDecide', Effect: 'Allow', Principal: { AWS: THEIRS }, Action: 'kms:*', Resource: '*' };
const policyOf = (...statements: readonly object[]) => ({ Version: '2012-10-17', Statement: statements });

function world() {
  const kms = scriptedKms();
  const said: string[] = [];
  const note = (message: string) => void said.push(message);
  const log = { ...silentLog, info: note, warn: note };
  const lost = async (key: KmsKey, before: readonly LostAction[] = [], held: readonly string[] = []) =>
    (await lostActionsOf(key, { lost: before, granted: held }, { ...kms, log })).lost;
  const granted = async (key: KmsKey) => (await lostActionsOf(key, { lost: [], granted: [] }, { ...kms, log })).granted;
  return { kms, said, lost, granted };
}

const lostIn = async (key: KmsKey, ...statements: readonly object[]) => {
  const { kms, lost } = world();
  kms.policyIs(policyOf(...statements));
  return (await lost(key)).map(
    ({ action, statement, isExplicit }) => `${action} ${isExplicit ? 'denied by' : 'not in'} ${statement}`,
  );
};

const without = (...actions: readonly string[]) => ({
  ...USE,
  Action: USES.filter((action) => !actions.includes(action)),
});
const deny = (fields: object) => ({ ...USE, Sid: 'Deny', Effect: 'Deny', Condition: undefined, ...fields });

test.each<[string, KmsKey, readonly object[], readonly string[]]>([
  ['nothing of what the onboarding kit allows', theirs, [WE_DECIDE, USE], []],
  ['nothing where the account decides', ours, [{ ...WE_DECIDE, Principal: ROOT }], []],
  [
    'nothing of a key that many share, in whose name ever',
    shared,
    [
      { ...USE, Condition: { Null: { 'kms:EncryptionContext:keywright:customerId': 'false' } } },
      { ...WE_DECIDE, Principal: ROOT, Action: 'kms:Describe*' },
    ],
    [],
  ],
  ['new data keys', theirs, [WE_DECIDE, without('kms:GenerateDataKey*')], ['kms:GenerateDataKey not in Use']],
  [
    're-encryption',
    theirs,
    [WE_DECIDE, without('kms:ReEncrypt*')],
    ['kms:ReEncryptFrom not in Use', 'kms:ReEncryptTo not in Use'],
  ],
  [
    'one side of re-encryption',
    theirs,
    [WE_DECIDE, USE, deny({ Action: 'kms:ReEncryptTo' })],
    ['kms:ReEncryptTo denied by Deny'],
  ],
  [
    'all use where the context is another customer’s',
    theirs,
    [WE_DECIDE, { ...USE, Condition: { StringEquals: { 'kms:EncryptionContext:keywright:customerId': 'hooli' } } }],
    ['kms:Decrypt', 'kms:GenerateDataKey', 'kms:ReEncryptFrom', 'kms:ReEncryptTo'].map(
      (action) => `${action} not in Use`,
    ),
  ],
  [
    'what is denied to whoever calls for no service',
    theirs,
    [
      WE_DECIDE,
      USE,
      deny({ Action: 'kms:GenerateDataKey', Principal: '*', Condition: { Null: { 'kms:ViaService': 'true' } } }),
    ],
    ['kms:GenerateDataKey denied by Deny'],
  ],
  [
    'what is denied but to another role of ours',
    theirs,
    [
      WE_DECIDE,
      USE,
      deny({
        Principal: '*',
        Action: 'kms:Decrypt',
        Condition: { ArnNotLike: { 'aws:PrincipalArn': 'arn:aws:iam::999988887777:role/*' } },
      }),
    ],
    ['kms:Decrypt denied by Deny'],
  ],
  [
    'nothing where only some role of ours may be meant',
    theirs,
    [WE_DECIDE, USE, deny({ Principal: { AWS: `arn:aws:iam::${OUR_ACCOUNT}:role/orders` } })],
    [],
  ],
  [
    'nothing where it depends on the organisation',
    theirs,
    [WE_DECIDE, { ...USE, Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-example' } } }],
    [],
  ],
  ['sight, where the observer’s account decides nothing', theirs, [USE], ['kms:DescribeKey not in undefined']],
  ['use by the customer’s role, whose account decides', byRole, [WE_DECIDE], []],
  [
    'use by the customer’s role, named with its path',
    byRole,
    [
      { ...WE_DECIDE, Action: 'kms:Describe*' },
      { ...without('kms:GenerateDataKey*'), Principal: { AWS: useRole } },
    ],
    ['kms:GenerateDataKey not in WeDecide'],
  ],
  [
    'nothing new of a key on its way out',
    { ...ours, state: 'retiring' },
    [{ ...WE_DECIDE, Principal: ROOT, Action: ['kms:Decrypt', 'kms:ReEncryptFrom', 'kms:DescribeKey'] }],
    [],
  ],
])('%s', async (_, key, statements, lost) => expect(await lostIn(key, ...statements)).toEqual(lost));

test('the onboarding kit allows all that we need', async () => {
  const kit = {
    customerId: 'acme',
    accountId: THEIRS,
    alias: 'alias/k',
    providerAccountId: OUR_ACCOUNT,
    externalId: 'e',
    customerBusArn: 'b',
  };
  const { KeyPolicy } = customerAccountTemplate(kit).Resources.Key.Properties;

  expect(await lostIn(theirs, ...KeyPolicy.Statement)).toEqual([]);
});

describe('grants', () => {
  const grant = { grantee: `arn:aws:iam::${OUR_ACCOUNT}:root`, operations: ['GenerateDataKey', 'Decrypt'] };
  const lostWith = async (...grants: Parameters<ReturnType<typeof scriptedKms>['grantsAre']>) => {
    const { kms, lost } = world();
    kms.policyIs(policyOf(WE_DECIDE, without('kms:GenerateDataKey*')));
    kms.grantsAre(...grants);
    return (await lost(theirs)).map(({ action }) => action);
  };

  test.each<[string, Partial<KeyGrant>, readonly string[]]>([
    ['gives what the policy does not', {}, []],
    ['gives it under our context', { contextSubset: { 'keywright:customerId': 'acme' } }, []],
    ['of another operation', { operations: ['Decrypt'] }, ['kms:GenerateDataKey']],
    ['of another account', { grantee: `arn:aws:iam::${THEIRS}:role/x` }, ['kms:GenerateDataKey']],
    ['under another context', { contextSubset: { 'keywright:customerId': 'hooli' } }, ['kms:GenerateDataKey']],
    [
      'under a context that is not whole',
      { contextEquals: { 'keywright:customerId': 'acme' } },
      ['kms:GenerateDataKey'],
    ],
    ['that may be for a role of ours', { grantee: `arn:aws:iam::${OUR_ACCOUNT}:role/orders` }, []],
  ])('one %s', async (_, fields, lost) => expect(await lostWith([{ ...grant, ...fields }])).toEqual(lost));

  test('that cannot be read may give it', async () => expect(await lostWith('kms.access-denied')).toEqual([]));

  test('give nothing that a policy denies', async () => {
    const { kms, lost } = world();
    kms.policyIs(policyOf(WE_DECIDE, USE, deny({ Action: 'kms:GenerateDataKey' })));
    kms.grantsAre([grant]);
    expect((await lost(theirs)).map(({ action }) => action)).toEqual(['kms:GenerateDataKey']);
  });

  test('give what the policy may deny: nobody can say', async () => {
    const { kms, lost } = world();
    const Condition = { StringEquals: { 'aws:PrincipalOrgID': 'o-example' } };
    kms.policyIs(
      policyOf(WE_DECIDE, without('kms:GenerateDataKey*'), deny({ Action: 'kms:GenerateDataKey', Condition })),
    );
    kms.grantsAre([grant]);
    const before = [{ action: 'kms:GenerateDataKey', isExplicit: false }];
    expect([await lost(theirs), await lost(theirs, before)]).toEqual([[], before]);
  });

  test('are read only where the policy allows too little', async () => {
    const { kms, lost, said } = world();
    kms.policyIs(policyOf(WE_DECIDE, USE));
    kms.grantsAre('kms.throttled');
    expect([await lost(theirs), said]).toEqual([[], []]);
  });
});

describe('where nothing can be read', () => {
  const before: readonly LostAction[] = [
    { action: 'kms:GenerateDataKey', statement: 'Use', isExplicit: false },
    { action: 'kms:Sign', isExplicit: false },
  ];
  const still = before.slice(0, 1);

  test.each(['kms.access-denied', 'kms.throttled', 'kms.unreachable', 'sts.role-refused'] as const)(
    '%s: what was lost is lost still',
    async (code) => {
      const { kms, lost, said } = world();
      kms.policyIs(code);
      expect([await lost(theirs), await lost(theirs, before)]).toEqual([[], still]);
      expect(said).toHaveLength(2);
    },
  );

  test('a policy that is none tells nothing', async () => {
    const { kms, lost, said } = world();
    kms.policyIs({ Version: '2030-01-01', Statement: [] });
    expect([await lost(theirs), await lost(theirs, before)]).toEqual([[], still]);
    expect(said).toHaveLength(2);
  });

  test('what is in doubt stays as it was, beside what is certain', async () => {
    const { kms, lost } = world();
    kms.policyIs(
      policyOf(
        WE_DECIDE,
        USE,
        deny({ Action: 'kms:GenerateDataKey', Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'false' } } }),
        deny({ Action: 'kms:ReEncryptTo' }),
      ),
    );
    expect((await lost(theirs, before)).map(({ action }) => action)).toEqual([
      'kms:GenerateDataKey',
      'kms:ReEncryptTo',
    ]);
    expect((await lost(theirs)).map(({ action }) => action)).toEqual(['kms:ReEncryptTo']);
  });

  test.each<[string, KmsKey]>([
    ['another account’s without an observer', (({ observer: _none, ...key }) => key)(theirs)],
    ['by a role that is to use the key', (({ observer: _none, ...key }) => key)(byRole)],
  ])('the policy is not asked for: %s', async (_, key) => {
    const { kms, lost, said } = world();
    kms.policyIs('kms.access-denied');
    expect([await lost(key), said]).toEqual([[], []]);
  });

  test('a bug is no refusal', async () => {
    const { kms, lost } = world();
    kms.observer.policy = async () => Promise.reject(new TypeError('a bug'));
    await expect(lost(theirs)).rejects.toThrow('a bug');
  });
});

describe('why an action is lost', () => {
  const byOf = (lost: readonly LostAction[]) => lost.map(({ action, by }) => `${action} ${by ?? 'policy'}`);
  const grant = { grantee: `arn:aws:iam::${OUR_ACCOUNT}:root`, operations: ['GenerateDataKey'] };

  test('a grant that gave it and is no more', async () => {
    const { kms, lost, granted } = world();
    kms.policyIs(policyOf(WE_DECIDE, without('kms:GenerateDataKey*')));
    kms.grantsAre([grant]);
    const before = await granted(theirs);
    kms.grantsAre([]);

    const gone = await lost(theirs, [], before);

    expect(before).toEqual(['kms:GenerateDataKey']);
    expect(byOf(gone)).toEqual(['kms:GenerateDataKey grant']);
    // It is the grant that is gone for as long as it is, whatever is remembered of it.
    expect(byOf(await lost(theirs, gone, []))).toEqual(['kms:GenerateDataKey grant']);
  });

  test('a policy that allows it under another context', async () => {
    const { kms, lost } = world();
    const theirContext = { StringEquals: { 'kms:EncryptionContext:keywright:customerId': 'zeta' } };
    kms.policyIs(policyOf(WE_DECIDE, { ...USE, Condition: theirContext }));

    expect(byOf(await lost(theirs))).toEqual([
      'kms:Decrypt context',
      'kms:GenerateDataKey context',
      'kms:ReEncryptFrom context',
      'kms:ReEncryptTo context',
    ]);
  });

  test('a policy that denies it under our context', async () => {
    const { kms, lost } = world();
    const ourContext = { StringEquals: { 'kms:EncryptionContext:keywright:customerId': 'acme' } };
    kms.policyIs(policyOf(WE_DECIDE, USE, deny({ Action: 'kms:Decrypt', Condition: ourContext })));

    expect(byOf(await lost(theirs))).toEqual(['kms:Decrypt context']);
  });

  test('a policy that does not name it at all', async () => {
    const { kms, lost } = world();
    kms.policyIs(policyOf(WE_DECIDE, without('kms:Decrypt')));

    expect(byOf(await lost(theirs))).toEqual(['kms:Decrypt policy']);
  });
});
