import { dataStoresOf } from '../../../../shared/domain/keys/find-data-stores';
import { aCustomer, aDataStore } from '../../../support/make';
import { memoryControlStore } from '../../../support/memory-control-store';

const IDS = ['documents', 'archive'];

/** An index that shows some of what there is. */
function storeWith(counted: number | undefined, shown: readonly string[] = IDS) {
  const control = memoryControlStore();
  control.given('customer', aCustomer({ ...(counted !== undefined && { dataStores: counted }), revision: 1 }));
  control.given('data-store', ...shown.map((dataStoreId) => aDataStore({ dataStoreId, revision: 1 })));
  return control;
}

test('as many as the customer’s row counts: it is all of them, in the order of their ids', async () => {
  const control = storeWith(2);

  expect(await dataStoresOf('acme', { control })).toEqual([
    { customerId: 'acme', dataStoreId: 'archive' },
    { customerId: 'acme', dataStoreId: 'documents' },
  ]);
});

test('an index that shows fewer is behind, and is asked again later', async () => {
  const control = storeWith(2, ['documents']);

  const refused = expect(dataStoresOf('acme', { control })).rejects;

  await refused.toMatchObject({
    code: 'store.index-behind',
    retry: true,
    details: { customerId: 'acme', dataStores: 2, shown: 1 },
  });
});

test('a copy in the place of one that is missing does not make up the number', async () => {
  const control = storeWith(2, ['documents']);
  control.misplace('data-store', 'acme/documents', 'acme/archive');

  await expect(dataStoresOf('acme', { control })).rejects.toMatchObject({ code: 'store.index-behind' });
});

test('where nobody counted them it is those that the index shows', async () => {
  const control = storeWith(undefined, ['documents']);

  expect(await dataStoresOf('acme', { control })).toHaveLength(1);
});
