import {
  containCompromise,
  containKey,
  reconcileCompromises,
} from '../../../../shared/domain/compromise/contain-compromise';
import { declareCompromise } from '../../../../shared/domain/compromise/declare-compromise';
import { KeywrightError } from '../../../../shared/domain/errors';
import { NEVER } from '../../../../shared/domain/instants';
import { encryptionContextOf, OUT_OF_USE_MS } from '../../../../shared/domain/keys/data-key';
import { beginJob } from '../../../../shared/domain/reencryption/jobs/begin-job';
import { requestRotation } from '../../../../shared/domain/rotation/request-rotation';
import { rotateKey } from '../../../../shared/domain/rotation/rotate-key';
import type { Rotation } from '../../../../shared/domain/rotation/rotation';
import { distinct } from '../../../support/distinct';
import { aCustomer, aDataKey, aDataStore, after, aKmsKey, anArn, aRotation, NOW } from '../../../support/make';
import { type RotationWorld, rotationWorld } from '../../../support/rotation-world';
import { settle } from '../../../support/settle';

const DECLARED = { reason: 'A laptop was stolen.', by: 'arn:aws:iam::111122223333:user/ann' };

const DAY_MS = 86_400_000;

async function declared(world: RotationWorld, fields: { since?: string; replaceDataKeys?: boolean } = {}) {
  const answer = await declareCompromise({ kmsKeyArn: anArn(), ...DECLARED, ...fields }, world.ports);
  if (!('compromise' in answer)) throw new Error('nothing was declared');
  return answer.compromise;
}

const compromiseIn = ({ control }: RotationWorld) => control.all('compromise')[0];
const exposureIn = ({ control }: RotationWorld) => control.all('exposure')[0];

async function worldWith(dataKeys: number): Promise<RotationWorld> {
  const world = rotationWorld();
  world.control.given('customer', aCustomer({ revision: 1 }));
  world.givenKey();
  for (let n = 0; n < dataKeys; n += 1) await world.givenDataKey(`key-${n}`);
  return world;
}

test('a compromised key is replaced, its data keys are moved, and then it is over', async () => {
  const world = await worldWith(3);

  await declared(world);
  await settle(world);

  const [compromise] = world.control.all('compromise');
  const successor = world.control.all('kms-key').find(({ replaces }) => replaces === anArn());
  expect(compromise).toMatchObject({ state: 'ended', stage: 'over', dataStores: 1, affected: 1, dataKeys: 3 });
  expect(compromise).not.toHaveProperty('waitingFor');
  expect(world.dataKeys.all().map(({ kmsKeyArn }) => kmsKeyArn)).toEqual(Array(3).fill(successor?.kmsKeyArn));
  expect(successor?.dataKeysFrom).toBe(NOW);
});

test('of a data store that nobody registered no customer is notified: its rows are counted as misplaced', async () => {
  const world = await worldWith(1);
  const { customerId: _shared, ...shared } = (await world.control.find('kms-key', anArn())) ?? aKmsKey();
  world.control.given('kms-key', { ...shared, option: 'managed' });
  const name = { customerId: 'zeta', dataStoreId: 'CALL 0900 666 AND PAY', dataKeyId: 'x' };
  const formerly = { [anArn()]: NOW };
  world.dataKeys.misplace(aDataKey({ ...name, kmsKeyArn: anArn('whatever'), formerly, revision: 1 }), name);

  await declared(world);
  await settle(world);

  expect(compromiseIn(world)).toMatchObject({ dataStores: 1, dataKeys: 1, misplaced: 1 });
  expect(world.control.all('exposure').map(({ customerId }) => customerId)).toEqual(['acme']);
  expect(JSON.stringify(world.control.outbox)).not.toContain('CALL');
});

test('whoever’s data it protected is notified once, before the key is replaced', async () => {
  const world = await worldWith(2);
  world.control.given('data-store', aDataStore({ customerId: 'zeta', revision: 1 }));

  await declared(world);
  await settle(world);

  const notified = world.control.outbox.filter(({ detailType }) => detailType === 'data-store-exposed.v1');
  expect(notified.map(({ detail }) => detail['customerId'])).toEqual(['acme', 'zeta']);
  const facts = world.facts();
  expect(facts.lastIndexOf('data-store-exposed.v1')).toBeLessThan(facts.indexOf('key-rotated.v1'));
  expect(facts.filter((name) => /^(key-compromised|compromise-)/.test(name))).toEqual([
    'key-compromised.v1',
    'compromise-contained.v1',
    'compromise-ended.v1',
  ]);
});

test('data keys that were under the key before, and have moved since, are counted and their customer is notified', async () => {
  const world = await worldWith(2);
  await replacedADayLater(world);

  await declared(world);
  await settle(world);

  expect(compromiseIn(world)).toMatchObject({ state: 'ended', dataKeys: 2, affected: 1 });
  expect(exposureIn(world)).toMatchObject({ customerId: 'acme', from: NOW, until: after(DAY_MS) });
});

/** The key has been replaced a day after its data keys were made, for another reason. */
async function replacedADayLater(world: RotationWorld): Promise<void> {
  world.clock.advance(DAY_MS);
  world.control.given('rotation', aRotation({ strategy: 'replace', revision: 1 }));
  const key = await world.control.find('kms-key', anArn());
  if (key) world.control.given('kms-key', { ...key, openRotationId: 'rotation-1' });
  await rotateKey({ rotationId: 'rotation-1' }, world.ports);
  await settle(world);
  world.clock.advance(DAY_MS);
}

test('what had left the key before the exposure began was not exposed', async () => {
  const world = await worldWith(2);
  await replacedADayLater(world);

  await declared(world, { since: after(DAY_MS + 1) });
  await settle(world);

  expect(compromiseIn(world)).toMatchObject({ state: 'ended', dataKeys: 0, affected: 0 });
});

test('with replaceDataKeys every data key that was exposed is marked, and it is contained until the data is clear', async () => {
  const world = await worldWith(3);

  const { compromiseId } = await declared(world, { replaceDataKeys: true });
  await settle(world);

  expect(world.dataKeys.all().map(({ compromised }) => compromised?.compromiseId)).toEqual(Array(3).fill(compromiseId));
  expect(compromiseIn(world)).toMatchObject({ state: 'contained', affected: 1, cleanFrom: after(OUT_OF_USE_MS) });
  expect(world.facts()).not.toContain('compromise-ended.v1');
});

test('marked data keys are still moved, and keep their mark', async () => {
  const world = await worldWith(1);
  await declared(world, { replaceDataKeys: true });
  await settle(world);

  const [dataKey] = world.dataKeys.all();

  expect(dataKey?.kmsKeyArn).not.toBe(anArn());
  expect(dataKey?.compromised?.compromiseId).toMatch(/./);
});

test('without replaceDataKeys no data key is marked', async () => {
  const world = await worldWith(1);
  await declared(world);
  await settle(world);

  expect(world.dataKeys.all()[0]).not.toHaveProperty('compromised');
});

test('the wish for new data keys may come later: everything is counted and marked anew', async () => {
  const world = await worldWith(3);
  const first = await declared(world);
  const at = await settle(world);

  const second = await declared(world, { replaceDataKeys: true });
  await settle(world, at);

  expect(second.compromiseId).toBe(first.compromiseId);
  expect(compromiseIn(world)).toMatchObject({ state: 'contained', dataKeys: 3, affected: 1, dataStores: 1 });
  expect(exposureIn(world)?.dataKeys).toBe(3);
  expect(distinct(world.dataKeys.all(), ({ compromised }) => compromised?.compromiseId)).toEqual([first.compromiseId]);
});

test('a rotation that waits for KMS is made a replacement', async () => {
  const world = await worldWith(1);
  world.control.given('rotation', aRotation({ strategy: 'kms-automatic', state: 'rotating', revision: 1 }));
  const key = await world.control.find('kms-key', anArn());
  if (key) world.control.given('kms-key', { ...key, openRotationId: 'rotation-1' });

  await declared(world);
  await settle(world);

  expect(world.control.all('rotation')).toHaveLength(1);
  expect(world.control.all('rotation')[0]).toMatchObject({ strategy: 'replace', state: 'done' });
  expect(compromiseIn(world)?.state).toBe('ended');
});

test('a rotation that ends while it is to be made a replacement stays over, and a replacement begins', async () => {
  const world = await worldWith(1);
  const rotation = aRotation({ strategy: 'kms-on-demand', state: 'rotating', revision: 1 });
  world.control.given('rotation', rotation);
  const key = await world.control.find('kms-key', anArn());
  if (!key) throw new Error('no key');
  world.control.given('kms-key', { ...key, openRotationId: 'rotation-1' });
  const { compromiseId } = await declared(world);
  await containCompromise({ compromiseId, step: 0 }, world.ports);
  const endsFirst: typeof world.control.find = async (entityType, id) => {
    if (entityType === 'rotation') await endOnce();
    return world.control.find(entityType, id);
  };
  let isOver = false;
  const endOnce = async () => {
    if (isOver) return;
    isOver = true;
    const { openRotationId: _over, ...free } = (await world.control.find('kms-key', anArn())) ?? key;
    await world.control.commit({
      writes: [
        { entityType: 'rotation', row: { ...rotation, state: 'rotated' } },
        { entityType: 'kms-key', row: free },
      ],
      facts: [],
    });
  };

  await containCompromise(
    { compromiseId, step: 1 },
    { ...world.ports, control: { ...world.control, find: endsFirst } },
  );

  expect(world.control.all('rotation').map(({ strategy, state }) => [strategy, state])).toEqual([
    ['replace', 'requested'],
    ['kms-on-demand', 'rotated'],
  ]);
});

test('a job that wraps data keys under newer material of the same key does not hold the replacement up', async () => {
  const world = await worldWith(1);
  const key = await world.control.find('kms-key', anArn());
  if (!key) throw new Error('no key');
  const plan = {
    jobId: 'job-1',
    from: key,
    fromKeyMaterialId: key.keyMaterialId,
    to: key,
    toKeyMaterialId: key.keyMaterialId,
  };
  await world.control.commit({ ...beginJob(plan, world.ports), facts: [] });

  await declared(world);
  await settle(world);

  expect(await world.control.find('reencryption-job', 'job-1')).toMatchObject({ state: 'cancelled' });
  expect(compromiseIn(world)?.state).toBe('ended');
});

test('what is already to move off the key goes first from then on, and waits for no window', async () => {
  const world = rotationWorld();
  world.control.given('customer', aCustomer({ revision: 1 }));
  world.givenKey({}, { window: { days: ['sun'], from: '01:00', to: '02:00', timeZone: 'UTC' } });
  await world.givenDataKey('key-1');
  await requestRotation({ kmsKeyArn: anArn(), strategy: 'replace' }, world.ports);
  const from = await settle(world);
  expect(world.control.all('reencryption-job')).toMatchObject([{ state: 'running', reencrypted: 0 }]);

  await declared(world);
  await settle(world, from);

  expect(world.control.all('reencryption-job')).toMatchObject([
    { state: 'done', priority: 'compromise', reencrypted: 1 },
  ]);
  expect(compromiseIn(world)?.state).toBe('ended');
});

test('a job that somebody paused is said to stand still, and who can let it go on', async () => {
  const world = await worldWith(1);
  const { compromiseId } = await declared(world);
  const jobIds = ['job-1'];
  const move = { kmsKeyArn: anArn(), keyMaterialId: '', toKmsKeyArn: anArn('other'), toKeyMaterialId: '' };
  const counts = { total: 0, reencrypted: 0, quarantined: 0, startedAt: NOW, dueAt: NEVER, revision: 1 };
  world.control.given('reencryption-job', { jobId: 'job-1', ...move, ...counts, state: 'paused', pausedBy: 'ann' });
  const [compromise] = world.control.all('compromise');
  const [key] = world.control.all('kms-key');
  if (!compromise || !key) throw new Error('nothing was declared');
  world.control.given('compromise', { ...compromise, stage: 'verify' });
  world.control.given('kms-key', { ...key, jobIds });

  await containCompromise({ compromiseId, step: compromise.step }, world.ports);

  expect(compromiseIn(world)?.waitingFor).toBe('Data keys are moved by job-1 (paused by ann: resume it).');
});

test('a key that a customer holds is asked about once, and waited for', async () => {
  const world = await worldWith(1);
  const key = await world.control.find('kms-key', anArn());
  if (key) world.control.given('kms-key', { ...key, option: 'customer-managed' });

  await declared(world);
  const at = await settle(world);
  await containKey({ kmsKeyArn: anArn(), at: NOW }, world.ports);
  await settle(world, at);

  expect(world.control.all('rotation').map(({ strategy }: Rotation) => strategy)).toEqual(['customer']);
  expect(compromiseIn(world)).toMatchObject({ state: 'open', stage: 'replace' });
  expect(compromiseIn(world)?.waitingFor).toMatch(/customer/);
});

test('a customer’s key that nothing names is left; a data store that names it again is waited for, and nothing spins', async () => {
  const world = await worldWith(0);
  const key = await world.control.find('kms-key', anArn());
  if (key) world.control.given('kms-key', { ...key, option: 'customer-managed' });
  const [store] = world.control.all('data-store');
  if (store) world.control.given('data-store', { ...store, kmsKeyArn: anArn('other') });
  const { compromiseId } = await declared(world);
  for (const step of [0, 1, 2]) await containCompromise({ compromiseId, step }, world.ports);
  if (store) world.control.given('data-store', store);

  await containKey({ kmsKeyArn: anArn(), at: NOW }, world.ports);
  await settle(world);
  expect(compromiseIn(world)).toMatchObject({ state: 'open', stage: 'replace' });

  if (store) world.control.given('data-store', { ...store, kmsKeyArn: anArn('other') });
  const at = world.control.outbox.length;
  await containKey({ kmsKeyArn: anArn(), at: NOW }, world.ports);
  await settle(world, at);
  expect(compromiseIn(world)?.state).toBe('ended');
});

test('data keys that are not used for new data stay so when their KMS key is replaced again', async () => {
  const world = await worldWith(1);
  await declared(world);
  const at = await settle(world);
  const successor = world.control.all('kms-key').find(({ replaces }) => replaces === anArn());
  if (!successor) throw new Error('the key was replaced');
  world.clock.advance(DAY_MS);

  await requestRotation({ kmsKeyArn: successor.kmsKeyArn, strategy: 'replace' }, world.ports);
  await settle(world, at);

  const last = world.control.all('kms-key').find(({ replaces }) => replaces === successor.kmsKeyArn);
  expect(last?.dataKeysFrom).toBe(NOW);
  expect(world.dataKeys.all()[0]?.kmsKeyArn).toBe(last?.kmsKeyArn);
});

test('what cannot be moved keeps the compromise open, and it says so', async () => {
  const world = await worldWith(2);
  const [bad] = world.dataKeys.all();
  if (bad) await world.dataKeys.replace({ ...bad, wrapped: new Uint8Array(64) });

  await declared(world);
  await settle(world);

  expect(compromiseIn(world)).toMatchObject({ state: 'open', stage: 'verify' });
  expect(compromiseIn(world)?.waitingFor).toMatch(/1 data keys that were quarantined/);
});

test('a step that was taken is a repeat, and one that is not due yet, too', async () => {
  const world = await worldWith(1);
  const { compromiseId } = await declared(world);

  expect(await containCompromise({ compromiseId, step: 0 }, world.ports)).toBe('on');
  expect(await containCompromise({ compromiseId, step: 0 }, world.ports)).toBe('repeat');
  expect(await containCompromise({ compromiseId, step: 7 }, world.ports)).toBe('repeat');
});

test('a listing that dies after it has counted counts nothing twice when it runs again', async () => {
  const world = await worldWith(5);
  const { compromiseId } = await declared(world, { replaceDataKeys: true });
  const step = (control = world.control) =>
    containCompromise({ compromiseId, step: compromiseIn(world)?.step ?? -1 }, { ...world.ports, control });
  await step();
  await step();
  await rotateKey({ rotationId: compromiseIn(world)?.rotationId ?? '' }, world.ports);
  await step();
  expect(compromiseIn(world)?.stage).toBe('inventory');

  const dying: typeof world.control.commit = async (change) => {
    if (change.writes.length > 1) return world.control.commit(change);
    throw new KeywrightError('store.unreachable', 'It died before it had noted how far it is.');
  };
  for (let death = 0; death < 3; death += 1) {
    await expect(step({ ...world.control, commit: dying })).rejects.toThrow('It died');
  }
  await settle(world);

  expect(compromiseIn(world)).toMatchObject({ state: 'contained', dataKeys: 5, affected: 1 });
  expect(exposureIn(world)?.dataKeys).toBe(5);
});

test('facts that get lost delay a compromise, and do not stop it', async () => {
  const world = await worldWith(1);
  await declared(world);
  const at = world.control.outbox.length;

  const tended = await reconcileCompromises(world.ports);
  world.clock.advance(10 * 60_000);
  await reconcileCompromises(world.ports);
  await settle(world, at);

  expect(tended).toBe(1);
  expect(compromiseIn(world)?.state).toBe('ended');
  expect(await reconcileCompromises(world.ports)).toBe(0);
});

test('a key that was not declared compromised is left alone', async () => {
  const world = await worldWith(1);

  expect(await containKey({ kmsKeyArn: anArn(), at: NOW }, world.ports)).toBe('idle');
  expect(await containKey({ kmsKeyArn: anArn('unknown'), at: NOW }, world.ports)).toBe('idle');
  expect(world.control.outbox).toEqual([]);
});

test('many data stores are notified and counted in bounded changes', async () => {
  const world = await worldWith(0);
  const shared = aKmsKey({ keyMaterialId: world.kms.materialIds(anArn()).at(-1) ?? '', revision: 1 });
  const { customerId: _everybody, ...key } = shared;
  world.control.given('kms-key', { ...key, option: 'managed' });
  for (let n = 0; n < 130; n += 1) {
    const dataStore = aDataStore({ customerId: `customer-${n}`, revision: 1 });
    world.control.given('data-store', dataStore);
    const name = { customerId: dataStore.customerId, dataStoreId: dataStore.dataStoreId, dataKeyId: 'only' };
    const made = await world.kms.generateWrapped(key, encryptionContextOf(name));
    await world.dataKeys.create({ ...name, ...made, createdAt: NOW });
  }

  await declared(world, { replaceDataKeys: true });
  await settle(world);

  expect(compromiseIn(world)).toMatchObject({ state: 'contained', dataStores: 131, affected: 130, dataKeys: 130 });
});
