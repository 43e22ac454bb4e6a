import { canaryContextOf } from '../../../../shared/domain/availability/observe-key';
import { NEVER } from '../../../../shared/domain/instants';
import { reconcileKeys } from '../../../../shared/domain/rotation/reconcile-keys';
import { aKmsKey, anArn, aPolicy, aWatch } from '../../../support/make';
import { rotationWorld } from '../../../support/rotation-world';

const HOUR_MS = 3_600_000;

/** A registered key, with a watch unless it has none. */
function registered(watch?: Partial<ReturnType<typeof aWatch>>) {
  const world = rotationWorld();
  const key = world.givenKey();
  if (watch) world.control.given('key-watch', aWatch({ dueAt: '2099-01-01T00:00:00.000Z', ...watch }));
  /** A day of it. */
  const day = async () => {
    const total = { 'as-believed': 0, watched: 0, followed: 0, failed: 0 };
    for (let hour = 0; hour < 24; hour += 1) {
      const counts = await reconcileKeys(world.ports);
      for (const what of Object.keys(total) as (keyof typeof total)[]) total[what] += counts[what];
      world.clock.advance(HOUR_MS);
    }
    return total;
  };
  return { ...world, key, day };
}

test('each key has its turn once a day, and one that is as we believe stays as it is', async () => {
  const { control, day, key } = registered({});
  const others = Array.from({ length: 60 }, (_, at) => anArn(`other-${at}`));
  for (const kmsKeyArn of others) {
    control.given('kms-key', aKmsKey({ kmsKeyArn, state: 'disabled' }));
    control.given('rotation-policy', aPolicy({ kmsKeyArn }));
  }
  const before = [control.outbox.length, control.all('key-watch'), await control.find('kms-key', key.kmsKeyArn)];

  expect(await day()).toEqual({ 'as-believed': 61, watched: 0, followed: 0, failed: 0 });

  expect([control.outbox.length, control.all('key-watch'), await control.find('kms-key', key.kmsKeyArn)]).toEqual(
    before,
  );
});

test('a key that is registered and that nobody watches is watched, with a canary that opens', async () => {
  const { control, day, key, kms } = registered();

  expect(await day()).toMatchObject({ watched: 1, failed: 0 });

  const [watch] = control.all('key-watch');
  expect(watch).toMatchObject({ kmsKeyArn: key.kmsKeyArn, availability: 'available' });
  expect(watch).not.toHaveProperty('plaintext');
  await expect(kms.unwrap(key, watch?.canary.wrapped ?? new Uint8Array(), canaryContextOf(key))).resolves.toBeDefined();
});

test('a key in use whose looks have ended is looked at again', async () => {
  const { control, day } = registered({ dueAt: NEVER });

  expect(await day()).toMatchObject({ watched: 1 });
  expect(control.all('key-watch')[0]?.dueAt).not.toBe(NEVER);
});

test('a rotation that no event told of is followed like one that was told', async () => {
  const { control, day, key, kms } = registered({});
  const newest = kms.rotate(key.kmsKeyArn);

  expect(await day()).toMatchObject({ followed: 1 });

  expect(await control.find('kms-key', key.kmsKeyArn)).toMatchObject({ keyMaterialId: newest });
  expect(control.outbox.map(({ detailType }) => detailType)).toContain('key-rotated.v1');
});

test('a key that KMS tells nothing of keeps no other from its turn', async () => {
  const { control, day } = registered({});
  control.given('kms-key', aKmsKey({ kmsKeyArn: anArn('gone') }));
  control.given('rotation-policy', aPolicy({ kmsKeyArn: anArn('gone') }));

  expect(await day()).toMatchObject({ 'as-believed': 1, failed: 1 });
});
