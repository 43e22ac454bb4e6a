import { KeywrightError } from '../../../../shared/domain/errors';
import { encryptionContextOf } from '../../../../shared/domain/keys/data-key';
import type { KmsKey } from '../../../../shared/domain/keys/kms-key';
import { retireKey } from '../../../../shared/domain/retirement/retire-key';
import { aDataKey, aDataStore, after, aKmsKey, anArn, NOW } from '../../../support/make';
import { type RotationWorld, rotationWorld } from '../../../support/rotation-world';

const OLD = anArn();
const NEW = anArn('new');
const request = { kmsKeyArn: OLD, toKmsKeyArn: NEW, at: NOW };
/** The end of a job that ended later. */
const later = { ...request, at: after(1) };

/** A key that another has replaced, and whose data store has moved. */
function replaced(fields: Partial<KmsKey> = {}): RotationWorld {
  const world = rotationWorld();
  world.givenKey({ state: 'retiring', replacedBy: NEW, ...fields });
  world.control.given('kms-key', aKmsKey({ kmsKeyArn: NEW, keyMaterialId: world.kms.given(NEW), revision: 1 }));
  world.control.given('data-store', aDataStore({ kmsKeyArn: NEW, revision: 2 }));
  return world;
}

/** A data key under the old key, as one stored before its data store moved. */
async function leftBehind(world: RotationWorld, fields = {}) {
  const name = { customerId: 'acme', dataStoreId: 'documents', dataKeyId: 'left' };
  const old = aKmsKey({ kmsKeyArn: OLD });
  const made = await world.kms.generateWrapped(old, encryptionContextOf(name));
  world.control.given('data-store', aDataStore({ kmsKeyArn: OLD, revision: 2 }));
  const dataKey = await world.dataKeys.create({ ...aDataKey(), ...name, ...made, ...fields });
  world.control.given('data-store', aDataStore({ kmsKeyArn: NEW, revision: 2 }));
  return dataKey;
}

/** What facts of that name say. */
const told = ({ control }: RotationWorld, detailType: string) =>
  control.outbox.filter((fact) => fact.detailType === detailType).map(({ detail }) => detail);

const stateOf = async (world: RotationWorld) => (await world.control.find('kms-key', OLD))?.state;

test('a key that nothing needs is disabled, and the fact says what took its place', async () => {
  const world = replaced();

  expect(await retireKey(request, world.ports)).toBe('retired');

  expect(world.kms.stateOf(OLD)).toBe('Disabled');
  expect(await stateOf(world)).toBe('disabled');
  expect(told(world, 'key-retired.v1')).toMatchObject([{ kmsKeyArn: OLD, replacedBy: NEW }]);
});

test('asked again, or by copies at the same time, it retires once', async () => {
  const world = replaced();

  await Promise.all([1, 2, 3].map(() => retireKey(request, world.ports)));
  const again = await retireKey(later, world.ports);

  expect(again).toBe('not-due');
  expect(told(world, 'key-retired.v1')).toHaveLength(1);
});

test.each(['active', 'deletion-scheduled'] as const)('a key that is %s is not retired', async (state) => {
  const world = replaced({ state });

  expect(await retireKey(request, world.ports)).toBe('not-due');

  expect(world.kms.stateOf(OLD)).toBe('Enabled');
  expect(world.facts()).toEqual([]);
});

test('a job that stayed within the key retires nothing', async () => {
  const world = replaced();

  expect(await retireKey({ ...request, toKmsKeyArn: OLD }, world.ports)).toBe('not-due');

  expect(world.kms.stateOf(OLD)).toBe('Enabled');
});

test('a data key under the key keeps it, and is moved by a job of its own', async () => {
  const world = replaced();
  await leftBehind(world);

  expect(await retireKey(request, world.ports)).toBe('refused');

  expect(world.kms.stateOf(OLD)).toBe('Enabled');
  expect(told(world, 'key-retirement-refused.v1')).toMatchObject([
    { references: ['1 data keys'], dataKeys: 1, dataStores: 0 },
  ]);
  expect(world.control.all('reencryption-job')).toMatchObject([{ kmsKeyArn: OLD, toKmsKeyArn: NEW, state: 'running' }]);
});

test('a data key that was quarantined keeps the key, and is left to somebody to look at', async () => {
  const world = replaced();
  await leftBehind(world, { quarantined: { jobId: 'job-1', reason: 'no', at: '' } });

  expect(await retireKey(request, world.ports)).toBe('refused');

  expect(told(world, 'key-retirement-refused.v1')).toMatchObject([
    { references: ['1 data keys that were quarantined'] },
  ]);
  expect(world.control.all('reencryption-job')).toEqual([]);
});

test('a copied row that names the key keeps it, and begins no job that could not move it', async () => {
  const world = replaced();
  world.control.given('data-store', aDataStore({ dataStoreId: 'late', kmsKeyArn: OLD, revision: 1 }));
  world.control.misplace('data-store', 'acme/late', 'globex/documents');
  world.control.given('data-store', aDataStore({ dataStoreId: 'late', kmsKeyArn: NEW, revision: 2 }));

  expect(await retireKey(request, world.ports)).toBe('refused');
  expect(await retireKey(later, world.ports)).toBe('refused');

  expect(world.kms.stateOf(OLD)).toBe('Enabled');
  expect(told(world, 'key-retirement-refused.v1')).toMatchObject([
    { references: ['data store globex/documents, whose row says that it is another one'], dataStores: 1 },
  ]);
  expect(world.control.all('reencryption-job')).toEqual([]);
});

test('a data store that names the key keeps it, and is moved', async () => {
  const world = replaced();
  world.control.given('data-store', aDataStore({ dataStoreId: 'late', kmsKeyArn: OLD, revision: 1 }));

  expect(await retireKey(request, world.ports)).toBe('refused');

  expect(told(world, 'key-retirement-refused.v1')).toMatchObject([
    { references: ['data store acme/late'], dataStores: 1 },
  ]);
  expect(await world.control.find('data-store', 'acme/late')).toMatchObject({ kmsKeyArn: NEW });
});

test('a data store that the index does not show yet keeps the key', async () => {
  const world = replaced();
  world.control.given('data-store', aDataStore({ dataStoreId: 'late', kmsKeyArn: OLD, revision: 1 }));
  const ofKmsKey = async function* () {};

  const retired = retireKey(request, { ...world.ports, control: { ...world.control, ofKmsKey } });
  await expect(retired).rejects.toMatchObject({ code: 'store.index-behind', retry: true });
  expect(world.kms.stateOf(OLD)).toBe('Enabled');

  // Once it has caught up.
  expect(await retireKey(request, world.ports)).toBe('refused');
});

test('a job in flight keeps the key', async () => {
  const world = replaced({ jobIds: ['job-9'] });

  expect(await retireKey(request, world.ports)).toBe('refused');

  expect(told(world, 'key-retirement-refused.v1')).toMatchObject([{ references: ['re-encryption job job-9'] }]);
});

test('what keeps a key is told once, however often it is asked, and anew when it is something else', async () => {
  const world = replaced({ jobIds: ['job-9'] });

  for (const ended of [request, request, later, request]) await retireKey(ended, world.ports);
  expect(told(world, 'key-retirement-refused.v1')).toHaveLength(1);

  const key = await world.control.find('kms-key', OLD);
  if (key) world.control.given('kms-key', { ...key, jobIds: ['job-10'] });
  for (const ended of [later, later, request]) await retireKey(ended, world.ports);
  expect(told(world, 'key-retirement-refused.v1')).toMatchObject([
    { references: ['re-encryption job job-9'] },
    { references: ['re-encryption job job-10'] },
  ]);
});

test('what was refused retires when nothing needs it any more', async () => {
  const world = replaced({ jobIds: ['job-9'] });
  await retireKey(request, world.ports);
  const key = await world.control.find('kms-key', OLD);
  if (key) world.control.given('kms-key', { ...key, jobIds: [] });

  expect(await retireKey(request, world.ports)).toBe('not-due');
  expect(await retireKey(later, world.ports)).toBe('retired');
});

test('a key whose disabling died half way is disabled by the next attempt, and told once', async () => {
  const world = replaced();
  const administrator = {
    ...world.kms,
    disable: async (key: Parameters<typeof world.kms.disable>[0]) => {
      await world.kms.disable(key);
      throw new KeywrightError('kms.unreachable', 'timed out');
    },
  };

  await expect(retireKey(request, { ...world.ports, administrator })).rejects.toMatchObject({ retry: true });
  expect(told(world, 'key-retired.v1')).toEqual([]);
  expect(await retireKey(request, world.ports)).toBe('retired');

  expect(told(world, 'key-retired.v1')).toHaveLength(1);
});

test('a reference that turns up while the key is being disabled brings it back at once', async () => {
  const world = replaced();
  const administrator = {
    ...world.kms,
    disable: async (key: Parameters<typeof world.kms.disable>[0]) => {
      await leftBehind(world);
      await world.kms.disable(key);
    },
  };

  expect(await retireKey(request, { ...world.ports, administrator })).toBe('refused');

  expect(world.kms.stateOf(OLD)).toBe('Enabled');
  expect(await stateOf(world)).toBe('retiring');
  expect(world.control.all('reencryption-job')).toMatchObject([{ kmsKeyArn: OLD, state: 'running' }]);
});

test('nothing here deletes', async () => {
  const world = replaced();
  const refuse = () => Promise.reject(new Error('a second person is needed'));

  await retireKey(request, { ...world.ports, administrator: { ...world.kms, scheduleDeletion: refuse } });

  expect(world.kms.stateOf(OLD)).toBe('Disabled');
});
