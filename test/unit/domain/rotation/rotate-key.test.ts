import type { RotationStrategy } from '../../../../events/fields';
import { KeywrightError } from '../../../../shared/domain/errors';
import { planRotations } from '../../../../shared/domain/rotation/plan-rotations';
import { requestRotation } from '../../../../shared/domain/rotation/request-rotation';
import { rotateKey } from '../../../../shared/domain/rotation/rotate-key';
import { aDataStore, after, anArn } from '../../../support/make';
import { type RotationWorld, rotationWorld } from '../../../support/rotation-world';

const DAY_MS = 86_400_000;

async function opened(strategy: RotationStrategy, world = rotationWorld(), key = {}) {
  world.givenKey(key, { strategy });
  await planRotations(world.ports);
  const [rotation] = world.control.all('rotation');
  if (!rotation) throw new Error('the plan began no rotation');
  return { world, rotationId: rotation.rotationId };
}

const rotationOf = async (world: RotationWorld, rotationId: string) => world.control.find('rotation', rotationId);
const lastFact = (world: RotationWorld) => world.control.outbox.at(-1);

describe('on demand', () => {
  test('KMS is asked once, however often the rotation is due', async () => {
    const { world, rotationId } = await opened('kms-on-demand');

    for (let time = 0; time < 5; time += 1) expect(await rotateKey({ rotationId }, world.ports)).toBe('waiting');

    expect(world.kms.spent(anArn())).toBe(1);
  });

  test('copies that run at the same time ask once', async () => {
    const { world, rotationId } = await opened('kms-on-demand');

    await Promise.all(Array.from({ length: 6 }, () => rotateKey({ rotationId }, world.ports)));

    expect(world.kms.spent(anArn())).toBe(1);
  });

  test('an answer that was lost is not asked for again', async () => {
    const { world, rotationId } = await opened('kms-on-demand');
    const administrator = {
      ...world.kms,
      rotateOnDemand: async (key: { kmsKeyArn: string }) => {
        await world.kms.rotateOnDemand({ ...key, access: { via: 'key-policy' } });
        throw new KeywrightError('kms.unreachable', 'timed out');
      },
    };

    await expect(rotateKey({ rotationId }, { ...world.ports, administrator })).rejects.toMatchObject({ retry: true });
    world.clock.advance(DAY_MS);
    await rotateKey({ rotationId }, world.ports);

    expect(world.kms.spent(anArn())).toBe(1);
  });

  test('a copy that is refused late does not block a rotation that has ended meanwhile', async () => {
    const { world, rotationId } = await opened('kms-on-demand');
    await rotateKey({ rotationId }, world.ports);
    const rotationStatus = async () => {
      world.kms.finishRotations();
      await rotateKey({ rotationId }, world.ports);
      throw new KeywrightError('kms.key-disabled', 'disabled a moment later');
    };
    const observer = { ...world.kms, rotationStatus };

    await rotateKey({ rotationId }, { ...world.ports, observer });

    expect(await rotationOf(world, rotationId)).toMatchObject({ state: 'rotated' });
    expect(world.facts()).not.toContain('rotation-blocked.v1');
  });

  test('a request that died before it was sent is sent again once KMS has been idle for long', async () => {
    const { world, rotationId } = await opened('kms-on-demand');
    const rotateOnDemand = () => Promise.reject(new KeywrightError('kms.unreachable', 'no'));
    const dying = { ...world.ports, administrator: { ...world.kms, rotateOnDemand } };
    await expect(rotateKey({ rotationId }, dying)).rejects.toMatchObject({ retry: true });

    const spent: number[] = [];
    for (const waitMs of [60 * 60_000, 60_000, 5 * 60_000, 60_000]) {
      world.clock.advance(waitMs);
      await rotateKey({ rotationId }, world.ports);
      spent.push(world.kms.spent(anArn()));
    }

    expect(spent).toEqual([0, 0, 1, 1]);
  });

  test('KMS that finishes between two looks is not asked again', async () => {
    const { world, rotationId } = await opened('kms-on-demand');
    await rotateKey({ rotationId }, world.ports);
    world.clock.advance(DAY_MS);
    await rotateKey({ rotationId }, world.ports);
    const observer = {
      ...world.kms,
      rotationStatus: async (key: typeof ref) => {
        world.kms.finishRotations();
        return world.kms.rotationStatus(key);
      },
    };

    expect(await rotateKey({ rotationId }, { ...world.ports, observer })).toBe('rotated');

    expect(world.kms.spent(anArn())).toBe(1);
  });

  test('a request that was throttled is sent again at once: it spent nothing', async () => {
    const { world, rotationId } = await opened('kms-on-demand');
    const administrator = {
      ...world.kms,
      rotateOnDemand: () => Promise.reject(new KeywrightError('kms.throttled', 'slow')),
    };

    await expect(rotateKey({ rotationId }, { ...world.ports, administrator })).rejects.toMatchObject({ retry: true });
    await rotateKey({ rotationId }, world.ports);

    expect(world.kms.spent(anArn())).toBe(1);
  });

  test('new material ends the rotation: the key, the policy, the fence and the fact change together', async () => {
    const { world, rotationId } = await opened('kms-on-demand');
    await rotateKey({ rotationId }, world.ports);
    world.kms.finishRotations();
    const [old, newest] = world.kms.materialIds(anArn());

    expect(await rotateKey({ rotationId }, world.ports)).toBe('rotated');

    const key = await world.control.find('kms-key', anArn());
    expect(key).toMatchObject({ keyMaterialId: newest, state: 'active' });
    expect(key).not.toHaveProperty('openRotationId');
    expect(await rotationOf(world, rotationId)).toMatchObject({ state: 'rotated', toKeyMaterialId: newest });
    expect(lastFact(world)).toMatchObject({
      detailType: 'key-rotated.v1',
      detail: { rotationId, fromKeyMaterialId: old, toKeyMaterialId: newest, toKmsKeyArn: anArn(), reencrypt: true },
    });
    const policy = await world.control.find('rotation-policy', anArn());
    expect((policy?.dueAt ?? '') > after(80 * DAY_MS)).toBe(true);
  });

  test('a rotation that is over is left alone', async () => {
    const { world, rotationId } = await opened('kms-on-demand');
    world.kms.rotate(anArn());
    await rotateKey({ rotationId }, world.ports);
    const facts = world.facts();

    expect(await rotateKey({ rotationId }, world.ports)).toBe('over');

    expect(world.facts()).toEqual(facts);
    expect(world.kms.spent(anArn())).toBe(0);
  });

  test('a key that somebody else rotated meanwhile counts as rotated and spends nothing', async () => {
    const { world, rotationId } = await opened('kms-on-demand');
    world.kms.rotate(anArn());

    expect(await rotateKey({ rotationId }, world.ports)).toBe('rotated');

    expect(world.kms.spent(anArn())).toBe(0);
  });

  test('what KMS refuses for good blocks the rotation with the reason, once', async () => {
    const { world, rotationId } = await opened('kms-on-demand');
    const administrator = {
      ...world.kms,
      rotateOnDemand: () => Promise.reject(new KeywrightError('kms.unsupported', 'Not for such a key.')),
    };
    const ports = { ...world.ports, administrator };

    expect(await rotateKey({ rotationId }, ports)).toBe('blocked');
    expect(await rotateKey({ rotationId }, ports)).toBe('blocked');

    expect(await rotationOf(world, rotationId)).toMatchObject({
      state: 'blocked',
      blockedBy: expect.stringContaining('Not for such a key'),
    });
    expect(world.facts().filter((fact) => fact === 'rotation-blocked.v1')).toHaveLength(1);
  });

  test('material of long ago, shown by a part of KMS that lags, is not taken for new', async () => {
    const world = rotationWorld();
    const { rotationId } = await opened('kms-on-demand', world);
    world.kms.rotate(anArn());
    await rotateKey({ rotationId }, world.ports);
    world.clock.advance(91 * DAY_MS);
    await planRotations(world.ports);
    const second = (await world.control.find('kms-key', anArn()))?.openRotationId ?? '';
    const [oldest] = world.kms.materialIds(anArn());
    const lagging = {
      ...world.kms,
      describe: async () => ({ ...(await world.kms.describe(ref)), keyMaterialId: oldest ?? '' }),
    };

    expect(await rotateKey({ rotationId: second }, { ...world.ports, observer: lagging })).toBe('waiting');
  });

  test('nor is material from before the key was known to us', async () => {
    const world = rotationWorld();
    const { rotationId } = await opened('kms-on-demand', world);
    const [oldest] = world.kms.materialIds(anArn());
    world.kms.rotate(anArn());
    const key = await world.control.find('kms-key', anArn());
    if (key) world.control.given('kms-key', { ...key, keyMaterialId: world.kms.materialIds(anArn()).at(-1) ?? '' });
    const lagging = {
      ...world.kms,
      describe: async () => ({ ...(await world.kms.describe(ref)), keyMaterialId: oldest ?? '' }),
    };

    expect(await rotateKey({ rotationId }, { ...world.ports, observer: lagging })).toBe('waiting');
  });
});

describe('automatic', () => {
  test('KMS is told the period of the policy, once', async () => {
    const { world, rotationId } = await opened('kms-automatic');

    await rotateKey({ rotationId }, world.ports);
    const revision = (await rotationOf(world, rotationId))?.revision;
    await rotateKey({ rotationId }, world.ports);

    expect(await world.kms.rotationStatus(ref)).toMatchObject({ automatic: true, periodDays: 90 });
    expect((await rotationOf(world, rotationId))?.revision).toBe(revision);
  });

  test('a period that drifted is repaired, one that did not restarts no clock', async () => {
    const { world, rotationId } = await opened('kms-automatic');
    const told: number[] = [];
    const administrator = {
      ...world.kms,
      enableAutomaticRotation: async (key: typeof ref, days: number) => {
        told.push(days);
        await world.kms.enableAutomaticRotation(key, days);
      },
    };
    const ports = { ...world.ports, administrator };

    await rotateKey({ rotationId }, ports);
    await rotateKey({ rotationId }, ports);
    world.clock.advance(DAY_MS);
    await world.kms.enableAutomaticRotation(ref, 2560);
    await rotateKey({ rotationId }, ports);

    expect(told).toEqual([90, 90]);
  });

  test('a period that KMS does not offer blocks the rotation, naming the field', async () => {
    const world = rotationWorld();
    world.givenKey({}, { strategy: 'kms-automatic', periodDays: 30 });
    await planRotations(world.ports);

    expect(await rotateKey({ rotationId: 'id-000001' }, world.ports)).toBe('blocked');

    expect(lastFact(world)?.detail['reason']).toMatch(/^periodDays: .*90 to 2560/);
    expect(await world.kms.rotationStatus(ref)).toMatchObject({ automatic: false });
  });
});

describe('replace', () => {
  test('another key takes the place: alias, data stores, policy and both keys', async () => {
    const { world, rotationId } = await opened('replace', rotationWorld(), { alias: 'alias/keywright/acme' });

    expect(await rotateKey({ rotationId }, world.ports)).toBe('rotated');

    const made = world.kms.aliasOf('alias/keywright/acme') ?? '';
    expect(await world.control.find('kms-key', anArn())).toMatchObject({ state: 'retiring', replacedBy: made });
    expect(await world.control.find('kms-key', made)).toMatchObject({ state: 'active', customerId: 'acme' });
    expect(await world.control.find('data-store', 'acme/documents')).toMatchObject({ kmsKeyArn: made });
    expect(await world.control.find('rotation-policy', made)).toMatchObject({ strategy: 'replace', periodDays: 90 });
    expect(lastFact(world)).toMatchObject({ detailType: 'key-rotated.v1', detail: { toKmsKeyArn: made } });
  });

  test('however often it dies on the way, one key is made', async () => {
    const { world, rotationId } = await opened('replace', rotationWorld(), { alias: 'alias/keywright/acme' });
    const dead = () => Promise.reject(new KeywrightError('kms.unreachable', 'no answer'));

    await expect(
      rotateKey({ rotationId }, { ...world.ports, administrator: { ...world.kms, moveAlias: dead } }),
    ).rejects.toMatchObject({ retry: true });
    await rotateKey({ rotationId }, world.ports);

    expect(world.kms.arns()).toHaveLength(2);
    expect(world.control.all('kms-key')).toHaveLength(2);
  });

  test('more data stores than fit into one change are moved', async () => {
    const world = rotationWorld();
    for (let n = 0; n < 60; n += 1) {
      world.control.given('data-store', aDataStore({ dataStoreId: `store-${n}`, revision: 1 }));
    }
    const { rotationId } = await opened('replace', world);

    await rotateKey({ rotationId }, world.ports);

    const left = world.control.all('data-store').filter(({ kmsKeyArn }) => kmsKeyArn === anArn());
    expect(left).toEqual([]);
  });

  test('a key to which data keys are still on their way is not replaced under them', async () => {
    const { world, rotationId } = await opened('replace');
    const key = await world.control.find('kms-key', anArn());
    if (key) world.control.given('kms-key', { ...key, jobIds: ['job-1'] });

    expect(await rotateKey({ rotationId }, world.ports)).toBe('waiting');

    expect(world.kms.arns()).toEqual([anArn()]);
  });

  test('a key that is still taking the place of another is not replaced: the alias never moves back', async () => {
    const { world, rotationId } = await opened('replace', rotationWorld(), { alias: 'alias/keywright/acme' });
    const dead = () => Promise.reject(new KeywrightError('kms.unreachable', 'no answer'));
    const dying = { ...world.ports, administrator: { ...world.kms, moveAlias: dead } };
    await expect(rotateKey({ rotationId }, dying)).rejects.toMatchObject({ retry: true });
    const made = (await world.control.find('kms-key', anArn()))?.replacedBy ?? '';
    const second = await requestRotation({ kmsKeyArn: made }, world.ports);

    expect(await rotateKey(second, world.ports)).toBe('waiting');
    expect(await rotateKey({ rotationId }, world.ports)).toBe('rotated');
    expect(world.kms.aliasOf('alias/keywright/acme')).toBe(made);
    expect(await rotateKey(second, world.ports)).toBe('rotated');
    expect(world.kms.aliasOf('alias/keywright/acme')).not.toBe(made);
  });

  test('nothing points at a key that is not Enabled yet', async () => {
    const { world, rotationId } = await opened('replace');
    const observer = world.kms;
    const administrator = {
      ...observer,
      createReplacement: async (...asked: Parameters<typeof observer.createReplacement>) => ({
        ...(await observer.createReplacement(...asked)),
        keyState: 'Creating',
      }),
    };

    await expect(rotateKey({ rotationId }, { ...world.ports, administrator })).rejects.toMatchObject({
      code: 'kms.conflict',
    });

    expect(await world.control.find('kms-key', anArn())).toMatchObject({ state: 'active' });
  });

  test('a customer’s own key is theirs to replace', async () => {
    const { world, rotationId } = await opened('replace', rotationWorld(), { option: 'customer-managed' });

    expect(await rotateKey({ rotationId }, world.ports)).toBe('blocked');

    expect(world.kms.arns()).toEqual([anArn()]);
  });
});

test('a key that KMS refuses us blocks the rotation; KMS being out of reach does not', async () => {
  const { world, rotationId } = await opened('kms-on-demand');
  const failing = (code: 'kms.access-denied' | 'kms.unreachable') => ({
    ...world.ports,
    observer: { ...world.kms, describe: () => Promise.reject(new KeywrightError(code, 'no')) },
  });

  await expect(rotateKey({ rotationId }, failing('kms.unreachable'))).rejects.toMatchObject({ retry: true });
  expect(await rotationOf(world, rotationId)).toMatchObject({ state: 'requested' });
  expect(await rotateKey({ rotationId }, failing('kms.access-denied'))).toBe('blocked');
});

test('a rotation that nobody asked for is refused', async () => {
  await expect(rotateKey({ rotationId: 'nobody' }, rotationWorld().ports)).rejects.toMatchObject({
    code: 'state.not-found',
  });
});

test('after a rotation without re-encryption nothing is left to do', async () => {
  const world = rotationWorld();
  world.givenKey({}, { reencrypt: false });
  await planRotations(world.ports);
  world.kms.rotate(anArn());

  await rotateKey({ rotationId: 'id-000001' }, world.ports);

  expect(await rotationOf(world, 'id-000001')).toMatchObject({ state: 'done' });
  expect(lastFact(world)?.detail['reencrypt']).toBe(false);
});

const ref = { kmsKeyArn: anArn(), access: { via: 'key-policy' } } as const;
