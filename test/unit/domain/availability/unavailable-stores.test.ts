/** Which data stores a lost key stops, for whoever asks. */

import { showKeys } from '../../../../cli/keys/command';
import { showStatus } from '../../../../cli/status/command';
import type { ShownKey } from '../../../../shared/domain/api/list-keys';
import type { ProductStatus } from '../../../../shared/domain/api/show-status';
import { STORES_NAMED_MAX, unavailableStores } from '../../../../shared/domain/availability/unavailable-stores';
import { givenKey, run } from '../../../support/incident-world';
import { aDataStore, anArn, aWatch, NOW } from '../../../support/make';
import { rotationWorld } from '../../../support/rotation-world';

const VERDICT = { availability: 'unavailable', cause: 'key-policy', party: 'customer', evidence: '', at: NOW } as const;
const LOST = aWatch({ kmsKeyArn: anArn('shared'), availability: 'unavailable', verdict: VERDICT, since: NOW });
const STATE = { state: 'KEY_UNAVAILABLE', since: NOW, cause: 'key-policy', retryable: true };

function lostKey() {
  const world = rotationWorld();
  givenKey(world, 'shared', { cause: 'key-policy' });
  const [watch] = world.control.all('key-watch');
  world.control.given('key-watch', { ...LOST, ...(watch?.openIncidentId && { openIncidentId: watch.openIncidentId }) });
  const others = aDataStore({ customerId: 'globex', kmsKeyArn: anArn('shared'), revision: 1 });
  world.control.given(
    'data-store',
    others,
    aDataStore({ dataStoreId: 'mine', kmsKeyArn: anArn('other'), revision: 1 }),
  );
  return world;
}

test('every data store of the key is told, with since when and why, and none of another key', async () => {
  const world = lostKey();

  const { keys } = await run<{ keys: ShownKey[] }>('list-keys', { key: anArn('shared') }, world);

  expect(keys[0]?.unavailableStores).toEqual({
    first: [
      { customerId: 'acme', dataStoreId: 'documents', ...STATE },
      { customerId: 'globex', dataStoreId: 'documents', ...STATE },
    ],
    more: false,
  });
  expect(showKeys(keys)).toMatch(/KEY_UNAVAILABLE: acme\/documents,\s+globex\/documents/);
});

test('who asks about a customer is told of that customer’s alone', async () => {
  const { keys } = await run<{ keys: ShownKey[] }>('list-keys', { customerId: 'globex' }, lostKey());

  expect(keys[0]?.unavailableStores?.first.map(({ customerId }) => customerId)).toEqual(['globex']);
});

test('the status names them', async () => {
  const status = await run<ProductStatus>('show-status', {}, lostKey());

  expect(status.keys).toMatchObject([{ unavailableStores: { first: [STATE, STATE], more: false } }]);
  expect(showStatus(status)).toContain('KEY_UNAVAILABLE: acme/documents');
});

test('of a key that serves none is told, though it is at risk', async () => {
  const world = lostKey();
  for (const availability of ['available', 'at-risk', 'unknown'] as const)
    expect(await unavailableStores({ ...LOST, availability }, world.ports)).toBeUndefined();
  expect(await unavailableStores(undefined, world.ports)).toBeUndefined();
});

test('of thousands the first are named, and that there are more', async () => {
  const world = lostKey();
  const many = Array.from({ length: STORES_NAMED_MAX + 5 }, (_, at) =>
    aDataStore({ dataStoreId: `store-${at}`, kmsKeyArn: anArn('shared'), revision: 1 }),
  );
  world.control.given('data-store', ...many);

  const stores = await unavailableStores(LOST, world.ports);

  expect(stores?.first).toHaveLength(STORES_NAMED_MAX);
  expect(stores?.more).toBe(true);
});
