import { OPERATIONS, type OperationPorts } from '../../../../shared/domain/api/catalogue';
import { memoryAliases } from '../../../support/memory-aliases';
import { ALICE, BOB, DAY_MS, OLD, type RetirementWorld, retirementWorld } from '../../../support/retirement-world';

async function run(world: RetirementWorld, name: string, input: object, principal = ALICE) {
  const operation = OPERATIONS.find((one) => one.name === name);
  if (!operation) throw new Error(`There is no operation ${name}.`);
  const ports: OperationPorts = { ...world.ports, aliases: memoryAliases() };
  return operation.run(input, { principal }, ports);
}

const DUMP = { key: OLD, backupId: 'dump-7', description: 'the dump of May', retainUntil: '2027-06-01T00:00:00.000Z' };

test('a declared backup keeps its key in use until it is released, each in the name of who said so', async () => {
  const world = retirementWorld();

  const declared = await run(world, 'declare-backup', DUMP, ALICE);
  await world.ended();
  const kept = world.kms.stateOf(OLD);
  const released = await run(world, 'release-backup', { backupId: 'dump-7' }, BOB);
  await world.ended();

  expect(declared).toMatchObject({ kmsKeyArn: OLD, backupId: 'dump-7', declaredBy: ALICE, state: 'kept' });
  expect(released).toMatchObject({ state: 'released' });
  expect(world.told('backup-changed.v1').map(({ to, by }) => [to, by])).toEqual([
    ['declared', ALICE],
    ['released', BOB],
  ]);
  expect([kept, world.kms.stateOf(OLD)]).toEqual(['Enabled', 'Disabled']);
});

test('backups are listed by key and by customer, and say whether they are kept, over or released', async () => {
  const world = retirementWorld();
  await run(world, 'declare-backup', DUMP);
  await run(world, 'declare-backup', { ...DUMP, backupId: 'gone' });
  await run(world, 'release-backup', { backupId: 'gone' });
  await run(world, 'declare-backup', { ...DUMP, backupId: 'short', retainUntil: '2026-11-25T00:00:00.000Z' });
  world.clock.advance(10 * DAY_MS);

  for (const which of [{ key: OLD }, { customerId: 'acme' }]) {
    const { backups } = (await run(world, 'list-backups', which)) as { backups: { backupId: string; state: string }[] };
    expect(Object.fromEntries(backups.map(({ backupId, state }) => [backupId, state]))).toEqual({
      'dump-7': 'kept',
      gone: 'released',
      short: 'over',
    });
  }
});

test.each([
  ['declare-backup', { ...DUMP, retainUntil: 'tomorrow' }, /^retainUntil: must be a UTC instant/],
  ['declare-backup', { ...DUMP, retainUntil: '2020-01-01T00:00:00.000Z' }, /^retainUntil: .*still to come/],
  ['declare-backup', { ...DUMP, description: '' }, /^description: must say what the backup is/],
  ['declare-backup', { ...DUMP, key: 'nobody' }, /^key: no customer nobody/],
  ['release-backup', { backupId: 'never-declared' }, /^backupId: nobody declared/],
  ['list-backups', {}, /^key: is missing/],
])('%s %j is refused, and nothing is touched', async (name, input, message) => {
  const world = retirementWorld();

  await expect(run(world, name, input)).rejects.toThrow(message);

  expect([world.facts(), world.control.all('declared-backup')]).toEqual([[], []]);
});

test('what is only tried declares and releases nothing', async () => {
  const world = retirementWorld();
  await run(world, 'declare-backup', { ...DUMP, backupId: 'real' });
  await run(world, 'declare-backup', { ...DUMP, dryRun: true });
  await run(world, 'release-backup', { backupId: 'real', dryRun: true });

  expect(world.control.all('declared-backup')).toMatchObject([{ backupId: 'real' }]);
  expect(world.control.all('declared-backup')[0]).not.toHaveProperty('releasedAt');
});
