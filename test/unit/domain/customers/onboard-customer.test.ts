import { type Onboarding, onboardCustomer } from '../../../../shared/domain/customers/onboard-customer';
import { setRotationRule } from '../../../../shared/domain/rotation/set-rotation-rule';
import { anArn, after as fromNow } from '../../../support/make';
import { rotationWorld } from '../../../support/rotation-world';

const DAY_MS = 86_400_000;

const anOnboarding = (fields: Partial<Onboarding> = {}): Onboarding => ({
  customer: { customerId: 'acme', name: 'Acme Ltd' },
  key: { kmsKeyArn: anArn('new'), option: 'customer-specific', access: { via: 'key-policy' } },
  dataStores: [],
  ...fields,
});

async function world(rule = true) {
  const made = rotationWorld();
  made.kms.given(anArn('new'));
  const terms = { strategy: 'replace', periodDays: 100, reencrypt: true, by: 'ana' } as const;
  if (rule) await setRotationRule({ scope: 'option/customer-specific', ...terms }, made.ports);
  return made;
}

test('a new key is rotated by the rule of its option from its birth', async () => {
  const { ports, control } = await world();

  await onboardCustomer(anOnboarding(), ports);

  const policy = await control.find('rotation-policy', anArn('new'));
  expect(policy).toMatchObject({ strategy: 'replace', periodDays: 100, scope: 'option/customer-specific' });
  expect((policy?.dueAt ?? '') > fromNow(94 * DAY_MS)).toBe(true);
});

test('terms of its own win over the rule, and the rule does not come back over them', async () => {
  const { ports, control } = await world();
  const rotation = { strategy: 'kms-on-demand', periodDays: 30, reencrypt: false, dueAt: fromNow(DAY_MS) } as const;

  await onboardCustomer(anOnboarding({ rotation }), ports);
  const again = { strategy: 'replace', periodDays: 10, reencrypt: true, by: 'ana' } as const;
  await setRotationRule({ scope: 'option/customer-specific', ...again }, ports);

  expect(await control.find('rotation-policy', anArn('new'))).toMatchObject(rotation);
});

test('without either nobody would rotate the key: it is refused, and nothing is registered', async () => {
  const { ports, control } = await world(false);

  await expect(onboardCustomer(anOnboarding(), ports)).rejects.toThrow(
    /^rotation .*option\/customer-specific has no rule/,
  );

  expect(control.all('customer')).toEqual([]);
  expect(control.all('kms-key')).toEqual([]);
});

test('imported material that expires is due for rotation well before', async () => {
  const { ports, kms, control } = await world();
  kms.describeAs(anArn('new'), { origin: 'EXTERNAL', validTo: fromNow(60 * DAY_MS) });

  await onboardCustomer(anOnboarding(), ports);

  expect(await control.find('rotation-policy', anArn('new'))).toMatchObject({ dueAt: fromNow(30 * DAY_MS) });
});

test('the customer’s row counts their data stores, so that nobody takes some of them for all', async () => {
  const { ports, control } = await world();
  const dataStores = ['documents', 'archive'].map(
    (dataStoreId) => ({ dataStoreId, kind: 's3', capabilities: [] }) as const,
  );

  await onboardCustomer(anOnboarding({ dataStores }), ports);

  expect(await control.find('customer', 'acme')).toMatchObject({ dataStores: 2 });
});

describe('a customer who comes to a key that others have', () => {
  const key = { kmsKeyArn: anArn('new'), option: 'managed', access: { via: 'key-policy' } } as const;
  const dataStores = [{ dataStoreId: 'documents', kind: 'application', capabilities: [] }] as const;
  const late = anOnboarding({ customer: { customerId: 'late', name: 'Late' }, key, dataStores });

  async function registered(fields = {}) {
    const made = await world(false);
    made.givenKey({ kmsKeyArn: anArn('new'), option: 'managed', ...fields });
    return made;
  }

  test.each(['retiring', 'disabled', 'deletion-scheduled'] as const)('is refused one that is %s', async (state) => {
    const { ports, control } = await registered({ state });

    await expect(onboardCustomer(late, ports)).rejects.toThrow(/^key.kmsKeyArn is on its way out\./);

    expect(await control.find('customer', 'late')).toBeUndefined();
  });

  test('is refused one that begins to go meanwhile', async () => {
    const { ports, control } = await registered();
    const commit: typeof control.commit = async (change) => {
      const before = await control.find('kms-key', anArn('new'));
      if (before)
        await control.commit({ writes: [{ entityType: 'kms-key', row: { ...before, state: 'retiring' } }], facts: [] });
      await control.commit(change);
    };

    const racing = onboardCustomer(late, { ...ports, control: { ...control, commit } });

    await expect(racing).rejects.toThrow(/^key.kmsKeyArn is on its way out\./);
  });
});

test('the alias of a customer’s own key is watched', async () => {
  const { ports, control } = await world();
  const key = { kmsKeyArn: anArn('new'), option: 'customer-managed', alias: 'alias/acme-data' } as const;
  const rotation = { strategy: 'customer', periodDays: 365, reencrypt: true, dueAt: fromNow(DAY_MS) } as const;

  await onboardCustomer(anOnboarding({ key: { ...key, access: { via: 'key-policy' } }, rotation }), ports);

  expect(control.all('customer-alias')).toMatchObject([
    { aliasArn: anArn('new').replace('key/new', 'alias/acme-data'), kmsKeyArn: anArn('new'), customerId: 'acme' },
  ]);
});

const store = (dataStoreId: string) => ({ dataStoreId, kind: 'application', capabilities: [] }) as const;
const able = (...capabilities: string[]) => ({ dataStores: [{ ...store('documents'), capabilities }] });
const called = (name: string) => ({ customer: { customerId: 'acme', name } });
const named = (customerId: string) => ({ customer: { customerId, name: 'Acme Ltd' } });

test.each([
  ['no id', named(''), 'customer.customerId'],
  ['the id of the operator’s stream', named('keywright:operator'), 'customer.customerId'],
  ['a folder above', named('..'), 'customer.customerId'],
  ['this folder', named('.'), 'customer.customerId'],
  ['a line end', named('acme\n'), 'customer.customerId'],
  ['a deletion', named('acme\u007F'), 'customer.customerId'],
  ['half a character', named('acme\uD800'), 'customer.customerId'],
  ['no character', named('acme\uFFFE'), 'customer.customerId'],
  ['too much for a folder', named('x'.repeat(256)), 'customer.customerId'],
  ['too much for a folder, encoded', named('ä'.repeat(50)), 'customer.customerId'],
  ['a data store without an id', { dataStores: [store('documents'), store('')] }, 'dataStores.dataStoreId'],
  ['a data store that no key holds', { dataStores: [store('x'.repeat(513))] }, 'dataStores.dataStoreId'],
  ['no name', called(''), 'customer.name'],
  ['a name of two lines', called('Acme\nLtd'), 'customer.name'],
  ['half a character in the name', called('Acme\uD83C'), 'customer.name'],
  ['a name that is none', called('x'.repeat(201)), 'customer.name'],
  ['a capability that is none', able('search', 'x'.repeat(51)), 'dataStores.capabilities'],
  ['an empty capability', able(''), 'dataStores.capabilities'],
  ['more capabilities than a page tells', able(...Array(17).fill('search')), 'dataStores.capabilities'],
])('a customer with %s is refused by the field, and nothing is registered', async (_, fields, field) => {
  const { ports, control } = await world();

  const refusal = onboardCustomer(anOnboarding(fields), ports);

  await expect(refusal).rejects.toMatchObject({ code: 'input.invalid', details: { field } });
  expect(control.all('customer')).toEqual([]);
});

test.each(['x'.repeat(255), 'a/b', 'Acme & Söhne', '…', '.acme', '\u{1F600}'])(
  'a customer may be called %s',
  async (id) => {
    const { ports } = await world();

    expect(await onboardCustomer(anOnboarding({ ...named(id), dataStores: [store('.')] }), ports)).toBe(true);
  },
);

test('a customer may have as long a name, and as many capabilities, as an incident tells', async () => {
  const { ports } = await world();
  const fields = { ...called('🏦'.repeat(100)), ...able(...Array(16).fill('x'.repeat(50))) };

  expect(await onboardCustomer(anOnboarding(fields), ports)).toBe(true);
});

test('what AWS calls a data store is registered with it, and with no other', async () => {
  const { ports, control, kms } = await world();
  kms.given(anArn('other'));
  const bucket = { ...store('invoices'), kind: 's3', resource: 'arn:aws:s3:::invoices' } as const;
  await onboardCustomer(anOnboarding({ dataStores: [bucket] }), ports);

  expect(await control.find('store-resource', bucket.resource)).toMatchObject({
    customerId: 'acme',
    dataStoreId: 'invoices',
  });
  const key = { ...anOnboarding().key, kmsKeyArn: anArn('other') };
  const again = anOnboarding({ customer: { customerId: 'late', name: 'Late' }, key, dataStores: [bucket] });
  await expect(onboardCustomer(again, ports)).rejects.toMatchObject({ details: { field: 'dataStores.resource' } });
  expect(await control.find('customer', 'late')).toBeUndefined();
});
