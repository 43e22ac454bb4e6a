import { planRetirement, type RetirementPlan } from '../../../../shared/domain/api/plan-retirement';
import type { KmsKey } from '../../../../shared/domain/keys/kms-key';
import { anArn, NOW } from '../../../support/make';
import { memoryAliases } from '../../../support/memory-aliases';
import { rotationWorld } from '../../../support/rotation-world';

async function planOf(fields: Partial<KmsKey>, dataKeys = 0): Promise<RetirementPlan> {
  const world = rotationWorld();
  const key = world.givenKey();
  for (let made = 0; made < dataKeys; made += 1) await world.givenDataKey(`data-key-${made}`);
  if (dataKeys === 0) world.control.given('data-store', ...world.control.all('data-store').map(elsewhere));
  world.control.given('kms-key', { ...key, ...fields });
  const ports = { ...world.ports, aliases: memoryAliases() };
  const plan = await planRetirement.run({ key: key.kmsKeyArn }, { principal: 'arn' }, ports);
  expect(world.facts()).toEqual([]);
  return plan as RetirementPlan;
}

const elsewhere = <Row extends object>(row: Row) => ({ ...row, kmsKeyArn: anArn('elsewhere') });

test('a key in use is needed by what it protects, and has to be replaced first', async () => {
  const plan = await planOf({}, 3);

  expect(plan.needs).toEqual({ jobs: [], backups: [], dataStores: ['acme/documents'], dataKeys: 3 });
  expect(plan.next).toMatch(/keywright rotate KEY --strategy replace/);
});

test.each<[string, Partial<KmsKey>, number, RegExp]>([
  ['whose job runs waits for it', { state: 'retiring', jobIds: ['job-1'] }, 0, /under way/],
  ['that something came to late needs another job', { state: 'retiring' }, 2, /Start a re-encryption/],
  ['that nothing needs goes by itself', { state: 'retiring' }, 0, /disables it/],
  ['that is retired needs nothing', { state: 'disabled', retiredAt: '2026-11-24T12:00:00.000Z' }, 0, /it is retired/],
])('a key %s', async (_, fields, dataKeys, next) => {
  expect((await planOf(fields, dataKeys)).next).toMatch(next);
});

test.each([
  ['kept', '2027-01-01T00:00:00.000Z', {}, ['b-1'], /when its backups are over/],
  ['over', '2026-01-01T00:00:00.000Z', {}, [], /disables it/],
  ['released', '2027-01-01T00:00:00.000Z', { releasedAt: NOW }, [], /disables it/],
])('a backup that is %s counts only while it is kept', async (_, retainUntil, fields, backups, next) => {
  const world = rotationWorld();
  const { kmsKeyArn } = world.givenKey({ state: 'retiring', backupIds: ['b-1'] });
  world.control.given('data-store', ...world.control.all('data-store').map(elsewhere));
  const declared = { backupId: 'b-1', description: 'a dump', declaredBy: 'arn', declaredAt: NOW, revision: 1 };
  world.control.given('declared-backup', { ...declared, kmsKeyArn, retainUntil, ...fields });
  const ports = { ...world.ports, aliases: memoryAliases() };

  const plan = await planRetirement.run({ key: kmsKeyArn }, { principal: 'arn' }, ports);

  expect(plan).toMatchObject({ needs: { backups }, next: expect.stringMatching(next) });
});
