import { findRetirement } from '../../../../shared/domain/retirement/find-retirement';
import { anArn } from '../../../support/make';
import { OLD, retirementWorld } from '../../../support/retirement-world';

test('the key and its retirement, once it has begun', async () => {
  const world = retirementWorld();
  await world.ended();

  expect(await findRetirement(OLD, world.ports)).toMatchObject({
    key: { kmsKeyArn: OLD },
    retirement: { kmsKeyArn: OLD },
  });
});

test.each([
  ['nobody knows', anArn('nobody'), {}, /^key: .*nobody is not registered/],
  ['is in use', OLD, { state: 'active' }, /^key: .*It is in use/],
  ['was replaced', OLD, {}, /^key: .*Start it first/],
] as const)('of a key that %s there is none, and why', async (_, kmsKeyArn, fields, message) => {
  const world = retirementWorld({}, fields);

  await expect(findRetirement(kmsKeyArn, world.ports)).rejects.toMatchObject({
    code: 'state.not-found',
    message: expect.stringMatching(message),
  });
});
