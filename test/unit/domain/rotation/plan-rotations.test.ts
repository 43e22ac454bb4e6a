import { KeywrightError } from '../../../../shared/domain/errors';
import { planRotations } from '../../../../shared/domain/rotation/plan-rotations';
import { rotateKey } from '../../../../shared/domain/rotation/rotate-key';
import { distinct } from '../../../support/distinct';
import { after, aKmsKey, anArn, aPolicy, NOW } from '../../../support/make';
import { rotationWorld } from '../../../support/rotation-world';

const DAY_MS = 86_400_000;

test('a due policy begins a rotation: the row, the fence on the key and the fact', async () => {
  const world = rotationWorld();
  const key = world.givenKey();

  const { planned } = await planRotations(world.ports);

  const [rotation] = world.control.all('rotation');
  expect(planned).toMatchObject({ started: 1 });
  expect(rotation).toMatchObject({ state: 'requested', startedBy: 'schedule', fromKeyMaterialId: key.keyMaterialId });
  expect(await world.control.find('kms-key', key.kmsKeyArn)).toMatchObject({ openRotationId: rotation?.rotationId });
  expect(world.facts()).toEqual(['rotation-due.v1']);
});

test('a policy that is not due yet is left alone', async () => {
  const world = rotationWorld();
  world.givenKey({}, { dueAt: after(1) });

  await planRotations(world.ports);

  expect(world.control.all('rotation')).toEqual([]);
});

test('two runs at the same time begin one rotation', async () => {
  const world = rotationWorld();
  world.givenKey();

  await Promise.all([planRotations(world.ports), planRotations(world.ports), planRotations(world.ports)]);

  expect(world.control.all('rotation')).toHaveLength(1);
  expect(world.facts()).toEqual(['rotation-due.v1']);
});

test('while a rotation is open its policy comes due again and asks for the same rotation', async () => {
  const world = rotationWorld();
  world.givenKey();
  await planRotations(world.ports);

  world.clock.advance(16 * 60_000);
  const { planned } = await planRotations(world.ports);

  expect(planned).toMatchObject({ 'asked-again': 1, started: 0 });
  expect(new Set(world.control.outbox.map(({ detail }) => detail['rotationId'])).size).toBe(1);
  expect(world.facts()).toEqual(['rotation-due.v1', 'rotation-due.v1']);
});

test('a blocked rotation is asked for again once a day, not every quarter of an hour', async () => {
  const world = rotationWorld();
  world.givenKey({}, { strategy: 'imported-material' });
  await planRotations(world.ports);
  await rotateKey({ rotationId: 'id-000001' }, world.ports);

  world.clock.advance(DAY_MS);
  await planRotations(world.ports);
  world.clock.advance(16 * 60_000);
  const { planned } = await planRotations(world.ports);

  expect(planned).toMatchObject({ 'asked-again': 0 });
});

test('a key with a job in flight waits for it', async () => {
  const world = rotationWorld();
  world.givenKey({ jobIds: ['job-1'] });

  const { planned } = await planRotations(world.ports);

  expect(planned).toMatchObject({ waiting: 1 });
  expect(world.control.all('rotation')).toEqual([]);
});

test.each(['retiring', 'disabled', 'deletion-scheduled'] as const)(
  'a key that is %s is never rotated again',
  async (state) => {
    const world = rotationWorld();
    world.givenKey({ state });

    await planRotations(world.ports);
    world.clock.advance(1000 * DAY_MS);
    const { planned } = await planRotations(world.ports);

    expect(distinct(Object.values(planned), (count) => count)).toEqual([0]);
    expect(world.control.all('rotation')).toEqual([]);
  },
);

test('a policy whose key is gone keeps no other back', async () => {
  const world = rotationWorld();
  world.control.given('rotation-policy', aPolicy({ kmsKeyArn: anArn('gone'), dueAt: after(-1), revision: 1 }));
  world.givenKey();

  const { planned, failed } = await planRotations(world.ports);

  expect(planned).toMatchObject({ started: 1, ended: 1 });
  expect(failed).toBe(0);
});

test('a policy that cannot be read now is counted and is due still', async () => {
  const world = rotationWorld();
  world.givenKey();
  world.control.given('kms-key', aKmsKey({ kmsKeyArn: anArn('two'), revision: 1 }));
  world.control.given('rotation-policy', aPolicy({ kmsKeyArn: anArn('two'), revision: 1 }));
  const { control } = world;
  const flaky = {
    ...control,
    find: ((entityType, id) => {
      if (entityType === 'kms-key' && id === anArn('two')) return control.find('kms-key', 'nobody').then(unreachable);
      return control.find(entityType, id);
    }) as typeof control.find,
  };

  const { planned, failed } = await planRotations({ ...world.ports, control: flaky });

  expect(planned).toMatchObject({ started: 1 });
  expect(failed).toBe(1);
  expect(await control.due('rotation-policy', NOW, 10)).toMatchObject([{ kmsKeyArn: anArn('two') }]);
});

test('what is due costs what is due: a run reads no key that is not', async () => {
  const world = rotationWorld();
  world.givenKey();
  for (let n = 0; n < 200; n += 1) {
    world.control.given('rotation-policy', aPolicy({ kmsKeyArn: anArn(`later-${n}`), dueAt: after(1), revision: 1 }));
  }
  let reads = 0;
  const { control } = world;
  const counted = {
    ...control,
    find: ((entityType, id) => {
      reads += 1;
      return control.find(entityType, id);
    }) as typeof control.find,
  };

  await planRotations({ ...world.ports, control: counted });

  expect(reads).toBeLessThanOrEqual(3);
});

function unreachable(): never {
  throw new KeywrightError('store.unreachable', 'no answer');
}

const NIGHTLY = { days: ['tue', 'wed'], from: '01:00', to: '05:00', timeZone: 'UTC' } as const;

test('outside its window a policy waits for the next opening, and begins there', async () => {
  const world = rotationWorld();
  world.givenKey({}, { window: NIGHTLY });

  const { planned } = await planRotations(world.ports);
  const policy = await world.control.find('rotation-policy', anArn());
  world.clock.advance(13 * 3_600_000);
  const inside = await planRotations(world.ports);

  expect(planned).toMatchObject({ started: 0, waiting: 1 });
  expect(policy).toMatchObject({ dueAt: '2026-11-25T01:00:00.000Z' });
  expect(inside.planned).toMatchObject({ started: 1 });
});

test('a rotation that began inside its window asks nothing of KMS outside', async () => {
  const world = rotationWorld();
  world.givenKey({}, { window: NIGHTLY, dueAt: '2026-11-25T04:59:00.000Z' });
  world.clock.advance(17 * 3_600_000 - 60_000);
  await planRotations(world.ports);
  const [rotation] = world.control.all('rotation');

  world.clock.advance(60_000);
  await rotateKey({ rotationId: rotation?.rotationId ?? '' }, world.ports);
  const outside = world.kms.spent(anArn());
  world.clock.advance(DAY_MS * 6);
  world.clock.advance(-4 * 3_600_000);
  await rotateKey({ rotationId: rotation?.rotationId ?? '' }, world.ports);

  expect(outside).toBe(0);
  expect(world.kms.spent(anArn())).toBe(1);
});

describe('a rule with another strategy', () => {
  const ruled = (world: ReturnType<typeof rotationWorld>, fields: Partial<Parameters<typeof aPolicy>[0]>) => {
    const [policy] = world.control.all('rotation-policy');
    if (!policy) throw new Error('the test has no policy');
    const ruledAt = world.clock.now();
    world.control.given('rotation-policy', { ...policy, scope: 'option/customer-specific', ruledAt, ...fields });
  };
  const begun = async (strategy: 'kms-automatic' | 'imported-material' | 'kms-on-demand') => {
    const world = rotationWorld();
    world.givenKey({}, { strategy, since: NOW });
    world.kms.describeAs(anArn(), { origin: strategy === 'imported-material' ? 'EXTERNAL' : 'AWS_KMS' });
    await planRotations(world.ports);
    await rotateKey({ rotationId: 'id-000001' }, world.ports);
    world.clock.advance(DAY_MS);
    return world;
  };

  test('ends an automatic rotation’s waiting when the other strategy is due, and not before', async () => {
    const world = await begun('kms-automatic');
    ruled(world, { strategy: 'replace', periodDays: 30 });

    const early = await planRotations(world.ports);
    await rotateKey({ rotationId: 'id-000001' }, world.ports);
    const stateBefore = world.control.all('rotation')[0];
    world.clock.advance(30 * DAY_MS);
    const late = await planRotations(world.ports);

    expect(early.planned).toMatchObject({ 'asked-again': 1 });
    expect(stateBefore).toMatchObject({ strategy: 'kms-automatic' });
    expect(await world.kms.rotationStatus(world.control.all('kms-key')[0] ?? aKmsKey())).toMatchObject({
      periodDays: 90,
    });
    expect(late.planned).toMatchObject({ 'asked-again': 1 });
    expect(world.control.all('rotation')).toMatchObject([{ strategy: 'replace', state: 'requested' }]);
  });

  test('ends the waiting for somebody who did not come', async () => {
    const world = await begun('imported-material');
    ruled(world, { strategy: 'replace' });

    await planRotations(world.ports);

    expect(world.control.all('rotation')).toMatchObject([{ strategy: 'replace', state: 'requested' }]);
    expect(await rotateKey({ rotationId: 'id-000001' }, world.ports)).toBe('rotated');
  });

  test('changes nothing about what KMS was asked for already', async () => {
    const world = await begun('kms-on-demand');
    ruled(world, { strategy: 'replace' });

    await planRotations(world.ports);

    expect(world.control.all('rotation')).toMatchObject([{ strategy: 'kms-on-demand' }]);
  });

  test('changes nothing about a rotation that ended after its key was read', async () => {
    const world = await begun('imported-material');
    ruled(world, { strategy: 'replace' });
    world.control.given(
      'rotation',
      ...world.control.all('rotation').map((row) => ({ ...row, state: 'rotated' as const })),
    );

    await planRotations(world.ports);

    expect(world.control.all('rotation')).toMatchObject([{ strategy: 'imported-material', state: 'rotated' }]);
  });
});

test('what KMS was asked for is looked at within minutes, also outside the window', async () => {
  const world = rotationWorld();
  world.givenKey({}, { strategy: 'imported-material', window: NIGHTLY, dueAt: '2026-11-25T04:59:00.000Z' });
  world.kms.describeAs(anArn(), { origin: 'EXTERNAL' });
  world.kms.importMaterial(anArn());
  world.clock.advance(17 * 3_600_000 - 60_000);
  await planRotations(world.ports);
  await rotateKey({ rotationId: 'id-000001' }, world.ports);

  const looks: (string | undefined)[] = [];
  for (let look = 0; look < 3; look += 1) {
    looks.push((await world.control.find('rotation-policy', anArn()))?.dueAt);
    world.clock.advance(5 * 60_000);
    await planRotations(world.ports);
  }

  expect(looks).toEqual(['2026-11-25T05:04:00.000Z', '2026-11-25T05:09:00.000Z', '2026-11-25T05:14:00.000Z']);
});
