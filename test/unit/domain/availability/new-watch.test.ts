import { newWatch } from '../../../../shared/domain/availability/new-watch';
import { canaryContextOf } from '../../../../shared/domain/availability/observe-key';
import { aKmsKey, anArn, NOW } from '../../../support/make';
import { rotationWorld } from '../../../support/rotation-world';

test('a watch begins with a canary that the key opens, and is due at once', async () => {
  const world = rotationWorld();
  const key = world.givenKey();

  const { watch, keyMaterialId } = await newWatch(key, world.ports);

  expect(watch).toMatchObject({ kmsKeyArn: anArn(), availability: 'available', dueAt: NOW, revision: 0 });
  expect(keyMaterialId).toBe(key.keyMaterialId);
  const opened = await world.kms.unwrap(key, watch.canary.wrapped, canaryContextOf(key));
  expect(opened.keyMaterialId).toBe(keyMaterialId);
});

test('under a key that does not serve there is none', async () => {
  const { ports } = rotationWorld();

  await expect(newWatch(aKmsKey({ kmsKeyArn: anArn('gone') }), ports)).rejects.toMatchObject({
    code: 'kms.key-not-found',
  });
});
