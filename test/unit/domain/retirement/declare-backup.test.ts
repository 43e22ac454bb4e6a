import { NEVER } from '../../../../shared/domain/instants';
import { declareBackup, releaseBackup } from '../../../../shared/domain/retirement/declare-backup';
import {
  ALICE,
  BOB,
  OLD,
  type RetirementWorld,
  retirementAt,
  retirementWorld,
} from '../../../support/retirement-world';

describe('backups', () => {
  const declare = (world: RetirementWorld, retainUntil = '2027-06-30T00:00:00.000Z') =>
    declareBackup(
      { backupId: 'vault-7', kmsKeyArn: OLD, description: 'nightly snapshots', retainUntil, by: ALICE },
      world.ports,
    );

  test('while one is kept the key stays in use, and the certificate says which check found it', async () => {
    const world = retirementWorld();
    await declare(world);

    expect(await world.ended()).toBe('refused');

    expect(world.kms.stateOf(OLD)).toBe('Enabled');
    expect(world.told('key-retirement-refused.v1')).toMatchObject([{ references: ['backup vault-7'] }]);
    expect((await world.row()).certificate).toMatchObject({ verdict: 'needed' });
    expect((await world.row()).certificate?.note).toContain('"found":1,"source":"backups"');
  });

  test('one that was released may be declared again', async () => {
    const world = retirementWorld();
    await declare(world);
    await releaseBackup({ backupId: 'vault-7', by: BOB }, world.ports);

    await declare(world);

    expect(world.control.all('declared-backup')[0]).not.toHaveProperty('releasedAt');
    expect(await world.ended()).toBe('refused');
  });

  test('released, or over, it keeps nothing back', async () => {
    const released = retirementWorld();
    await declare(released);
    await released.ended();
    await releaseBackup({ backupId: 'vault-7', by: BOB }, released.ports);
    const over = retirementWorld();
    await declare(over, '2026-11-30T00:00:00.000Z');
    await over.ended();

    expect(await released.until('disabled')).toBe(1);
    expect(await over.until('disabled')).toBe(6);
  });

  test.each(['quiet', 'disabled', 'deletable', 'deletion-scheduled'] as const)(
    'declared while the key is %s, it puts the key back into use before it is believed',
    async (stage) => {
      const world = await retirementAt(stage);

      await declare(world);

      expect(world.kms.stateOf(OLD)).toBe('Enabled');
      expect(await world.row()).toMatchObject({ stage: 'watching', reason: 'needed by backup vault-7' });
      await world.pass(90);
      expect(world.kms.stateOf(OLD)).toBe('Enabled');
    },
  );

  test('it is declared once, under one key', async () => {
    const world = retirementWorld();
    await declare(world);
    await declare(world);
    const under = {
      backupId: 'vault-7',
      kmsKeyArn: OLD.replace('one', 'new'),
      description: 'x',
      retainUntil: '2027-06-30T00:00:00.000Z',
      by: ALICE,
    };

    await expect(declareBackup(under, world.ports)).rejects.toMatchObject({ code: 'state.forbids' });

    expect(world.told('backup-changed.v1')).toHaveLength(1);
    expect(await world.key()).toMatchObject({ backupIds: ['vault-7'] });
  });

  test('one that is over, of an unknown key, or that nobody declared is refused', async () => {
    const world = retirementWorld();
    const unknown = {
      backupId: 'b',
      kmsKeyArn: OLD.replace('one', 'nobody'),
      description: 'x',
      retainUntil: NEVER,
      by: ALICE,
    };

    await expect(declare(world, '2020-01-01T00:00:00.000Z')).rejects.toThrow(/^retainUntil: /);
    await expect(declareBackup(unknown, world.ports)).rejects.toThrow(/^key: .*not registered/);
    await expect(releaseBackup({ backupId: 'b', by: BOB }, world.ports)).rejects.toThrow(/^backupId: /);
  });

  test.each([true, false])('one under a key that KMS has deleted is refused in words (dry run: %s)', async (dryRun) => {
    const world = await retirementAt('deletion-scheduled');
    await world.until('deleted');
    const backup = { backupId: 'b', kmsKeyArn: OLD, description: 'x', retainUntil: NEVER, by: ALICE, dryRun };

    await expect(declareBackup(backup, world.ports)).rejects.toThrow(/^key: KMS has deleted it/);
  });
});
