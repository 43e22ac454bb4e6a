import { markDataKey } from '../../../../shared/domain/compromise/mark-data-key';
import { NOW } from '../../../support/make';
import { rotationWorld } from '../../../support/rotation-world';

const NAME = { customerId: 'acme', dataStoreId: 'documents', dataKeyId: 'data-key-0' };

async function marked(...marks: readonly (readonly [compromiseId: string, evenIfMarked: boolean])[]) {
  const world = rotationWorld();
  world.givenKey();
  await world.givenDataKey('data-key-0');
  for (const [compromiseId, evenIfMarked] of marks) {
    await markDataKey(NAME, compromiseId, world.ports, { evenIfMarked });
    world.clock.advance(1_000);
  }
  return (await world.dataKeys.find(NAME))?.compromised;
}

test('the first mark stays, and its time with it', async () => {
  expect(await marked(['first', false], ['first', false], ['second', false])).toEqual({
    compromiseId: 'first',
    at: NOW,
  });
});

test('the mark of a compromise that was never recorded is taken over, since when it was', async () => {
  expect(await marked(['lost', false], ['second', true])).toEqual({ compromiseId: 'second', at: NOW });
});

test('a data key that is gone is left alone', async () => {
  const { ports } = rotationWorld();

  await expect(markDataKey(NAME, 'first', ports)).resolves.toBeUndefined();
});
