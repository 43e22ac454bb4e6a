import type { CompromiseRequest } from '../../../../shared/domain/compromise/declaration';
import { declareCompromise } from '../../../../shared/domain/compromise/declare-compromise';
import { OUT_OF_USE_MS } from '../../../../shared/domain/keys/data-key';
import { aDataStore, after, anArn, NOW } from '../../../support/make';
import { type RotationWorld, rotationWorld } from '../../../support/rotation-world';

const DECLARED = { reason: 'Found in a public repository.', by: 'arn:aws:iam::111122223333:user/ann' };

const nameOf = (dataKeyId: string, dataStoreId = 'documents') => ({ customerId: 'acme', dataStoreId, dataKeyId });

async function worldWith(...dataKeyIds: readonly string[]): Promise<RotationWorld> {
  const world = rotationWorld();
  world.givenKey();
  for (const dataKeyId of dataKeyIds) await world.givenDataKey(dataKeyId);
  return world;
}

const declare = (world: RotationWorld, request: Partial<CompromiseRequest> & object) =>
  declareCompromise({ ...DECLARED, ...request } as CompromiseRequest, world.ports);

async function declared(world: RotationWorld, request: Partial<CompromiseRequest> & object) {
  const answer = await declare(world, request);
  if (!('compromise' in answer)) throw new Error('nothing was declared');
  return answer.compromise;
}

const rowsOf = ({ control }: RotationWorld) => [...control.all('compromise'), ...control.all('exposure')];

describe('a KMS key', () => {
  test('is marked, and its compromise open, with the fact in the same change', async () => {
    const world = await worldWith('one');

    const compromise = await declared(world, { kmsKeyArn: anArn(), since: '2026-01-01T00:00:00.000Z' });

    expect(compromise).toMatchObject({ state: 'open', stage: 'notify', customerId: 'acme', declaredBy: DECLARED.by });
    expect((await world.control.find('kms-key', anArn()))?.compromise?.compromiseId).toBe(compromise.compromiseId);
    expect(world.control.outbox).toMatchObject([
      { detailType: 'key-compromised.v1', detail: { kmsKeyArn: anArn(), customerId: 'acme', reason: DECLARED.reason } },
    ]);
  });

  test('that is declared again, also at the same time, has one compromise', async () => {
    const world = await worldWith('one');

    const [first, second] = await Promise.all([
      declared(world, { kmsKeyArn: anArn() }),
      declared(world, { kmsKeyArn: anArn() }),
    ]);
    const third = await declared(world, { kmsKeyArn: anArn() });

    expect(new Set([first, second, third].map(({ compromiseId }) => compromiseId)).size).toBe(1);
    expect(world.control.all('compromise')).toHaveLength(1);
    expect(world.facts()).toEqual(['key-compromised.v1']);
  });

  test('that nobody registered is refused', async () => {
    const world = await worldWith();

    await expect(declare(world, { kmsKeyArn: anArn('unknown') })).rejects.toMatchObject({
      code: 'state.not-found',
      message: expect.stringMatching(/^kmsKeyArn: .*unknown is not registered/),
    });
  });

  test('in a dry run is shown, and not touched', async () => {
    const world = await worldWith('one', 'two');
    world.control.given('data-store', aDataStore({ customerId: 'zeta', revision: 1 }));
    const before = JSON.stringify(await world.control.find('kms-key', anArn()));

    const answer = await declare(world, { kmsKeyArn: anArn(), dryRun: true });

    expect(answer).toEqual({ protects: { customers: 2, dataStores: 2, dataKeys: 2, from: NOW, isWhole: true } });
    expect(rowsOf(world)).toEqual([]);
    expect(world.control.outbox).toEqual([]);
    expect(JSON.stringify(await world.control.find('kms-key', anArn()))).toBe(before);
  });
});

describe('data keys', () => {
  test('are marked, their data stores exposed, and nothing new is protected with them from then on', async () => {
    const world = await worldWith('one', 'two', 'three');

    const compromise = await declared(world, { dataKeys: [nameOf('one'), nameOf('two')] });

    const marks = world.dataKeys.all().map(({ dataKeyId, compromised }) => [dataKeyId, compromised?.compromiseId]);
    expect(Object.fromEntries(marks)).toEqual({
      one: compromise.compromiseId,
      two: compromise.compromiseId,
      three: undefined,
    });
    expect(compromise).toMatchObject({ state: 'contained', dataKeys: 2, affected: 1, cleanFrom: after(OUT_OF_USE_MS) });
    expect(world.control.all('exposure')).toMatchObject([{ dataStoreId: 'documents', dataKeys: 2, state: 'exposed' }]);
    expect(world.facts()).toEqual(['data-store-exposed.v1', 'compromise-contained.v1']);
  });

  test('that are declared again have the same compromise', async () => {
    const world = await worldWith('one', 'two');
    const first = await declared(world, { dataKeys: [nameOf('one'), nameOf('two')] });

    const second = await declared(world, { dataKeys: [nameOf('two'), nameOf('one')] });

    expect(second.compromiseId).toBe(first.compromiseId);
    expect(world.control.all('compromise')).toHaveLength(1);
  });

  test('of which one is part of another compromise are refused before any is marked', async () => {
    const world = await worldWith('one', 'two');
    await declared(world, { dataKeys: [nameOf('one')] });

    await expect(declare(world, { dataKeys: [nameOf('one'), nameOf('two')] })).rejects.toMatchObject({
      code: 'state.forbids',
      message: expect.stringMatching(/^dataKeys: acme\/documents\/one is part of .*Leave it out\.$/),
    });
    expect(await world.dataKeys.find(nameOf('two'))).not.toHaveProperty('compromised');
  });

  test('whose declaration died after the marks are taken up by the next one', async () => {
    const world = await worldWith('one', 'two');
    const dying = { ...world.ports, control: { ...world.control, commit: () => Promise.reject(new Error('died')) } };
    const request = { ...DECLARED, dataKeys: [nameOf('one'), nameOf('two')] };
    await expect(declareCompromise(request, dying)).rejects.toThrow('died');
    const orphan = (await world.dataKeys.find(nameOf('one')))?.compromised?.compromiseId;

    const compromise = await declared(world, { dataKeys: [nameOf('one')] });

    expect(orphan).toBe(compromise.compromiseId);
    const other = await declared(world, { dataKeys: [nameOf('two')] });
    expect(other.compromiseId).not.toBe(compromise.compromiseId);
    expect((await world.dataKeys.find(nameOf('two')))?.compromised?.compromiseId).toBe(other.compromiseId);
  });

  test('that do not exist, are named twice, none or too many are refused before any is touched', async () => {
    const world = await worldWith('one');
    const many = Array.from({ length: 41 }, (_, n) => nameOf(`key-${n}`));
    const refusals: readonly (readonly [ReturnType<typeof nameOf>[], RegExp])[] = [
      [[nameOf('one'), nameOf('none')], /^dataKeys: there is no data key acme\/documents\/none/],
      [[nameOf('one'), nameOf('one')], /^dataKeys: .* named twice/],
      [[], /^dataKeys: names 0 data keys/],
      [many, /^dataKeys: names 41 data keys/],
    ];

    for (const [dataKeys, message] of refusals) {
      await expect(declare(world, { dataKeys })).rejects.toThrow(message);
    }
    expect(await world.dataKeys.find(nameOf('one'))).not.toHaveProperty('compromised');
    expect(rowsOf(world)).toEqual([]);
  });

  test('in a dry run are shown, and not marked', async () => {
    const world = await worldWith('one', 'two');

    const answer = await declare(world, { dataKeys: [nameOf('one')], dryRun: true });

    expect(answer).toMatchObject({ protects: { customers: 1, dataStores: 1, dataKeys: 1 } });
    expect(await world.dataKeys.find(nameOf('one'))).not.toHaveProperty('compromised');
  });
});

test.each([
  [{ reason: ' ' }, /^reason: /],
  [{ since: 'last week' }, /^since: must be a UTC instant/],
  [{ since: '2026-01-31' }, /^since: must be a UTC instant/],
  [{ since: after(1) }, /^since: .*yet to come/],
])('a declaration with %j is refused before anything is touched', async (fields, message) => {
  const world = await worldWith('one');

  await expect(declare(world, { kmsKeyArn: anArn(), ...fields })).rejects.toThrow(message);
  expect(rowsOf(world)).toEqual([]);
});
