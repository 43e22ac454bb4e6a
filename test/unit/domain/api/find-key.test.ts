import { findKey, keysOf } from '../../../../shared/domain/api/find-key';
import type { KmsKey } from '../../../../shared/domain/keys/kms-key';
import { aDataStore, aKmsKey, anArn } from '../../../support/make';
import { memoryAliases } from '../../../support/memory-aliases';
import { memoryControlStore } from '../../../support/memory-control-store';

const ALIASES: Readonly<Record<string, string>> = { 'alias/keywright/acme': anArn('acme') };

function world() {
  const control = memoryControlStore();
  const aliases = memoryAliases(ALIASES);
  return { control, find: (name: string) => findKey(name, { control, aliases }).then(({ kmsKeyArn }) => kmsKeyArn) };
}

test('a key is found by its ARN, its alias and its customer', async () => {
  const { control, find } = world();
  control.given('kms-key', aKmsKey({ kmsKeyArn: anArn('acme'), customerId: 'acme' }));

  for (const name of [anArn('acme'), 'alias/keywright/acme', 'acme']) expect(await find(name)).toBe(anArn('acme'));
});

const ID = '11111111-2222-4333-8444-555555555555';

test('a key of our account is found by its id alone, unless a customer is called so', async () => {
  const control = memoryControlStore();
  const ports = { control, aliases: memoryAliases({ 'alias/one': anArn(ID) }) };
  control.given('kms-key', aKmsKey({ kmsKeyArn: anArn(ID) }));
  expect(await findKey(ID, ports)).toMatchObject({ kmsKeyArn: anArn(ID) });

  control.given('kms-key', aKmsKey({ kmsKeyArn: anArn('theirs'), customerId: ID }));
  expect(await findKey(ID, ports)).toMatchObject({ kmsKeyArn: anArn('theirs') });
});

test('a customer who shares a key is found through their data stores', async () => {
  const { control, find } = world();
  const { customerId: _nobodys, ...shared } = aKmsKey({ kmsKeyArn: anArn('shared'), option: 'managed' });
  control.given('kms-key', shared);
  control.given('data-store', aDataStore({ customerId: 'hooli', kmsKeyArn: anArn('shared') }));

  expect(await find('hooli')).toBe(anArn('shared'));
});

test('keys whose place a shared key took are among those of its customers, however far back, once', async () => {
  const { control, find } = world();
  const shared = (name: string, fields: Partial<KmsKey>) => {
    const { customerId: _nobodys, ...key } = aKmsKey({ kmsKeyArn: anArn(name), option: 'managed', ...fields });
    control.given('kms-key', key);
  };
  shared('first', { state: 'disabled', replacedBy: anArn('second') });
  shared('second', { state: 'retiring', replaces: anArn('first'), replacedBy: anArn('third') });
  shared('third', { replaces: anArn('second') });
  for (const [dataStoreId, name] of [
    ['old', 'second'],
    ['new', 'third'],
  ] as const)
    control.given('data-store', aDataStore({ customerId: 'hooli', dataStoreId, kmsKeyArn: anArn(name) }));

  const arns = (await keysOf('hooli', control)).map(({ kmsKeyArn }) => kmsKeyArn);

  expect(arns.sort()).toEqual([anArn('first'), anArn('second'), anArn('third')].sort());
  expect(await find('hooli')).toBe(anArn('third'));
});

test('of a key and the one that takes its place the customer’s name means the new one', async () => {
  const { control, find } = world();
  control.given(
    'kms-key',
    aKmsKey({ kmsKeyArn: anArn('old'), state: 'retiring', replacedBy: anArn('new') }),
    aKmsKey({ kmsKeyArn: anArn('new') }),
    aKmsKey({ kmsKeyArn: anArn('gone'), state: 'disabled' }),
  );

  expect(await find('acme')).toBe(anArn('new'));
});

test('a customer with several active keys is asked which one, by ARN', async () => {
  const { control, find } = world();
  control.given('kms-key', aKmsKey({ kmsKeyArn: anArn('one') }), aKmsKey({ kmsKeyArn: anArn('two') }));

  await expect(find('acme')).rejects.toMatchObject({
    code: 'input.invalid',
    message: expect.stringMatching(/^key: acme has 2 active keys.*key\/one.*key\/two/),
  });
});

test.each([
  ['an ARN that was never registered', anArn('nobody'), /is not registered/],
  ['an alias that our account does not have', 'alias/acme-data', /our account has no alias\/acme-data/],
  ['an alias of a key that is not ours to rotate', 'alias/keywright/acme', /is not registered/],
  ['the id of a key that is not ours', ID, /no key 1111.* of our account.*by its full ARN/],
  ['a customer without a key', 'nobody', /no customer nobody/],
])('%s is not found, and the way out is named', async (_, name, message) => {
  await expect(world().find(name)).rejects.toMatchObject({
    code: 'state.not-found',
    details: { field: 'key' },
    message: expect.stringMatching(message),
  });
});
