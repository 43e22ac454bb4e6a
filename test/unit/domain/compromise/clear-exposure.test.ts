import { confirmNoneLeft, noteReprotection } from '../../../../shared/domain/compromise/clear-exposure';
import type { RecordScan } from '../../../../shared/domain/compromise/compromise';
import { compromiseStatus } from '../../../../shared/domain/compromise/compromise-status';
import { declareCompromise } from '../../../../shared/domain/compromise/declare-compromise';
import { OUT_OF_USE_MS } from '../../../../shared/domain/keys/data-key';
import { aDataStore, after, anArn, NOW } from '../../../support/make';
import { type RotationWorld, rotationWorld } from '../../../support/rotation-world';
import { settle } from '../../../support/settle';

const DECLARED = { reason: 'Found in a public repository.', by: 'arn:aws:iam::111122223333:user/ann' };
const BY = 'arn:aws:sts::111122223333:assumed-role/application/one';

/** One data key in each of two data stores, both declared compromised; every window is over. */
async function contained(): Promise<RotationWorld & { readonly compromiseId: string }> {
  const world = rotationWorld();
  world.givenKey();
  await world.givenDataKey('one');
  const key = await world.control.find('kms-key', anArn());
  world.control.given('data-store', aDataStore({ dataStoreId: 'images', revision: 1 }));
  const name = { customerId: 'acme', dataStoreId: 'images', dataKeyId: 'two' };
  const made = key && (await world.kms.generateWrapped(key, {}));
  if (made) await world.dataKeys.create({ ...name, ...made, createdAt: NOW });
  const dataKeys = [{ customerId: 'acme', dataStoreId: 'documents', dataKeyId: 'one' }, name];
  const answer = await declareCompromise({ ...DECLARED, dataKeys }, world.ports);
  if (!('compromise' in answer)) throw new Error('nothing was declared');
  world.clock.advance(OUT_OF_USE_MS + 1_000);
  return { ...world, compromiseId: answer.compromise.compromiseId };
}

const aScan = (fields: Partial<RecordScan> = {}): RecordScan => ({
  startedAt: after(OUT_OF_USE_MS),
  looked: 10,
  reprotected: 4,
  left: 0,
  ...fields,
});

const report = (compromiseId: string, dataStoreId = 'documents', scan: Partial<RecordScan> = {}) => ({
  ...{ compromiseId, customerId: 'acme', dataStoreId, by: BY },
  scan: aScan(scan),
});

test('a data store is clear when the application says so, and the last one ends the compromise', async () => {
  const { compromiseId, ...world } = await contained();

  await confirmNoneLeft(report(compromiseId), world.ports);
  const between = await compromiseStatus(compromiseId, world.ports);
  await confirmNoneLeft(report(compromiseId, 'images'), world.ports);
  const end = await compromiseStatus(compromiseId, world.ports);

  expect([between.left, between.compromise.state, between.reprotected]).toEqual([1, 'contained', 4]);
  expect([end.left, end.compromise.state, end.reprotected]).toEqual([0, 'ended', 8]);
  expect(world.facts().slice(-3)).toEqual(['data-store-cleared.v1', 'data-store-cleared.v1', 'compromise-ended.v1']);
});

test('a confirmation that comes again changes nothing', async () => {
  const { compromiseId, ...world } = await contained();
  const first = await confirmNoneLeft(report(compromiseId), world.ports);
  const facts = world.control.outbox.length;

  const again = await confirmNoneLeft(report(compromiseId, 'documents', { looked: 99 }), world.ports);

  expect(again).toEqual(first);
  expect(world.control.outbox).toHaveLength(facts);
  expect((await compromiseStatus(compromiseId, world.ports)).compromise.cleared).toBe(1);
});

test('both data stores cleared at the same time end the compromise once', async () => {
  const { compromiseId, ...world } = await contained();

  await Promise.all(
    ['documents', 'images'].map((dataStoreId) => confirmNoneLeft(report(compromiseId, dataStoreId), world.ports)),
  );

  expect(world.control.all('compromise')).toMatchObject([{ state: 'ended', cleared: 2 }]);
  expect(world.facts().filter((name) => name === 'compromise-ended.v1')).toHaveLength(1);
});

test.each([
  ['began before the last window was over', { startedAt: after(OUT_OF_USE_MS - 1) }, /^scan\.startedAt: .*Scan again/],
  ['left records as they were', { left: 3 }, /^scan\.left: 3 records/],
  ['begins in the future', { startedAt: after(2 * OUT_OF_USE_MS) }, /^scan\.startedAt: /],
  ['began at no moment', { startedAt: 'today' }, /^scan\.startedAt: /],
])('a scan that %s does not clear', async (_, scan, message) => {
  const { compromiseId, ...world } = await contained();

  await expect(confirmNoneLeft(report(compromiseId, 'documents', scan), world.ports)).rejects.toThrow(message);
  expect(world.control.all('exposure').map(({ state }) => state)).toEqual(['exposed', 'exposed']);
});

test('an unknown compromise, or a data store that it does not expose, is refused', async () => {
  const { compromiseId, ...world } = await contained();

  await expect(confirmNoneLeft(report('nobody'), world.ports)).rejects.toMatchObject({ code: 'state.not-found' });
  await expect(confirmNoneLeft(report(compromiseId, 'archive'), world.ports)).rejects.toThrow(/^dataStoreId: /);
});

test('while more data keys may be found nothing is cleared', async () => {
  const world = rotationWorld();
  world.givenKey();
  await world.givenDataKey('one');
  const request = { ...DECLARED, kmsKeyArn: anArn(), replaceDataKeys: true };
  const answer = await declareCompromise(request, world.ports);
  const { compromiseId } = 'compromise' in answer ? answer.compromise : { compromiseId: '' };
  await settle(world);
  const [row] = world.control.all('compromise');
  if (row) world.control.given('compromise', { ...row, state: 'open', stage: 'inventory' });
  world.clock.advance(OUT_OF_USE_MS + 1_000);

  await expect(confirmNoneLeft(report(compromiseId), world.ports)).rejects.toThrow(
    /^compromiseId: is not contained yet/,
  );
});

test('data keys that stay in use are not cleared, and the way out is named', async () => {
  const world = rotationWorld();
  world.givenKey();
  await world.givenDataKey('one');
  const answer = await declareCompromise({ ...DECLARED, kmsKeyArn: anArn() }, world.ports);
  const { compromiseId } = 'compromise' in answer ? answer.compromise : { compromiseId: '' };
  await settle(world);
  world.clock.advance(OUT_OF_USE_MS + 1_000);

  await expect(confirmNoneLeft(report(compromiseId), world.ports)).rejects.toThrow(/replaceDataKeys/);
});

test('progress grows with a scan and begins anew with the next one; a late report changes nothing', async () => {
  const { compromiseId, ...world } = await contained();
  const note = (scan: Partial<RecordScan>) => noteReprotection(report(compromiseId, 'documents', scan), world.ports);
  const first = { startedAt: NOW };

  await note({ ...first, looked: 100, reprotected: 40 });
  await note({ ...first, looked: 200, reprotected: 70 });
  const late = await note({ ...first, looked: 100, reprotected: 40 });
  const next = await note({ startedAt: after(1), looked: 1, reprotected: 1 });
  const older = await note({ ...first, looked: 300, reprotected: 90 });

  expect(late.scan).toMatchObject({ looked: 200, reprotected: 70 });
  expect(next.scan).toMatchObject({ looked: 1, reprotected: 1 });
  expect(older.scan).toMatchObject({ looked: 1 });
  expect((await compromiseStatus(compromiseId, world.ports)).left).toBe(2);
});
