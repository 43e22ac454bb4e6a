import type { KeyImpact } from '../../../../shared/domain/api/show-impact';
import { run } from '../../../support/incident-world';
import { aCustomer, aDataStore, after, aKmsKey, anArn, aWatch, NOW } from '../../../support/make';
import { rotationWorld } from '../../../support/rotation-world';

test('says before a loss what its page would say: whom it stops, and what of theirs', async () => {
  const world = rotationWorld();
  world.givenKey();
  world.control.given('key-watch', aWatch());
  for (const id of ['data-key-1', 'data-key-2']) await world.givenDataKey(id);

  const impact = await run<KeyImpact>('show-impact', { key: 'acme' }, world);

  expect(impact).toMatchObject({
    kmsKeyArn: anArn(),
    availability: 'available',
    customerCount: 1,
    dataStoreCount: 1,
    dataStores: [{ dataStoreId: 'documents', kind: 'application', capabilities: ['search'] }],
    dataKeys: { count: 2, more: false },
    windowMinutes: { usual: 5, max: 60 },
  });
  expect(world.facts()).toEqual([]);
});

test('the whole dependency of a shared key is told: data keys, data stores, customers and what they were promised', async () => {
  const world = rotationWorld();
  world.givenKey({ option: 'managed', customerId: undefined } as never);
  world.control.given(
    'customer',
    aCustomer({ revision: 1 }),
    aCustomer({ customerId: 'globex', name: 'Globex', revision: 1 }),
  );
  world.control.given('data-store', aDataStore({ customerId: 'globex', dataStoreId: 'db', kind: 'rds', revision: 1 }));
  await world.givenDataKey('data-key-1');
  // Its data keys are still under the key, and it is not.
  world.control.given('data-store', aDataStore({ customerId: 'globex', dataStoreId: 'moved', revision: 1 }));
  await world.dataKeys.create({
    ...(await world.kms.generateWrapped(aKmsKey(), {})),
    customerId: 'globex',
    dataStoreId: 'moved',
    dataKeyId: 'data-key-2',
    createdAt: NOW,
  });
  world.control.given(
    'data-store',
    aDataStore({ customerId: 'globex', dataStoreId: 'moved', kmsKeyArn: anArn('new'), revision: 2 }),
  );
  await run('set-service-level', { customerId: 'acme', targetPercent: 99.95 }, world);

  const impact = await run<KeyImpact>('show-impact', { key: anArn() }, world);

  expect(impact).toMatchObject({
    at: NOW,
    customerCount: 2,
    customers: [
      { customerId: 'acme', isDefault: false, leftMs: 1_296_000 },
      { customerId: 'globex', isDefault: true },
    ],
    stopping: [
      { stopsAt: NOW, dataStores: 1 },
      { stopsAt: after(7_200_000), dataStores: 1 },
    ],
    dataStores: [
      { dataStoreId: 'documents', dataKeys: 1, stopsAt: NOW },
      {
        dataStoreId: 'db',
        dataKeys: 0,
        kind: 'rds',
        lostAt: expect.any(String),
        back: expect.stringMatching(/start-db-instance/),
      },
    ],
    alsoUnder: [{ customerId: 'globex', dataStoreId: 'moved', dataKeys: 1 }],
    dataKeys: { count: 2, more: false },
  });
});
