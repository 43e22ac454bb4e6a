import { OPERATIONS, type OperationPorts } from '../../../../shared/domain/api/catalogue';
import { anArn } from '../../../support/make';
import { memoryAliases } from '../../../support/memory-aliases';
import { type RotationWorld, rotationWorld } from '../../../support/rotation-world';

const ADA = { principal: 'arn:aws:iam::111122223333:user/ada' };
const REASON = 'A laptop was stolen.';

function run(name: string, input: unknown, world: RotationWorld): Promise<object> {
  const operation = OPERATIONS.find((one) => one.name === name);
  if (!operation) throw new Error(`There is no operation ${name}.`);
  const ports: OperationPorts = { ...world.ports, aliases: memoryAliases({ 'alias/keywright/acme': anArn() }) };
  return operation.run(input, ADA, ports);
}

async function worldWithKey(): Promise<RotationWorld> {
  const world = rotationWorld();
  world.givenKey();
  await world.givenDataKey('one');
  return world;
}

const ONE = { customerId: 'acme', dataStoreId: 'documents', dataKeyId: 'one' };

test('a key is declared compromised by whoever AWS says calls, under any of its names', async () => {
  const world = await worldWithKey();

  const declared = await run('declare-compromise', { key: 'alias/keywright/acme', reason: REASON }, world);

  expect(declared).toMatchObject({ compromise: { kmsKeyArn: anArn(), declaredBy: ADA.principal, reason: REASON } });
});

test('a dry run tells what is protected, and declares nothing', async () => {
  const world = await worldWithKey();

  const answer = await run('declare-compromise', { key: 'acme', reason: REASON, dryRun: true }, world);

  expect(answer).toMatchObject({ protects: { dataKeys: 1 } });
  expect(world.control.all('compromise')).toEqual([]);
});

test.each([
  [{ reason: REASON }, /^key: name either/],
  [{ reason: REASON, key: 'acme', dataKeys: [ONE] }, /^key: name either/],
  [{ key: 'acme' }, /^reason: must say why/],
  [{ reason: REASON, dataKeys: [{ customerId: 'acme' }] }, /^dataKeys\.0\.dataStoreId: /],
  [{ reason: REASON, dataKeys: [ONE], replaceDataKeys: false }, /^replaceDataKeys: /],
  [{ reason: REASON, key: 'acme', since: 'May' }, /^since: /],
])('%j is refused before anything is touched', async (input, message) => {
  const world = await worldWithKey();

  await expect(run('declare-compromise', input, world)).rejects.toThrow(message);
  expect(world.control.outbox).toEqual([]);
  expect(await world.dataKeys.find(ONE)).not.toHaveProperty('compromised');
});

test('what is known of a compromise is found by its key, by its customer and by its id', async () => {
  const world = await worldWithKey();
  await run('declare-compromise', { key: 'acme', reason: REASON }, world);
  await run('declare-compromise', { dataKeys: [ONE], reason: REASON }, world);
  const [ofKey, ofDataKey] = ['kms-key', 'data-keys'].map((what) => ({ what, reason: REASON }));

  expect(await run('list-compromises', { key: 'acme' }, world)).toMatchObject({ compromises: [ofKey], more: false });
  const { compromises } = (await run('list-compromises', { customerId: 'acme' }, world)) as {
    compromises: { compromiseId: string }[];
  };
  expect(compromises).toMatchObject([ofKey, ofDataKey]);
  const [, { compromiseId } = { compromiseId: '' }] = compromises;
  expect(await run('show-compromise', { compromiseId }, world)).toMatchObject({ left: 1, compromise: ofDataKey });
});

test('a scan is reported and confirmed by whoever AWS says calls', async () => {
  const world = await worldWithKey();
  await run('declare-compromise', { dataKeys: [ONE], reason: REASON }, world);
  const compromiseId = world.control.all('compromise')[0]?.compromiseId;
  world.clock.advance(2 * 3_600_000);
  const scan = { startedAt: world.clock.now(), looked: 9, reprotected: 4, left: 0 };
  const report = { compromiseId, customerId: 'acme', dataStoreId: 'documents', scan };

  await run('note-reprotection', { ...report, scan: { ...scan, looked: 5, reprotected: 2 } }, world);
  expect(await run('show-compromise', { compromiseId }, world)).toMatchObject({ reprotected: 2, left: 1 });
  const cleared = await run('confirm-none-left', report, world);

  expect(cleared).toMatchObject({ state: 'cleared', clearedBy: ADA.principal });
  expect(await run('show-compromise', { compromiseId }, world)).toMatchObject({ reprotected: 4, left: 0 });
});

test.each([{ looked: -1 }, { reprotected: 1.5 }, { left: undefined }])('a scan with %j is refused', async (wrong) => {
  const world = await worldWithKey();
  const scan = { startedAt: world.clock.now(), looked: 9, reprotected: 4, left: 0, ...wrong };
  const report = { compromiseId: 'any', customerId: 'acme', dataStoreId: 'documents', scan };

  await expect(run('confirm-none-left', report, world)).rejects.toThrow(/^scan\.\w+: must be/);
});
