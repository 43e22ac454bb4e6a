import { followRetiredUse } from '../../../../shared/domain/retirement/follow-retired-use';
import { DAY_MS, OLD, type RetirementWorld, retirementAt } from '../../../support/retirement-world';

/** The pages about stopped retirements that nobody has had yet. */
const owed = (world: RetirementWorld) => world.control.due('retirement-stop', world.clock.now(), 10);

const missed = (world: RetirementWorld) =>
  followRetiredUse(
    { factId: 'f', at: world.clock.now(), kmsKeyArn: OLD, observed: 'Decrypt failed', usedAt: world.clock.now() },
    world.ports,
  );

test.each(['disabled', 'deletable', 'deletion-scheduled'] as const)(
  'where the terms say alert, a use while it is %s stops it: it stays disabled, is not deleted, and people are told once',
  async (stage) => {
    const world = await retirementAt(stage, { onUse: 'alert' });

    expect([await missed(world), await missed(world)]).toEqual(['stopped', 'ignored']);
    await world.pass(60);

    expect(world.kms.stateOf(OLD)).toBe('Disabled');
    expect(await world.row()).toMatchObject({ stage: 'disabled', held: { by: 'keywright' } });
    expect(world.told('retirement-stopped.v1')).toHaveLength(1);
    expect(await owed(world)).toMatchObject([{ kmsKeyArn: OLD, reason: expect.stringMatching(/^used while/) }]);
  },
);

test.each(['disabled', 'deletable', 'deletion-scheduled'] as const)(
  'a use of a compromised key that is %s never brings it back, whatever its terms are',
  async (stage) => {
    const world = await retirementAt(stage, { onUse: 'enable' });
    const key = await world.key();
    if (key) world.control.given('kms-key', { ...key, compromise: { compromiseId: 'c', at: world.clock.now() } });

    expect(await missed(world)).toBe('stopped');

    expect(world.kms.stateOf(OLD)).toBe('Disabled');
    expect(world.told('retirement-stopped.v1')).toHaveLength(1);
  },
);

test('a use of before it was disabled, told late, changes nothing', async () => {
  const world = await retirementAt('disabled');
  const usedAt = new Date(Date.parse(world.clock.now()) - DAY_MS).toISOString();
  const use = { factId: 'f', at: usedAt, kmsKeyArn: OLD, observed: 'Decrypt failed', usedAt };

  expect(await followRetiredUse(use, world.ports)).toBe('ignored');

  expect(world.kms.stateOf(OLD)).toBe('Disabled');
});

test.each(['disabled', 'deletable', 'deletion-scheduled'] as const)(
  'a use of it while it is %s enables it at once, and it has to be quiet before it goes again',
  async (stage) => {
    const world = await retirementAt(stage, { quietDays: 0 });

    expect(await missed(world)).toBe('in-use-again');

    expect(world.kms.stateOf(OLD)).toBe('Enabled');
    expect(await world.row()).toMatchObject({ stage: 'watching', reason: expect.stringMatching(/Decrypt failed/) });
    expect(await world.until('disabled')).toBeGreaterThanOrEqual(7);
  },
);

test.each(['enable', 'alert'] as const)(
  'a use of it once KMS has deleted it changes nothing, where the terms say %s',
  async (onUse) => {
    const world = await retirementAt('deletion-scheduled', { onUse });
    await world.until('deleted');

    expect(await missed(world)).toBe('ignored');
    expect(await world.row()).toMatchObject({ stage: 'deleted' });
  },
);
