import type { KeyImpact } from '../../../../shared/domain/api/show-impact';
import { run } from '../../../support/incident-world';
import { anArn, aWatch } from '../../../support/make';
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
