/** A key that is back: its rotation goes on at once, and what happened while nobody could look is followed. */
import { keyAvailabilityChanged } from '../../../../events/key-availability-changed';
import { declareCompromise } from '../../../../shared/domain/compromise/declare-compromise';
import { KeywrightError } from '../../../../shared/domain/errors';
import { newFact } from '../../../../shared/domain/outbox/new-fact';
import { planRotations } from '../../../../shared/domain/rotation/plan-rotations';
import { requestRotation } from '../../../../shared/domain/rotation/request-rotation';
import { resumeRotation } from '../../../../shared/domain/rotation/resume-rotation';
import { rotateKey } from '../../../../shared/domain/rotation/rotate-key';
import { aCustomer, anArn, NOW } from '../../../support/make';
import { type RotationWorld, rotationWorld } from '../../../support/rotation-world';
import { settle } from '../../../support/settle';

/** A rotation that the key’s state keeps from going on. */
async function blocked(strategy: 'kms-on-demand' | 'kms-automatic' = 'kms-on-demand') {
  const world = rotationWorld();
  world.givenKey({}, { strategy });
  const { rotationId } = await requestRotation({ kmsKeyArn: anArn() }, world.ports);
  world.kms.become(anArn(), 'Disabled');
  expect(await rotateKey({ rotationId }, world.ports)).toBe('blocked');
  return { world, rotationId };
}

/** What follows when the verdict is that the key serves again. */
async function isBack(world: RotationWorld, to: 'available' | 'at-risk' = 'available'): Promise<void> {
  world.kms.become(anArn(), 'Enabled');
  const from = world.control.outbox.length;
  const about = { kmsKeyArn: anArn(), from: 'unavailable', to, evidence: 'a data key was unwrapped' } as const;
  await world.control.commit({ writes: [], facts: [newFact(keyAvailabilityChanged, world.ports, about)] });
  await settle(world, from);
}

test('a rotation that was blocked says why, and goes on when the key is back, by nobody’s hand', async () => {
  const { world, rotationId } = await blocked();
  expect(world.control.all('rotation')).toMatchObject([
    { state: 'blocked', blockedBy: expect.stringMatching(/key-disabled/) },
  ]);

  await isBack(world);
  world.kms.finishRotations();
  await rotateKey({ rotationId }, world.ports);

  expect(world.kms.spent(anArn())).toBe(1);
  expect(world.control.all('rotation')).toMatchObject([{ rotationId, state: 'rotated' }]);
});

test('a key that is back at risk serves: its rotation goes on as well', async () => {
  const { world } = await blocked();

  await isBack(world, 'at-risk');

  expect(world.kms.spent(anArn())).toBe(1);
});

test('a key that went away again blocks it again, and its customer is told once', async () => {
  const { world } = await blocked();

  for (let time = 0; time < 3; time += 1) await resumeRotation(anArn(), world.ports);

  expect(world.control.all('rotation')).toMatchObject([{ state: 'blocked' }]);
  expect(world.facts().filter((name) => name === 'rotation-blocked.v1')).toHaveLength(1);
});

test('a rotation that nobody could see while the key was away is followed', async () => {
  const world = rotationWorld();
  world.givenKey();
  const newest = world.kms.rotate(anArn());

  expect(await resumeRotation(anArn(), world.ports)).toBe('followed');
  expect(await resumeRotation(anArn(), world.ports)).toBe('known');

  expect(await world.control.find('kms-key', anArn())).toMatchObject({ keyMaterialId: newest });
});

test.each([
  ['kms.access-denied', 'away'],
  ['sts.role-refused', 'away'],
  ['kms.unsupported', 'ignored'],
] as const)('a look that ends with %s parks nothing', async (code, outcome) => {
  const world = rotationWorld();
  world.givenKey();
  const describe = () => Promise.reject(new KeywrightError(code, 'no'));

  expect(await resumeRotation(anArn(), { ...world.ports, observer: { ...world.kms, describe } })).toBe(outcome);
});

describe('while a key is known to be lost', () => {
  const LOSS = { cause: 'key-disabled', since: NOW } as const;

  test.each(['kms-on-demand', 'kms-automatic'] as const)(
    'a scheduled rotation does not begin, and begins soon after: %s',
    async (strategy) => {
      const world = rotationWorld();
      const key = world.givenKey({ loss: LOSS }, { strategy });

      const away = await planRotations(world.ports);
      expect(away.planned).toMatchObject({ waiting: 1, started: 0 });
      expect(world.control.all('rotation')).toEqual([]);

      const { loss: _, ...back } = key;
      world.control.given('kms-key', back);
      world.clock.advance(15 * 60_000);
      expect((await planRotations(world.ports)).planned).toMatchObject({ started: 1 });
    },
  );

  test('its customer is not asked to rotate what they took away', async () => {
    const world = rotationWorld();
    world.givenKey({ option: 'customer-managed', loss: LOSS }, { strategy: 'customer' });

    await planRotations(world.ports);
    await settle(world);

    expect(world.facts()).toEqual([]);
  });

  test('a rotation that is open is blocked with since when and why, without asking KMS', async () => {
    const world = rotationWorld();
    const key = world.givenKey();
    const { rotationId } = await requestRotation({ kmsKeyArn: anArn() }, world.ports);
    const open = await world.control.find('kms-key', anArn());
    world.control.given('kms-key', { ...key, ...open, loss: LOSS });

    expect(await rotateKey({ rotationId }, world.ports)).toBe('blocked');

    expect(world.kms.spent(anArn())).toBe(0);
    expect(world.control.all('rotation')).toMatchObject([
      { state: 'blocked', blockedBy: expect.stringMatching(/since 2026-11-24 12:00:00 UTC \(key-disabled\)/) },
    ]);
  });

  test('a key of ours is replaced all the same, unless it is gone', async () => {
    const world = rotationWorld();
    world.givenKey({ loss: LOSS }, { strategy: 'replace' });
    expect((await planRotations(world.ports)).planned).toMatchObject({ started: 1 });

    const gone = rotationWorld();
    gone.givenKey({ loss: { ...LOSS, cause: 'key-deleted' } }, { strategy: 'replace' });
    expect((await planRotations(gone.ports)).planned).toMatchObject({ waiting: 1 });
  });
});

test('a key that nobody knows, or that is on its way out, is left alone', async () => {
  const world = rotationWorld();
  world.givenKey({ state: 'retiring' });
  world.kms.rotate(anArn());

  expect(await resumeRotation(anArn(), world.ports)).toBe('ignored');
  expect(await resumeRotation(anArn('unknown'), world.ports)).toBe('ignored');
});

test('a compromise whose replacement was blocked is contained, and the old key retired, once the key is back', async () => {
  const world = rotationWorld();
  world.control.given('customer', aCustomer({ revision: 1 }));
  world.givenKey();
  for (let n = 0; n < 3; n += 1) await world.givenDataKey(`key-${n}`);
  world.kms.become(anArn(), 'Disabled');
  const because = { reason: 'A laptop was stolen.', by: 'arn:aws:iam::111122223333:user/ann' };
  await declareCompromise({ kmsKeyArn: anArn(), ...because }, world.ports);
  await settle(world);
  // Another key takes its place without it; the data keys under it need it.
  expect(world.control.all('reencryption-job')).toMatchObject([{ state: 'parked' }]);
  expect(world.control.all('compromise')).toMatchObject([{ state: 'open', waitingFor: expect.any(String) }]);

  await isBack(world);

  expect(world.control.all('reencryption-job')).toMatchObject([{ state: 'done', reencrypted: 3 }]);
  expect(world.control.all('compromise')).toMatchObject([{ state: 'ended' }]);
  expect(world.control.all('retirement')).toMatchObject([{ kmsKeyArn: anArn(), stage: 'disabled' }]);
});
