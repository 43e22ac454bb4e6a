/** Which data keys a request means, and where they go. */
import { encryptionContextOf } from '../../../../shared/domain/keys/data-key';
import type { KmsKey } from '../../../../shared/domain/keys/kms-key';
import type { ReencryptionRequest } from '../../../../shared/domain/reencryption/reencryption-request';
import { requestReencryption } from '../../../../shared/domain/reencryption/request-reencryption';
import { retryReencryption } from '../../../../shared/domain/reencryption/retry-reencryption';
import { partsOf } from '../../../../shared/domain/reencryption/select-data-keys';
import { aDataStore, aKmsKey, anArn } from '../../../support/make';
import { type RotationWorld, rotationWorld } from '../../../support/rotation-world';
import { settle } from '../../../support/settle';

const SHARED = anArn('shared');
const ACME = anArn('acme');
const WAYNE = anArn('wayne');
const DAY_MS = 86_400_000;

/** Two customers, each with two data stores of two data keys, under one shared key; and a key of each customer's own. */
async function twoCustomers() {
  const world = rotationWorld();
  givenKey(world, { kmsKeyArn: SHARED, option: 'managed' });
  givenKey(world, { kmsKeyArn: ACME, customerId: 'acme' });
  givenKey(world, { kmsKeyArn: WAYNE, customerId: 'wayne' });
  for (const customerId of ['acme', 'wayne'])
    for (const dataStoreId of ['crm', 'documents']) await givenDataStore(world, customerId, dataStoreId);
  return world;
}

function givenKey(world: RotationWorld, fields: Partial<KmsKey> & Pick<KmsKey, 'kmsKeyArn'>): void {
  const keyMaterialId = world.kms.given(fields.kmsKeyArn);
  const { customerId: _anyone, ...key } = aKmsKey({ keyMaterialId, revision: 1 });
  world.control.given('kms-key', { ...key, ...fields });
}

async function givenDataStore(world: RotationWorld, customerId: string, dataStoreId: string): Promise<void> {
  world.control.given('data-store', aDataStore({ customerId, dataStoreId, kmsKeyArn: SHARED, revision: 1 }));
  for (const dataKeyId of ['one', 'two']) await givenDataKey(world, { customerId, dataStoreId, dataKeyId });
}

async function givenDataKey(world: RotationWorld, name: Parameters<typeof encryptionContextOf>[0]): Promise<void> {
  const made = await world.kms.generateWrapped(aKmsKey({ kmsKeyArn: SHARED }), encryptionContextOf(name));
  await world.dataKeys.create({ ...name, ...made, createdAt: world.clock.now() });
}

/** Newer material that the key itself knows of: what was wrapped before is under older material. */
async function rotated(world: RotationWorld, kmsKeyArn: string): Promise<string> {
  const keyMaterialId = world.kms.rotate(kmsKeyArn);
  const key = await world.control.find('kms-key', kmsKeyArn);
  if (!key) throw new Error('There is no such key.');
  world.control.given('kms-key', { ...key, keyMaterialId, olderMaterialIds: [key.keyMaterialId] });
  return key.keyMaterialId;
}

async function moved(world: RotationWorld, request: ReencryptionRequest) {
  const answer = await requestReencryption(request, world.ports);
  await settle(world);
  return answer;
}

/** `acme/crm` and so on of the data keys for which it holds. */
const placesOf = (world: RotationWorld, where: (kmsKeyArn: string, keyMaterialId: string) => boolean) =>
  [
    ...new Set(
      world.dataKeys
        .all()
        .filter(({ kmsKeyArn, keyMaterialId }) => where(kmsKeyArn, keyMaterialId))
        .map(({ customerId, dataStoreId }) => `${customerId}/${dataStoreId}`),
    ),
  ].sort();

const stateOf = (world: RotationWorld) =>
  JSON.stringify([world.control.all('kms-key'), world.control.all('reencryption-job'), world.control.outbox]);

describe('a selection', () => {
  test('of a customer moves what is theirs under a shared key, and nobody else’s', async () => {
    const world = await twoCustomers();
    const old = await rotated(world, SHARED);

    const answer = await moved(world, { customerId: 'acme' });

    expect(answer.map(({ only, toMove }) => [only.within?.dataStoreId, toMove])).toEqual([
      ['crm', 2],
      ['documents', 2],
    ]);
    expect(placesOf(world, (_, material) => material === old)).toEqual(['wayne/crm', 'wayne/documents']);
    expect(world.control.all('reencryption-job')).toMatchObject([
      { customerId: 'acme', state: 'done', total: 2, reencrypted: 2 },
      { customerId: 'acme', state: 'done', total: 2, reencrypted: 2 },
    ]);
  });

  test('of a data store leaves the customer’s other ones', async () => {
    const world = await twoCustomers();
    const old = await rotated(world, SHARED);

    await moved(world, { customerId: 'acme', dataStoreId: 'crm' });

    expect(placesOf(world, (_, material) => material !== old)).toEqual(['acme/crm']);
  });

  test('of a key material leaves what is under other older material', async () => {
    const world = await twoCustomers();
    const oldest = await rotated(world, SHARED);
    await moved(world, { customerId: 'acme' });
    const older = await rotated(world, SHARED);
    const key = await world.control.find('kms-key', SHARED);
    if (key) world.control.given('kms-key', { ...key, olderMaterialIds: [oldest, older] });

    await moved(world, { kmsKeyArn: SHARED, keyMaterialId: oldest });

    expect(placesOf(world, (_, material) => material === oldest)).toEqual([]);
    expect(placesOf(world, (_, material) => material === older)).toEqual(['acme/crm', 'acme/documents']);
  });

  test('by age moves what was wrapped before, and not what was wrapped anew since', async () => {
    const world = await twoCustomers();
    await rotated(world, SHARED);
    await moved(world, { customerId: 'acme' });
    world.clock.advance(DAY_MS);
    const before = world.clock.now();
    world.clock.advance(DAY_MS);
    await givenDataKey(world, { customerId: 'acme', dataStoreId: 'crm', dataKeyId: 'young' });

    await moved(world, { kmsKeyArn: SHARED, wrappedBefore: before, toKmsKeyArn: await anotherShared(world) });

    const left = world.dataKeys.all().filter(({ kmsKeyArn }) => kmsKeyArn === SHARED);
    expect(left.map(({ dataKeyId }) => dataKeyId)).toEqual(['young']);
  });

  test('asked twice begins one job, asked for something else another', async () => {
    const world = await twoCustomers();
    await rotated(world, SHARED);

    const first = await requestReencryption({ customerId: 'acme', dataStoreId: 'crm' }, world.ports);
    const again = await requestReencryption({ customerId: 'acme', dataStoreId: 'crm' }, world.ports);
    const other = await requestReencryption({ customerId: 'wayne', dataStoreId: 'crm' }, world.ports);

    expect(again).toEqual(first);
    expect(other[0]?.jobId).not.toBe(first[0]?.jobId);
  });

  test('with nothing left to move begins no job', async () => {
    const world = await twoCustomers();
    await rotated(world, SHARED);
    await moved(world, { customerId: 'acme' });

    const answer = await requestReencryption({ customerId: 'acme' }, world.ports);

    expect(answer.map(({ toMove, jobId }) => [toMove, jobId])).toEqual([
      [0, undefined],
      [0, undefined],
    ]);
  });

  test('is counted exactly, key by key, without touching anything', async () => {
    const world = await twoCustomers();
    await moved(world, { customerId: 'acme', dataStoreId: 'crm', toKmsKeyArn: ACME });
    const before = stateOf(world);

    const parts = await partsOf({ customerId: 'acme' }, world.ports);

    expect(parts.map(({ from, only, inventory }) => [only.within?.dataStoreId, from.kmsKeyArn, inventory])).toEqual([
      ['crm', ACME, [{ keyMaterialId: expect.any(String), isNewest: true, dataKeys: 2 }]],
      ['documents', SHARED, [{ keyMaterialId: expect.any(String), isNewest: true, dataKeys: 2 }]],
    ]);
    expect(stateOf(world)).toBe(before);
  });
});

async function anotherShared(world: RotationWorld): Promise<string> {
  givenKey(world, { kmsKeyArn: anArn('shared-2'), option: 'managed' });
  return anArn('shared-2');
}

test('data keys under material that was not noticed yet are where they should be', async () => {
  const world = await twoCustomers();
  world.kms.rotate(SHARED);
  await givenDataKey(world, { customerId: 'acme', dataStoreId: 'crm', dataKeyId: 'newer' });

  const answer = await moved(world, { customerId: 'acme', dataStoreId: 'crm' });

  expect(answer).toMatchObject([{ toMove: 0 }]);
  expect(world.control.all('reencryption-job')).toEqual([]);
});

test('material that the key has not left behind is refused, with the way out', async () => {
  const world = await twoCustomers();
  const keyMaterialId = world.kms.materialIds(SHARED).at(-1) ?? '';
  const request = { kmsKeyArn: SHARED, keyMaterialId };
  await refused(world, request, 'input.invalid', /^keyMaterialId: .* left behind\. Name an older one/);
});

describe('another key as target', () => {
  test('takes the data stores along, so that new data keys are made there', async () => {
    const world = await twoCustomers();

    await moved(world, { customerId: 'acme', toKmsKeyArn: ACME });

    expect(placesOf(world, (kmsKeyArn) => kmsKeyArn === ACME)).toEqual(['acme/crm', 'acme/documents']);
    const stores = world.control.all('data-store');
    expect(stores.filter(({ kmsKeyArn }) => kmsKeyArn === ACME).map(({ customerId }) => customerId)).toEqual([
      'acme',
      'acme',
    ]);
  });

  test('takes along a data store that has no data key yet', async () => {
    const world = await twoCustomers();
    world.control.given('data-store', aDataStore({ dataStoreId: 'new', kmsKeyArn: SHARED, revision: 1 }));

    await moved(world, { customerId: 'acme', dataStoreId: 'new', toKmsKeyArn: ACME });

    expect(await world.control.find('data-store', 'acme/new')).toMatchObject({ kmsKeyArn: ACME });
  });

  test('misses no data key that is made under the old key until the data store has moved', async () => {
    const world = await twoCustomers();
    await requestReencryption({ customerId: 'acme', dataStoreId: 'crm', toKmsKeyArn: ACME }, world.ports);
    await givenDataKey(world, { customerId: 'acme', dataStoreId: 'crm', dataKeyId: 'late' });

    await settle(world);

    expect(placesOf(world, (kmsKeyArn) => kmsKeyArn === SHARED)).not.toContain('acme/crm');
  });

  test.each([
    [
      'that nobody registered',
      { toKmsKeyArn: anArn('nobody') },
      'state.not-found',
      /^toKmsKeyArn: .* is not registered/,
    ],
    [
      'of another customer',
      { toKmsKeyArn: WAYNE },
      'input.invalid',
      /^toKmsKeyArn: .*one customer.*Choose a key of theirs/,
    ],
    [
      'of one customer for the data of many',
      { customerId: undefined, kmsKeyArn: SHARED, toKmsKeyArn: WAYNE },
      'input.invalid',
      /^toKmsKeyArn: .*Name the customer/,
    ],
  ] as const)('%s is refused before anything is touched', async (_, fields, code, message) => {
    await refused(await twoCustomers(), { customerId: 'acme', ...fields }, code, message);
  });

  test.each([
    ['is on its way out', { state: 'retiring' }, 'state.forbids', /^toKmsKeyArn: .*retiring.*Choose/],
    [
      'is compromised',
      { compromise: { compromiseId: 'c', at: '2026-01-01T00:00:00.000Z' } },
      'state.forbids',
      /^toKmsKeyArn: .*compromised/,
    ],
  ] as const)('that %s is refused before anything is touched', async (_, fields, code, message) => {
    const world = await twoCustomers();
    givenKey(world, { kmsKeyArn: ACME, customerId: 'acme', ...fields });
    await refused(world, { customerId: 'acme', toKmsKeyArn: ACME }, code, message);
  });

  test('that KMS has disabled is refused with the field at fault', async () => {
    const world = await twoCustomers();
    world.kms.become(ACME, 'Disabled');
    await refused(world, { customerId: 'acme', toKmsKeyArn: ACME }, 'state.forbids', /^toKmsKeyArn: .*Enable it/);
  });
});

describe('a target in another region', () => {
  const there = (name: string) => anArn(name).replace('eu-central-1', 'eu-west-1');

  test('is refused, unless the key has a replica there', async () => {
    const world = await twoCustomers();
    givenKey(world, { kmsKeyArn: there('target'), option: 'managed' });
    const request = { kmsKeyArn: SHARED, toKmsKeyArn: there('target') };

    await refused(world, request, 'input.invalid', /^toKmsKeyArn: .*another region/);
  });

  test('of a multi-Region key without a replica there is refused', async () => {
    const world = await twoCustomers();
    givenKey(world, { kmsKeyArn: anArn('mrk-1'), option: 'managed' });
    givenKey(world, { kmsKeyArn: there('target'), option: 'managed' });
    const request = { kmsKeyArn: anArn('mrk-1'), toKmsKeyArn: there('target'), dryRun: true };
    await refused(world, request, 'input.invalid', /enabled replica there/);

    world.kms.given(there('mrk-1'));

    expect(await requestReencryption(request, world.ports)).toMatchObject([{ toKmsKeyArn: there('target') }]);
  });
});

test.each([
  ['nothing named', {}, 'input.invalid', /^kmsKeyArn: is missing/],
  [
    'a data store without its customer',
    { kmsKeyArn: SHARED, dataStoreId: 'crm' },
    'input.invalid',
    /^customerId: is missing/,
  ],
  [
    'a day instead of an instant',
    { kmsKeyArn: SHARED, wrappedBefore: '2026-01-31' },
    'input.invalid',
    /^wrappedBefore: .*2026-/,
  ],
  ['no instant at all', { kmsKeyArn: SHARED, wrappedBefore: 'soon' }, 'input.invalid', /^wrappedBefore: /],
  ['an unknown customer', { customerId: 'nobody' }, 'state.not-found', /^customerId: no customer nobody/],
  [
    'an unknown data store',
    { customerId: 'acme', dataStoreId: 'x' },
    'state.not-found',
    /^dataStoreId: acme has no data store x/,
  ],
  [
    'a key that has nothing of the customer',
    { customerId: 'acme', kmsKeyArn: WAYNE },
    'state.not-found',
    /^kmsKeyArn: nothing of acme/,
  ],
] as const)('a request with %s is refused before anything is touched', async (_, request, code, message) => {
  await refused(await twoCustomers(), request, code, message);
});

async function refused(world: RotationWorld, request: ReencryptionRequest, code: string, message: RegExp) {
  const before = stateOf(world);
  const asked = requestReencryption(request, world.ports);
  await expect(asked).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  expect(stateOf(world)).toBe(before);
}

describe('a retry', () => {
  async function withOneSetAside() {
    const world = await twoCustomers();
    await rotated(world, SHARED);
    const [sick] = world.dataKeys.all();
    if (!sick) throw new Error('There is no data key.');
    const spoiled = await world.dataKeys.replace({ ...sick, wrapped: new Uint8Array(64) });
    const [job] = await moved(world, { customerId: sick.customerId, dataStoreId: sick.dataStoreId });
    return { world, sick, spoiled, jobId: job?.jobId ?? '' };
  }

  test('moves what was quarantined after the cause is fixed', async () => {
    const { world, sick, jobId } = await withOneSetAside();
    const left = await world.dataKeys.find(sick);
    if (!left) throw new Error('The data key is gone.');
    expect(left.quarantined).toMatchObject({ jobId });
    await world.dataKeys.replace({ ...left, wrapped: sick.wrapped });

    await retryReencryption(jobId, world.ports);
    await settle(world);

    expect((await world.dataKeys.find(sick))?.quarantined).toBeUndefined();
    expect(world.control.all('reencryption-job')).toMatchObject([
      { quarantined: 1 },
      { reencrypted: 1, quarantined: 0 },
    ]);
  });

  test('of a job that is under way is refused', async () => {
    const world = await twoCustomers();
    await rotated(world, SHARED);
    const [job] = await requestReencryption({ kmsKeyArn: SHARED }, world.ports);

    const retry = retryReencryption(job?.jobId ?? '', world.ports);

    await expect(retry).rejects.toMatchObject({
      code: 'state.forbids',
      message: expect.stringMatching(/^jobId: .*running/),
    });
  });
});
