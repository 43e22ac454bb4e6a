import { KeywrightError } from '../../../../shared/domain/errors';
import { deleteKey } from '../../../../shared/domain/retirement/delete-key';
import { requestRetirement } from '../../../../shared/domain/retirement/request-retirement';
import { undoRetirement } from '../../../../shared/domain/retirement/undo-retirement';
import { ALICE, OLD, type RetirementWorld, retirementWorld } from '../../../support/retirement-world';

async function approved(): Promise<RetirementWorld> {
  const world = retirementWorld({ disabledDays: 0, waitingDays: 7 });
  await world.ended();
  await world.until('deletable');
  await world.request('schedule-deletion');
  await world.approve('schedule-deletion');
  return world;
}

const run = (world: RetirementWorld, ports = world.ports) => deleteKey({ kmsKeyArn: OLD }, ports);
const undo = (world: RetirementWorld, step: 'disable' | 'schedule-deletion') =>
  undoRetirement({ kmsKeyArn: OLD, step, reason: 'wait', by: ALICE }, world.ports);

test('what two people decided is scheduled, with a waiting period by the terms', async () => {
  const world = await approved();
  const inAWeek = new Date(Date.parse(world.clock.now()) + 7 * 86_400_000).toISOString();

  expect(await run(world)).toBe('scheduled');

  expect(world.kms.stateOf(OLD)).toBe('PendingDeletion');
  expect(await world.row()).toMatchObject({ stage: 'deletion-scheduled', deletionDate: inAWeek });
  expect(await world.control.find('approval', `${OLD}/schedule-deletion`)).toMatchObject({ usedAt: world.clock.now() });
});

test('asked again, or by copies at the same time, it is scheduled once and told once', async () => {
  const world = await approved();

  await Promise.all([1, 2, 3].map(() => run(world)));

  expect(await run(world)).toBe('not-due');
  expect(world.told('retirement-advanced.v1').filter(({ to }) => to === 'deletion-scheduled')).toHaveLength(1);
});

test.each([
  ['without an approval', async (world: RetirementWorld) => void (await world.until('deletable'))],
  ['with a request alone', async (world: RetirementWorld) => void (await world.request('schedule-deletion'))],
])('%s nothing is touched', async (_, prepare) => {
  const world = retirementWorld({ disabledDays: 0 });
  await world.ended();
  await world.until('deletable');
  await prepare(world);

  expect(await run(world)).toBe('not-due');

  expect(world.kms.stateOf(OLD)).toBe('Disabled');
});

test('an approval that ran out before it was carried out is worth nothing', async () => {
  const world = await approved();
  world.clock.advance(8 * 86_400_000);

  expect(await run(world)).toBe('not-due');

  expect(world.kms.stateOf(OLD)).toBe('Disabled');
});

test('a deletion that was called off needs two people again', async () => {
  const world = await approved();
  await run(world);
  await undo(world, 'schedule-deletion');

  expect(await run(world)).toBe('not-due');

  expect(world.kms.stateOf(OLD)).toBe('Disabled');
  await requestRetirement({ kmsKeyArn: OLD, by: ALICE }, world.ports);
  await world.until('deletable');
  await world.request('schedule-deletion');
  expect(world.control.all('approval')[0]).not.toHaveProperty('usedAt');
  await world.approve('schedule-deletion');
  expect(await run(world)).toBe('scheduled');
});

test('a data key that turned up after the approval keeps the key, and it comes back into use', async () => {
  const world = await approved();
  await world.dataKeyTurnsUp();

  expect(await run(world)).toBe('refused');
  await world.pass(0);

  expect(world.kms.stateOf(OLD)).toBe('Enabled');
});

test('a data key that turns up while it is being scheduled calls the deletion off', async () => {
  const world = await approved();
  const scheduleDeletion: typeof world.kms.scheduleDeletion = async (...asked) => {
    await world.dataKeyTurnsUp();
    return world.kms.scheduleDeletion(...asked);
  };

  expect(await run(world, { ...world.ports, administrator: { ...world.kms, scheduleDeletion } })).toBe('refused');
  const before = world.kms.stateOf(OLD);
  await world.pass(0);

  expect([before, world.kms.stateOf(OLD)]).toEqual(['Disabled', 'Enabled']);
});

test('one that died after KMS had it is finished by the next attempt, and asked for again when the attempt was lost', async () => {
  const world = await approved();
  const scheduleDeletion: typeof world.kms.scheduleDeletion = async (...asked) => {
    await world.kms.scheduleDeletion(...asked);
    throw new KeywrightError('kms.unreachable', 'it died here');
  };
  await expect(run(world, { ...world.ports, administrator: { ...world.kms, scheduleDeletion } })).rejects.toMatchObject(
    {
      retry: true,
    },
  );
  await world.pass(0.02);

  expect(world.told('deletion-due.v1')).toHaveLength(2);
  expect(await run(world)).toBe('scheduled');
  expect(await world.row()).toMatchObject({ stage: 'deletion-scheduled' });
});

test.each([
  ['disable', 'Enabled'],
  ['schedule-deletion', 'Disabled'],
] as const)('undone (%s) while KMS is being asked, it is called off again', async (step, state) => {
  const world = await approved();
  const scheduleDeletion: typeof world.kms.scheduleDeletion = async (...asked) => {
    await undo(world, step);
    return world.kms.scheduleDeletion(...asked);
  };

  expect(await run(world, { ...world.ports, administrator: { ...world.kms, scheduleDeletion } })).toBe('not-due');

  expect(world.kms.stateOf(OLD)).toBe(state);
});

test('an approval that a person took back is worth nothing when one person alone lets the retirement go on', async () => {
  const world = await approved();
  await undo(world, 'schedule-deletion');

  await requestRetirement({ kmsKeyArn: OLD, by: ALICE }, world.ports);
  world.clock.advance(60_000);
  expect(await run(world)).toBe('not-due');
  expect(world.kms.stateOf(OLD)).toBe('Disabled');
  await expect(world.approve('schedule-deletion')).rejects.toMatchObject({ code: 'state.not-found' });

  await world.request('schedule-deletion');
  await world.approve('schedule-deletion');
  expect(await run(world)).toBe('scheduled');
});

test('an approval is taken back as well while the product itself holds the retirement', async () => {
  const world = await approved();
  const retirement = await world.row();
  const held = { by: 'keywright', reason: 'KMS shows it Unavailable', at: world.clock.now() };
  world.control.given('retirement', { ...retirement, held });
  world.clock.advance(60_000);
  await undo(world, 'schedule-deletion');

  await requestRetirement({ kmsKeyArn: OLD, by: ALICE }, world.ports);

  expect(await run(world)).toBe('not-due');
  expect(world.kms.stateOf(OLD)).toBe('Disabled');
});
