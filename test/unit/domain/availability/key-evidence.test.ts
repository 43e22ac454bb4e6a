import type { Confidence } from '../../../../events/fields';
import { type Evidence, findingOf, isSame } from '../../../../shared/domain/availability/key-evidence';
import { CAUSES, type Cause } from '../../../../shared/domain/availability/verdict';

const LOST = [
  { action: 'kms:GenerateDataKey', statement: 'Use', isExplicit: false },
  { action: 'kms:ReEncryptTo', statement: 'Use', isExplicit: false },
  { action: 'kms:ReEncryptFrom', statement: 'No', isExplicit: true },
];
const IN_WORDS =
  'the key policy does not allow kms:GenerateDataKey, kms:ReEncryptTo (statement "Use" does not cover it); kms:ReEncryptFrom (denied by statement "No")';
const NO_DECRYPT = [{ action: 'kms:Decrypt', isExplicit: false }];

const seen = (fields: Partial<Evidence>): Evidence => ({
  via: 'key-policy',
  heldBy: 'customer',
  unwrap: 'ok',
  refusedBy: 'unknown',
  isExplicit: false,
  keyState: 'Enabled',
  ...fields,
});

const lostBy = (by: 'grant' | 'context', action = 'kms:Decrypt') => [{ action, isExplicit: false, by }];

const CASES: readonly (readonly [string, Partial<Evidence>, string, Cause | undefined])[] = [
  ['a data key that unwraps proves the key', {}, 'available', undefined],
  ['a disabled key', { unwrap: 'kms.key-disabled', keyState: 'Disabled' }, 'unavailable', 'key-disabled'],
  [
    'a key that waits for its deletion',
    { unwrap: 'kms.key-disabled', keyState: 'PendingDeletion' },
    'unavailable',
    'key-pending-deletion',
  ],
  [
    'the same where we may not look at the state',
    { unwrap: 'kms.key-pending-deletion', keyState: 'kms.access-denied' },
    'unavailable',
    'key-pending-deletion',
  ],
  [
    'material that was deleted or has expired',
    { unwrap: 'kms.key-pending-import', keyState: 'PendingImport' },
    'unavailable',
    'key-material-missing',
  ],
  [
    'a policy that keeps us out of an enabled key',
    { unwrap: 'kms.access-denied', refusedBy: 'resource' },
    'unavailable',
    'key-policy',
  ],
  [
    'a policy that keeps us out of a disabled key: the state is nearer',
    { unwrap: 'kms.access-denied', keyState: 'Disabled' },
    'unavailable',
    'key-disabled',
  ],
  [
    'a role that refuses us',
    { unwrap: 'sts.role-refused', keyState: 'sts.role-refused' },
    'unavailable',
    'role-refused',
  ],
  [
    'a role that refuses us: it is gone',
    { unwrap: 'sts.role-refused', role: { reason: 'gone' } },
    'unavailable',
    'role-gone',
  ],
  [
    'a role that refuses us: its trust policy',
    { unwrap: 'sts.role-refused', role: { reason: 'trust' } },
    'unavailable',
    'trust-lost',
  ],
  [
    'a role that refuses us: its external id',
    { unwrap: 'sts.role-refused', role: { reason: 'external-id' } },
    'unavailable',
    'external-id-refused',
  ],
  ['a key that is gone', { unwrap: 'kms.key-not-found', keyState: 'kms.key-not-found' }, 'unavailable', 'key-deleted'],
  ['a key store that is disconnected', { unwrap: 'kms.key-store-unavailable' }, 'unavailable', 'key-store-unavailable'],
  [
    'imported material whose time is over',
    {
      unwrap: 'kms.key-pending-import',
      keyState: 'PendingImport',
      materialLoss: { how: 'expired', keyMaterialIds: [] },
    },
    'unavailable',
    'key-material-expired',
  ],
  [
    'imported material that was to be there still',
    {
      unwrap: 'kms.key-pending-import',
      keyState: 'PendingImport',
      materialLoss: { how: 'deleted', keyMaterialIds: [] },
    },
    'unavailable',
    'key-material-deleted',
  ],
  [
    'imported material that was never seen',
    {
      unwrap: 'kms.key-pending-import',
      keyState: 'PendingImport',
      materialLoss: { how: 'missing', keyMaterialIds: [] },
    },
    'unavailable',
    'key-material-missing',
  ],
  ['material that expires soon', { expiresSoon: true }, 'at-risk', 'key-material-expiring'],
  ['an alias that points elsewhere', { isAliasMoved: true }, 'at-risk', 'alias-moved'],
  [
    'a name of another region',
    { unwrap: 'kms.key-not-found', keyState: 'kms.key-not-found', isWrongPlace: true },
    'unavailable',
    'wrong-region-or-account',
  ],
  ['a canary that another key has wrapped is no loss', { unwrap: 'kms.wrong-key' }, 'unknown', 'unconfirmed'],
  [
    'an organisation of the customer that refuses their role',
    { unwrap: 'kms.access-denied', refusedBy: 'service-control', via: 'role' },
    'unavailable',
    'customer-scp',
  ],
  [
    'an organisation of the customer that refuses us',
    { unwrap: 'kms.access-denied', refusedBy: 'resource-control' },
    'unavailable',
    'customer-rcp',
  ],
  [
    'an organisation of ours that refuses us',
    { unwrap: 'kms.access-denied', refusedBy: 'service-control' },
    'at-risk',
    'own-scp',
  ],
  [
    'an endpoint of ours that refuses us',
    { unwrap: 'kms.access-denied', refusedBy: 'vpc-endpoint', via: 'role' },
    'at-risk',
    'own-endpoint-policy',
  ],
  [
    'a role that lost a permission',
    { unwrap: 'kms.access-denied', refusedBy: 'identity', via: 'role' },
    'unavailable',
    'role-permissions',
  ],
  ['a refusal that AWS does not explain', { unwrap: 'kms.access-denied' }, 'unavailable', 'access-denied'],
  ['a grant that is gone', { unwrap: 'kms.access-denied', lost: lostBy('grant') }, 'unavailable', 'grant-gone'],
  [
    'a context that is not ours',
    { unwrap: 'kms.access-denied', lost: lostBy('context') },
    'unavailable',
    'context-refused',
  ],
  ['part of it, by a grant that is gone', { lost: lostBy('grant', 'kms:GenerateDataKey') }, 'at-risk', 'grant-gone'],
  [
    'part of it, by a context that is not ours',
    { lost: lostBy('context', 'kms:GenerateDataKey') },
    'at-risk',
    'context-refused',
  ],
  [
    'part of it, and AWS does not say by whom',
    { lost: [{ action: 'kms:GenerateDataKey', isExplicit: false, refusedBy: 'unknown' }] },
    'at-risk',
    'partial-loss',
  ],
  [
    'part of it, by the role that the customer opened to us',
    { via: 'role', lost: [{ action: 'kms:GenerateDataKey', isExplicit: false, refusedBy: 'identity' }] },
    'at-risk',
    'role-permissions',
  ],
  [
    'STS that does not answer is no loss',
    { unwrap: 'sts.unreachable', keyState: 'sts.unreachable' },
    'unknown',
    'sts-outage',
  ],
  [
    'a network of ours that is cut is no loss',
    { unwrap: 'kms.unreachable', keyState: 'kms.unreachable', isNetwork: true },
    'unknown',
    'network',
  ],
  [
    'a key that KMS cannot reach at the moment is no loss',
    { unwrap: 'kms.key-unavailable', keyState: 'Unavailable' },
    'unknown',
    'kms-outage',
  ],
  ['throttling is no loss', { unwrap: 'kms.throttled', keyState: 'kms.throttled' }, 'unknown', 'throttled'],
  ['an outage is no loss', { unwrap: 'kms.unreachable', keyState: 'kms.unreachable' }, 'unknown', 'kms-outage'],
  [
    'our own role’s mistake takes our sight, and perhaps more',
    { unwrap: 'kms.access-denied', refusedBy: 'identity' },
    'at-risk',
    'own-permissions',
  ],
  ['what nobody foresaw is no loss', { unwrap: 'kms.unsupported' }, 'unknown', 'unconfirmed'],
];

test.each(CASES)('%s', (_title, evidence, availability, cause) => {
  const finding = findingOf(seen(evidence));

  expect(finding.availability).toBe(availability);
  expect(finding.cause).toBe(cause);
});

test.each(['kms.throttled', 'kms.unreachable', 'sts.unreachable', 'kms.access-denied'] as const)(
  'while we hear %s, a state that we could read all the same is told, and one that we could not is not',
  (unwrap) => {
    const own = { unwrap, refusedBy: 'identity' } as const;

    expect(findingOf(seen({ ...own, keyState: 'Disabled' }))).toMatchObject({
      cause: 'key-disabled',
      party: 'customer',
    });
    expect(findingOf(seen({ ...own, keyState: 'PendingDeletion' })).cause).toBe('key-pending-deletion');
    expect(findingOf(seen({ ...own, keyState: 'kms.throttled' })).availability).not.toBe('unavailable');
    expect(findingOf(seen({ ...own, keyState: 'Enabled' })).availability).not.toBe('unavailable');
  },
);

test('every cause has evidence that comes to it', () => {
  expect(CAUSES.filter((cause) => !CASES.some(([, , , expected]) => expected === cause))).toEqual([]);
});

test.each<[Confidence | undefined, Partial<Evidence>]>([
  [undefined, {}],
  ['confirmed', { unwrap: 'kms.key-disabled', keyState: 'Disabled' }],
  ['confirmed', { unwrap: 'kms.access-denied', refusedBy: 'resource' }],
  ['likely', { unwrap: 'kms.access-denied', lost: NO_DECRYPT }],
  ['likely', { unwrap: 'kms.key-pending-import', materialLoss: { how: 'expired', keyMaterialIds: [] } }],
  ['unknown', { unwrap: 'kms.access-denied' }],
  ['unknown', { unwrap: 'sts.role-refused' }],
  ['unknown', { unwrap: 'kms.throttled' }],
  ['unknown', { unwrap: 'kms.unsupported' }],
])('how far a cause is known is told with it: %s', (confidence, evidence) => {
  expect(findingOf(seen(evidence)).confidence).toBe(confidence);
});

test('what works no more is nearer than what will not: a loss is told before material that expires', () => {
  expect(findingOf(seen({ expiresSoon: true, lost: LOST })).cause).toBe('key-policy');
});

test('the state of a key is set by whoever holds it, and nobody is named for what is no loss', () => {
  const partyOf = (fields: Partial<Evidence>) => findingOf(seen(fields)).party;

  expect(partyOf({ unwrap: 'kms.key-disabled', keyState: 'Disabled' })).toBe('customer');
  expect(partyOf({ unwrap: 'kms.key-disabled', keyState: 'Disabled', heldBy: 'provider' })).toBe('provider');
  expect([partyOf({}), partyOf({ unwrap: 'kms.throttled' })]).toEqual([undefined, undefined]);
});

test.each(['customer', 'provider'] as const)(
  'a key of the %s that unwraps and allows too little is at risk by its policy',
  (heldBy) => {
    expect(findingOf(seen({ heldBy, lost: LOST }))).toEqual({
      availability: 'at-risk',
      cause: 'key-policy',
      party: heldBy,
      confidence: 'confirmed',
      says: `a data key was unwrapped, but ${IN_WORDS}`,
      lost: LOST,
    });
  },
);

test('a key that is away is away by that cause, whatever its policy lacks besides', () => {
  const evidence = seen({ unwrap: 'kms.key-disabled', keyState: 'Disabled', lost: LOST });
  expect(findingOf(evidence)).toEqual(findingOf({ ...evidence, lost: [] }));
});

test.each<[string, Partial<Evidence>, object]>([
  ['AWS names none', {}, { cause: 'key-policy', party: 'customer' }],
  ['AWS names another', { refusedBy: 'identity', via: 'role' }, { cause: 'role-permissions', party: 'customer' }],
  ['STS refused', { unwrap: 'sts.role-refused' }, { cause: 'role-refused', party: 'unknown' }],
])('a refusal that the key policy explains, where %s', (_, fields, blame) => {
  const finding = findingOf(seen({ unwrap: 'kms.access-denied', lost: NO_DECRYPT, ...fields }));
  expect(finding).toMatchObject({ availability: 'unavailable', ...blame });
  expect(finding.says.includes('does not allow kms:Decrypt (no statement is for us)')).toBe(
    fields.unwrap === undefined,
  );
});

test('findings that lack other actions are not the same', () => {
  const [one, two] = [LOST, LOST.slice(1)].map((lost) => findingOf(seen({ lost })));
  if (!one || !two) throw new Error('two findings');
  expect([isSame(one, two), isSame(one, one), isSame(one, { ...one, lost: [] })]).toEqual([false, true, false]);
});
