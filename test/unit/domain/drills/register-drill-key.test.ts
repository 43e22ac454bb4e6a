import { declareCompromise } from '../../../../shared/domain/compromise/declare-compromise';
import { onboardCustomer } from '../../../../shared/domain/customers/onboard-customer';
import { registerDrillKey } from '../../../../shared/domain/drills/register-drill-key';
import { requestRotation } from '../../../../shared/domain/rotation/request-rotation';
import { DRILL_KEY, drillWorld } from '../../../support/drill-world';

test('the first time the key is registered and watched, with a canary and no data store; two at once write it once', async () => {
  const world = drillWorld();
  const keys = await Promise.all([registerDrillKey(world.ports), registerDrillKey(world.ports)]);
  await registerDrillKey(world.ports);

  expect(keys[0]).toEqual(keys[1]);
  expect(world.key()).toMatchObject({ isForDrills: true, option: 'managed', state: 'active', revision: 1 });
  expect(world.key()).not.toHaveProperty('customerId');
  expect(world.control.all('key-watch')).toMatchObject([{ kmsKeyArn: DRILL_KEY, availability: 'available' }]);
  expect(world.control.all('data-store-count')).toMatchObject([{ kmsKeyArn: DRILL_KEY, dataStores: 0 }]);
});

test('no customer’s data may come to depend on it', async () => {
  const world = drillWorld();
  await registerDrillKey(world.ports);
  const onboarding = {
    customer: { customerId: 'acme', name: 'Acme' },
    key: { kmsKeyArn: DRILL_KEY, option: 'managed', access: { via: 'key-policy' } },
    dataStores: [{ dataStoreId: 'documents', kind: 'application', capabilities: [] }],
  } as const;

  await expect(onboardCustomer(onboarding, world.ports)).rejects.toMatchObject({
    code: 'input.invalid',
    message: expect.stringContaining('key of drills'),
  });
});

test('no other key takes its place: it is neither rotated nor declared compromised', async () => {
  const world = drillWorld();
  await registerDrillKey(world.ports);
  const refused = { message: expect.stringContaining('key of drills') };

  await expect(requestRotation({ kmsKeyArn: DRILL_KEY, strategy: 'replace' }, world.ports)).rejects.toMatchObject(
    refused,
  );
  await expect(
    declareCompromise({ kmsKeyArn: DRILL_KEY, reason: 'leaked', by: 'ada' }, world.ports),
  ).rejects.toMatchObject(refused);
  expect(world.facts()).toEqual([]);
});
