import { KeywrightError } from '../../../../shared/domain/errors';
import { requestRetirement } from '../../../../shared/domain/retirement/request-retirement';
import { undoRetirement } from '../../../../shared/domain/retirement/undo-retirement';
import { aKmsKey } from '../../../support/make';
import { ALICE, OLD, type RetirementWorld, retirementAt, retirementWorld } from '../../../support/retirement-world';

const undo = (world: RetirementWorld, step: 'disable' | 'schedule-deletion') =>
  undoRetirement({ kmsKeyArn: OLD, step, reason: 'wait', by: ALICE }, world.ports);

describe('undone by a person', () => {
  test('a deletion that is undone leaves the key disabled, for as long as nobody lets it go on', async () => {
    const world = await retirementAt('deletion-scheduled');

    await undo(world, 'schedule-deletion');
    await undo(world, 'schedule-deletion');
    await world.pass(60);

    expect(world.kms.stateOf(OLD)).toBe('Disabled');
    expect(await world.row()).toMatchObject({ stage: 'disabled', held: { by: ALICE, reason: 'wait' } });
    expect((await world.row()).deletionDate).toBeUndefined();
  });

  test.each(['quiet', 'disabled', 'deletable', 'deletion-scheduled'] as const)(
    'undone while it is %s, it is in use and stays so until a person lets it go',
    async (stage) => {
      const world = await retirementAt(stage);

      await undo(world, 'disable');
      await undo(world, 'disable');
      await world.pass(60);

      expect(world.kms.stateOf(OLD)).toBe('Enabled');
      expect(await world.row()).toMatchObject({ stage: 'watching', held: { by: ALICE } });
      await requestRetirement({ kmsKeyArn: OLD, by: ALICE }, world.ports);
      expect(await world.until('disabled')).toBeGreaterThanOrEqual(7);
    },
  );

  test('a compromised key opens what it opened, and takes nothing new', async () => {
    const world = await retirementAt('deletable');
    const key = await world.key();
    const compromise = { compromiseId: 'c', at: world.clock.now() };
    if (key) world.control.given('kms-key', { ...key, compromise });

    await undo(world, 'disable');
    const made = await world.kms.generateWrapped(aKmsKey({ kmsKeyArn: OLD }), {});
    const name = { customerId: 'acme', dataStoreId: 'documents', dataKeyId: 'new' };
    const creating = world.dataKeys.create({ ...name, ...made, createdAt: world.clock.now() });

    await expect(creating).rejects.toMatchObject({ code: 'state.changed-meanwhile' });
    expect(await world.key()).toMatchObject({ state: 'retiring', compromise });
  });

  test('a dry run touches nothing', async () => {
    const world = await retirementAt('deletion-scheduled');
    const request = { kmsKeyArn: OLD, reason: 'wait', by: ALICE, dryRun: true };
    const facts = world.facts().length;

    expect(await undoRetirement({ ...request, step: 'disable' }, world.ports)).toMatchObject({ stage: 'watching' });
    expect(await undoRetirement({ ...request, step: 'schedule-deletion' }, world.ports)).toMatchObject({
      stage: 'disabled',
    });

    expect([world.kms.stateOf(OLD), world.facts().length]).toEqual(['PendingDeletion', facts]);
  });

  test('an attempt to disable that reaches KMS after it was undone is undone again', async () => {
    const world = retirementWorld();
    const disable: typeof world.kms.disable = async (key) => {
      await undo(world, 'disable');
      await world.kms.disable(key);
      throw new KeywrightError('kms.unreachable', 'it died here');
    };
    Object.assign(world.ports, { administrator: { ...world.kms, disable } });
    await expect(world.ended()).rejects.toMatchObject({ retry: true });
    const before = world.kms.stateOf(OLD);

    await world.pass(0.1);

    expect([before, world.kms.stateOf(OLD)]).toEqual(['Disabled', 'Enabled']);
  });

  test('nothing brings back what KMS has deleted', async () => {
    const world = await retirementAt('deletion-scheduled');
    await world.until('deleted');

    await expect(undo(world, 'disable')).rejects.toMatchObject({ code: 'state.forbids' });
  });
});
