import { addDataStore } from '../../../../shared/domain/customers/add-data-store';
import { dataStoreKey } from '../../../../shared/domain/rows';
import { aCustomer, anArn } from '../../../support/make';
import { rotationWorld } from '../../../support/rotation-world';

const store = {
  customerId: 'acme',
  dataStoreId: 'archive',
  kind: 'application',
  capabilities: ['search'],
  kmsKeyArn: anArn('own'),
} as const;

function world(key = {}) {
  const made = rotationWorld();
  made.control.given('customer', aCustomer({ dataStores: 2 }));
  made.givenKey({ kmsKeyArn: anArn('own'), ...key });
  return made;
}

test('a data store is registered, counted and told of, once', async () => {
  const { ports, control, facts } = world();

  expect(await addDataStore({ store, by: 'ada' }, ports)).toBe(true);
  expect(await addDataStore({ store, by: 'ada' }, ports)).toBe(false);

  expect(await control.find('data-store', dataStoreKey('acme', 'archive'))).toMatchObject(store);
  expect(await control.find('customer', 'acme')).toMatchObject({ dataStores: 3 });
  expect(facts()).toHaveLength(1);
});

test('the same name for something else is refused', async () => {
  const { ports } = world();
  await addDataStore({ store, by: 'ada' }, ports);

  const other = addDataStore({ store: { ...store, kind: 's3' }, by: 'ada' }, ports);

  await expect(other).rejects.toMatchObject({ code: 'state.forbids', details: { field: 'dataStoreId' } });
});

test.each([
  ['of another customer', { customerId: 'globex' }],
  ['that is on its way out', { state: 'retiring' }],
  ['of drills', { isForDrills: true }],
])('a key %s takes no data store', async (_, key) => {
  const { ports, control } = world(key);

  await expect(addDataStore({ store, by: 'ada' }, ports)).rejects.toMatchObject({ details: { field: 'key' } });
  expect(control.all('data-store').filter(({ dataStoreId }) => dataStoreId === 'archive')).toEqual([]);
});
