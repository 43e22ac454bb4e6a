import { planRotations } from '../../../../shared/domain/rotation/plan-rotations';
import { rotateKey } from '../../../../shared/domain/rotation/rotate-key';
import { triggerByFact } from '../../../../shared/domain/rotation/trigger-rotation';
import { anArn, after as fromNow } from '../../../support/make';
import { type RotationWorld, rotationWorld } from '../../../support/rotation-world';

const FACT = 'incident-closed.v1';
const DAY_MS = 86_400_000;

function triggering(facts: readonly string[] = [FACT]) {
  const world = rotationWorld();
  world.givenKey({}, { triggers: { facts }, since: fromNow(-DAY_MS), dueAt: fromNow(50 * DAY_MS) });
  return world;
}

const aFact = (at = fromNow(0)) => ({ kmsKeyArn: anArn(), at });

async function rotate(world: RotationWorld): Promise<void> {
  const key = await world.control.find('kms-key', anArn());
  const rotationId = key?.openRotationId ?? '';
  await rotateKey({ rotationId }, world.ports);
  world.kms.finishRotations();
  await rotateKey({ rotationId }, world.ports);
}

test('a fact that the policy names makes the key due at once', async () => {
  const world = triggering();

  expect(await triggerByFact(FACT, aFact(), world.ports)).toBe('due');

  expect((await planRotations(world.ports)).planned).toMatchObject({ started: 1 });
});

test('a fact that the policy does not name, or about a key without a policy, does nothing', async () => {
  const world = triggering(['key-compromised.v1']);

  expect(await triggerByFact(FACT, aFact(), world.ports)).toBe('ignored');
  expect(await triggerByFact(FACT, { ...aFact(), kmsKeyArn: anArn('other') }, world.ports)).toBe('ignored');

  expect((await planRotations(world.ports)).planned).toMatchObject({ started: 0 });
});

test('the same fact again, before and after its rotation, makes nothing due a second time', async () => {
  const world = triggering();
  const copies = [1, 2, 3].map(() => triggerByFact(FACT, aFact(), world.ports));
  expect((await Promise.all(copies)).filter((outcome) => outcome === 'due')).toHaveLength(1);
  await planRotations(world.ports);
  world.clock.advance(60_000);
  await rotate(world);

  expect(await triggerByFact(FACT, aFact(), world.ports)).toBe('ignored');

  expect(world.control.all('rotation')).toHaveLength(1);
  expect(await world.control.find('rotation-policy', anArn())).not.toHaveProperty('triggered');
});

test('a fact of after the rotation makes it due again', async () => {
  const world = triggering();
  await triggerByFact(FACT, aFact(), world.ports);
  await planRotations(world.ports);
  await rotate(world);
  world.clock.advance(DAY_MS);

  expect(await triggerByFact(FACT, aFact(fromNow(DAY_MS)), world.ports)).toBe('due');
});
