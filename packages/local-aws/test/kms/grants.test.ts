import type { JsonObject } from '../../call';
import { ACCOUNT, base64, localKms, newKey, OTHER_ACCOUNT } from '../support/local-kms';

const MESSAGE = base64('message');
const GRANTEE = `arn:aws:iam::${OTHER_ACCOUNT}:role/worker`;

/** A key, and a role of another account that has no policy of its own. */
async function stage(grantMs = 0) {
  const kms = localKms({ delays: { grantMs } });
  const { arn } = await newKey(kms.admin);
  const worker = kms.as(kms.role([], OTHER_ACCOUNT));
  const grant = (more: JsonObject = {}) =>
    kms.admin.call('CreateGrant', { KeyId: arn, GranteePrincipal: GRANTEE, Operations: ['Encrypt'], ...more });
  return { ...kms, arn, worker, grant, encrypt: { KeyId: arn, Plaintext: MESSAGE } };
}

test('a grant gives its operations and no others, without any policy', async () => {
  const { worker, grant, encrypt, arn } = await stage();
  expect(await worker.failure('Encrypt', encrypt)).toMatchObject({ code: 'AccessDeniedException' });

  await grant();

  await worker.call('Encrypt', encrypt);
  expect(await worker.failure('DescribeKey', { KeyId: arn })).toMatchObject({ code: 'AccessDeniedException' });
});

test.each([
  ['EncryptionContextSubset', { tenant: 'a', more: 'x' }, true],
  ['EncryptionContextSubset', { tenant: 'b' }, false],
  ['EncryptionContextSubset', {}, false],
  ['EncryptionContextEquals', { tenant: 'a' }, true],
  ['EncryptionContextEquals', { tenant: 'a', more: 'x' }, false],
])('constraint %s {tenant: a} with context %j: allowed is %s', async (constraint, EncryptionContext, isAllowed) => {
  const { worker, grant, encrypt } = await stage();
  await grant({ Constraints: { [constraint]: { tenant: 'a' } } });

  const attempt = worker.call('Encrypt', { ...encrypt, EncryptionContext });

  if (isAllowed) expect(await attempt).toMatchObject({ CiphertextBlob: expect.any(String) });
  else await expect(attempt).rejects.toMatchObject({ code: 'AccessDeniedException' });
});

test('a fresh grant works with its token at once and without it after a while', async () => {
  const { worker, grant, encrypt, ...kms } = await stage(5 * 60_000);
  const { GrantToken } = await grant();

  await worker.call('Encrypt', { ...encrypt, GrantTokens: [GrantToken ?? ''] });
  expect(await worker.failure('Encrypt', encrypt)).toMatchObject({ code: 'AccessDeniedException' });
  kms.pass(5 * 60_000);
  await worker.call('Encrypt', encrypt);
});

test('a revoked grant gives nothing any more', async () => {
  const { worker, grant, encrypt, arn, admin } = await stage();
  const { GrantId } = await grant();

  await admin.call('RevokeGrant', { KeyId: arn, GrantId });

  expect(await worker.failure('Encrypt', encrypt)).toMatchObject({ code: 'AccessDeniedException' });
  expect(await admin.failure('RevokeGrant', { KeyId: arn, GrantId })).toMatchObject({ code: 'NotFoundException' });
});

test('the retiring principal retires a grant by its token, somebody else does not', async () => {
  const { grant, worker, encrypt, ...kms } = await stage();
  const retirer = kms.as(kms.role([], ACCOUNT, 'retirer'));
  const { GrantToken } = await grant({ RetiringPrincipal: `arn:aws:iam::${ACCOUNT}:role/retirer` });

  expect(await worker.failure('RetireGrant', { GrantToken })).toMatchObject({ code: 'AccessDeniedException' });
  await retirer.call('RetireGrant', { GrantToken });

  expect(await worker.failure('Encrypt', encrypt)).toMatchObject({ code: 'AccessDeniedException' });
});

test('a grantee retires its own grant when the grant says so, and no other', async () => {
  const { grant, worker, arn } = await stage();
  const own = await grant({ Operations: ['Encrypt', 'RetireGrant'] });
  const other = await grant({ GranteePrincipal: `arn:aws:iam::${OTHER_ACCOUNT}:role/someone` });

  const refused = await worker.failure('RetireGrant', { KeyId: arn, GrantId: other['GrantId'] });
  expect(refused).toMatchObject({ code: 'AccessDeniedException' });
  await worker.call('RetireGrant', { KeyId: arn, GrantId: own['GrantId'] });
});

test('who may create grants by a grant only cannot give more than it has', async () => {
  const { grant, worker, arn } = await stage();
  await grant({ Operations: ['Encrypt', 'CreateGrant'], Constraints: { EncryptionContextSubset: { tenant: 'a' } } });
  const child = (more: JsonObject) => ({
    KeyId: arn,
    GranteePrincipal: `arn:aws:iam::${OTHER_ACCOUNT}:role/child`,
    Operations: ['Encrypt'],
    Constraints: { EncryptionContextSubset: { tenant: 'a' } },
    ...more,
  });

  await worker.call('CreateGrant', child({}));

  for (const more of [{ Operations: ['Decrypt'] }, { Constraints: { EncryptionContextSubset: { tenant: 'b' } } }]) {
    expect(await worker.failure('CreateGrant', child(more))).toMatchObject({ code: 'AccessDeniedException' });
  }
});

test('the same named request is the same grant', async () => {
  const { grant, admin, arn } = await stage();

  const first = await grant({ Name: 'worker' });
  const again = await grant({ Name: 'worker' });
  const other = await grant({ Name: 'worker', Operations: ['Decrypt'] });

  expect(again['GrantId']).toBe(first['GrantId']);
  expect(other['GrantId']).not.toBe(first['GrantId']);
  expect((await admin.call('ListGrants', { KeyId: arn }))['Grants']).toHaveLength(2);
});

test('grants are listed in pages, by key and by retiring principal', async () => {
  const { grant, admin, arn } = await stage();
  const RetiringPrincipal = `arn:aws:iam::${ACCOUNT}:role/retirer`;
  for (const _ of [1, 2, 3]) await grant({ RetiringPrincipal });

  const first = await admin.call('ListGrants', { KeyId: arn, Limit: 2 });
  const second = await admin.call('ListGrants', { KeyId: arn, Limit: 2, Marker: first['NextMarker'] });
  const retirable = await admin.call('ListRetirableGrants', { RetiringPrincipal });

  expect([first['Truncated'], second['Truncated']]).toEqual([true, false]);
  const all = [first, second].flatMap(({ Grants }) => Grants as readonly JsonObject[]);
  expect(retirable['Grants']).toEqual(all);
  expect(new Set(all.map(({ GrantId }) => GrantId)).size).toBe(3);
  expect(all[0]).toMatchObject({
    KeyId: arn,
    GranteePrincipal: GRANTEE,
    IssuingAccount: `arn:aws:iam::${ACCOUNT}:root`,
  });
});

test('an encryption context constraint does not fit a key without encryption context', async () => {
  const { admin } = localKms();
  const { arn } = await newKey(admin, { KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' });
  const Constraints = { EncryptionContextSubset: { tenant: 'a' } };

  const error = await admin.failure('CreateGrant', {
    KeyId: arn,
    GranteePrincipal: GRANTEE,
    Operations: ['Sign'],
    Constraints,
  });

  expect(error).toMatchObject({ code: 'ValidationException' });
});
