import { planRotations } from '../../../../shared/domain/rotation/plan-rotations';
import { requestRotation } from '../../../../shared/domain/rotation/request-rotation';
import { anArn } from '../../../support/make';
import { rotationWorld } from '../../../support/rotation-world';

const kmsKeyArn = anArn();

test('a person begins a rotation by the strategy of the policy', async () => {
  const world = rotationWorld();
  world.givenKey({}, { strategy: 'replace' });

  const rotation = await requestRotation({ kmsKeyArn }, world.ports);

  expect(rotation).toMatchObject({ strategy: 'replace', startedBy: 'person', state: 'requested' });
  expect(world.facts()).toEqual(['rotation-due.v1']);
});

test('asking again while it is open asks for the same rotation anew', async () => {
  const world = rotationWorld();
  world.givenKey();

  const asked = await Promise.all([1, 2, 3].map(() => requestRotation({ kmsKeyArn }, world.ports)));

  expect(new Set(asked.map(({ rotationId }) => rotationId)).size).toBe(1);
  expect(world.control.all('rotation')).toHaveLength(1);
});

test('a key that is not registered is refused, naming the field', async () => {
  const asked = requestRotation({ kmsKeyArn }, rotationWorld().ports);

  await expect(asked).rejects.toMatchObject({
    code: 'state.not-found',
    message: expect.stringMatching(/^kmsKeyArn: /),
  });
});

test('a key that was replaced is refused, naming the one that took its place', async () => {
  const world = rotationWorld();
  world.givenKey({ state: 'retiring', replacedBy: anArn('new') });

  const asked = requestRotation({ kmsKeyArn }, world.ports);

  await expect(asked).rejects.toMatchObject({ code: 'state.forbids', message: expect.stringContaining(anArn('new')) });
});

test('without a policy a strategy has to be named', async () => {
  const world = rotationWorld();
  world.givenKey();
  const control = {
    ...world.control,
    find: (async (entityType, id) =>
      entityType === 'rotation-policy' ? undefined : world.control.find(entityType, id)) as typeof world.control.find,
  };

  await expect(requestRotation({ kmsKeyArn }, { ...world.ports, control })).rejects.toMatchObject({
    code: 'input.invalid',
    message: expect.stringMatching(/^strategy: .*kms-on-demand/),
  });
});

test.each([{ dryRun: true }, {}])('a strategy that the option does not have is refused, %j', async (fields) => {
  const world = rotationWorld();
  world.givenKey({ option: 'customer-managed' }, { strategy: 'customer' });

  await expect(requestRotation({ kmsKeyArn, strategy: 'replace', ...fields }, world.ports)).rejects.toMatchObject({
    code: 'input.invalid',
    message: 'strategy: replace is not for customer-managed keys. Use customer.',
  });
  expect(world.control.all('rotation')).toEqual([]);
});

test('a dry run tells the rotation that would be, and touches nothing', async () => {
  const world = rotationWorld();
  world.givenKey({}, { strategy: 'replace' });

  expect(await requestRotation({ kmsKeyArn, dryRun: true }, world.ports)).toMatchObject({ strategy: 'replace' });
  expect([world.facts(), world.control.all('rotation')]).toEqual([[], []]);
  expect(await world.control.find('kms-key', kmsKeyArn)).not.toHaveProperty('openRotationId');

  const open = await requestRotation({ kmsKeyArn }, world.ports);
  const facts = world.facts();
  expect(await requestRotation({ kmsKeyArn, dryRun: true }, world.ports)).toMatchObject({
    rotationId: open.rotationId,
  });
  expect(world.facts()).toEqual(facts);
});

test('the planner asks again for one whose event was lost, although its policy was due much later', async () => {
  const world = rotationWorld();
  world.givenKey({}, { dueAt: '2027-12-01T00:00:00.000Z' });
  const { rotationId } = await requestRotation({ kmsKeyArn: anArn() }, world.ports);

  world.clock.advance(6 * 60_000);
  await planRotations(world.ports);

  expect(world.control.outbox.map(({ detail }) => detail['rotationId'])).toEqual([rotationId, rotationId]);
});
