import { type Evidence, findingOf } from '../../../../shared/domain/availability/key-evidence';

const seen = (fields: Partial<Evidence>): Evidence => ({
  via: 'key-policy',
  heldBy: 'customer',
  unwrap: 'ok',
  refusedBy: 'unknown',
  isExplicit: false,
  keyState: 'Enabled',
  ...fields,
});

test.each<[string, Partial<Evidence>, string, string | undefined]>([
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
  ['a key that is gone', { unwrap: 'kms.key-not-found', keyState: 'kms.key-not-found' }, 'unavailable', 'key-deleted'],
  ['a key store that is disconnected', { unwrap: 'kms.key-store-unavailable' }, 'unavailable', 'key-store-unavailable'],
  ['throttling is no loss', { unwrap: 'kms.throttled', keyState: 'kms.throttled' }, 'unknown', 'throttled'],
  ['an outage is no loss', { unwrap: 'kms.unreachable', keyState: 'kms.unreachable' }, 'unknown', 'kms-outage'],
  [
    'our own role’s mistake takes our sight, and perhaps more',
    { unwrap: 'kms.access-denied', refusedBy: 'identity' },
    'at-risk',
    'own-permissions',
  ],
  ['what nobody foresaw is no loss', { unwrap: 'kms.unsupported' }, 'unknown', 'unconfirmed'],
])('%s', (_title, evidence, availability, cause) => {
  const finding = findingOf(seen(evidence));

  expect(finding.availability).toBe(availability);
  expect(finding.cause).toBe(cause);
});

test('an outage that hides the state of a key is still an outage', () => {
  expect(findingOf(seen({ unwrap: 'kms.throttled', keyState: 'Disabled' })).availability).toBe('unknown');
});

test('the state of a key is set by whoever holds it, and nobody is named for what is no loss', () => {
  const partyOf = (fields: Partial<Evidence>) => findingOf(seen(fields)).party;

  expect(partyOf({ unwrap: 'kms.key-disabled', keyState: 'Disabled' })).toBe('customer');
  expect(partyOf({ unwrap: 'kms.key-disabled', keyState: 'Disabled', heldBy: 'provider' })).toBe('provider');
  expect([partyOf({}), partyOf({ unwrap: 'kms.throttled' })]).toEqual([undefined, undefined]);
});
