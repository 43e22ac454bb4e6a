import type { RotationStrategy } from '../../../../events/fields';
import { KeywrightError } from '../../../../shared/domain/errors';
import { planRotations } from '../../../../shared/domain/rotation/plan-rotations';
import { requestRotation } from '../../../../shared/domain/rotation/request-rotation';
import { rotateKey } from '../../../../shared/domain/rotation/rotate-key';
import type { RotationPolicy } from '../../../../shared/domain/rotation/rotation-policy';
import { anArn, after as fromNow, OUR_ACCOUNT } from '../../../support/make';
import { type RotationWorld, rotationWorld } from '../../../support/rotation-world';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

async function opened(strategy: RotationStrategy, policy: Partial<RotationPolicy> = {}, world = rotationWorld()) {
  world.givenKey(strategy === 'customer' ? { option: 'customer-managed' } : {}, { strategy, ...policy });
  await planRotations(world.ports);
  return { world, rotationId: rotationIn(world).rotationId };
}

function rotationIn(world: RotationWorld) {
  const [rotation] = world.control.all('rotation');
  if (!rotation) throw new Error('the plan began no rotation');
  return rotation;
}

const factsNamed = (world: RotationWorld, detailType: string) =>
  world.control.outbox.filter((fact) => fact.detailType === detailType).map(({ detail }) => detail);

/** Days pass: each day the planner asks for what is open, and it is looked at. */
async function days(count: number, world: RotationWorld, rotationId: string): Promise<void> {
  for (let day = 0; day < count; day += 1) {
    world.clock.advance(DAY_MS);
    await planRotations(world.ports);
    await rotateKey({ rotationId }, world.ports);
  }
}

describe('on demand', () => {
  const spending = (times: number) => {
    const world = rotationWorld();
    world.givenKey();
    const keyMaterialId = world.kms.spend(anArn(), times);
    world.control.given('kms-key', { ...keyIn(world), keyMaterialId });
    return world;
  };
  const keyIn = (world: RotationWorld) => {
    const [key] = world.control.all('kms-key');
    if (!key) throw new Error('the test has no key');
    return key;
  };

  test.each([
    [22, 'kms-on-demand'],
    [23, 'replace'],
    [25, 'replace'],
  ] as const)('a schedule goes on by %i spent: %s', async (times, strategy) => {
    const world = spending(times);
    await planRotations(world.ports);

    await rotateKey(rotationIn(world), world.ports);

    expect(rotationIn(world).strategy).toBe(strategy);
    expect(world.kms.spent(anArn())).toBe(strategy === 'replace' ? times : times + 1);
  });

  test('before the limit another key takes the place of this one, with 25 of its own, and says why', async () => {
    const world = spending(23);
    await planRotations(world.ports);
    await rotateKey(rotationIn(world), world.ports);

    expect(await rotateKey(rotationIn(world), world.ports)).toBe('rotated');

    const [fellOver] = factsNamed(world, 'rotation-strategy-changed.v1');
    expect(fellOver).toMatchObject({
      from: 'kms-on-demand',
      to: 'replace',
      reason: expect.stringMatching(/^23 of the 25/),
    });
    const successor = rotationIn(world).toKmsKeyArn ?? '';
    expect(successor).not.toBe(anArn());
    expect(await world.control.find('rotation-policy', successor)).toMatchObject({ strategy: 'kms-on-demand' });
  });

  test('a person may have what a schedule leaves, and not one more', async () => {
    const world = spending(24);
    await requestRotation({ kmsKeyArn: anArn() }, world.ports);
    await rotateKey(rotationIn(world), world.ports);
    world.kms.finishRotations();
    await rotateKey(rotationIn(world), world.ports);
    const { rotationId } = await requestRotation({ kmsKeyArn: anArn() }, world.ports);

    await rotateKey({ rotationId }, world.ports);

    expect(world.kms.spent(anArn())).toBe(25);
    expect(await world.control.find('rotation', rotationId)).toMatchObject({ strategy: 'replace' });
  });

  test('a limit that only KMS knew of is handled as the same', async () => {
    const { world, rotationId } = await opened('kms-on-demand');
    const rotateOnDemand = () => Promise.reject(new KeywrightError('kms.limit-exceeded', 'no more'));

    await rotateKey({ rotationId }, { ...world.ports, administrator: { ...world.kms, rotateOnDemand } });

    expect(rotationIn(world)).toMatchObject({ strategy: 'replace', state: 'requested' });
    expect(rotationIn(world)).not.toHaveProperty('askedAt');
  });

  test('an automatic rotation within 20 minutes is waited for: nothing fails, and nothing is spent', async () => {
    const { world, rotationId } = await opened('kms-on-demand');
    const rotateOnDemand = () => Promise.reject(new KeywrightError('kms.conflict', 'an automatic rotation is due'));
    const conflicting = { ...world.ports, administrator: { ...world.kms, rotateOnDemand } };

    for (let look = 0; look < 4; look += 1) {
      expect(await rotateKey({ rotationId }, conflicting)).toBe('waiting');
      world.clock.advance(5 * MINUTE_MS);
    }
    expect(await rotateKey({ rotationId }, world.ports)).toBe('waiting');

    expect(world.kms.spent(anArn())).toBe(1);
  });

  test('the automatic rotation that was in the way counts as the one that was due', async () => {
    const { world, rotationId } = await opened('kms-on-demand');
    const rotateOnDemand = () => Promise.reject(new KeywrightError('kms.conflict', 'an automatic rotation is due'));
    await rotateKey({ rotationId }, { ...world.ports, administrator: { ...world.kms, rotateOnDemand } });

    world.kms.rotate(anArn());

    expect(await rotateKey({ rotationId }, world.ports)).toBe('rotated');
    expect(world.kms.spent(anArn())).toBe(0);
  });
});

describe('automatic', () => {
  test('a setting that somebody changed is set back, and told once', async () => {
    const { world, rotationId } = await opened('kms-automatic');
    await rotateKey({ rotationId }, world.ports);

    world.kms.setAutomatic(anArn(), undefined);
    await days(3, world, rotationId);

    expect(await world.kms.rotationStatus(ref)).toMatchObject({ automatic: true, periodDays: 90 });
    expect(factsNamed(world, 'automatic-rotation-drifted.v1')).toMatchObject([
      { found: 'off', wantedDays: 90, repaired: true },
    ]);
  });

  test('a policy that only reports touches nothing, and tells each change once', async () => {
    const { world, rotationId } = await opened('kms-automatic', { onDrift: 'report' });
    await rotateKey({ rotationId }, world.ports);

    world.kms.setAutomatic(anArn(), 365);
    await days(3, world, rotationId);
    world.kms.setAutomatic(anArn(), undefined);
    await days(3, world, rotationId);

    expect(await world.kms.rotationStatus(ref)).toMatchObject({ automatic: false });
    expect(factsNamed(world, 'automatic-rotation-drifted.v1')).toMatchObject([
      { found: 'every 365 days', repaired: false },
      { found: 'off', repaired: false },
    ]);
  });

  test('a setting that KMS does not show yet is no drift', async () => {
    const { world, rotationId } = await opened('kms-automatic');
    const rotationStatus = async () => ({ automatic: false, inProgress: false });
    const lagging = { ...world.ports, observer: { ...world.kms, rotationStatus } };

    await rotateKey({ rotationId }, lagging);
    world.clock.advance(MINUTE_MS);
    await rotateKey({ rotationId }, lagging);

    expect(factsNamed(world, 'automatic-rotation-drifted.v1')).toEqual([]);
  });

  test('a period that the policy changed is no drift', async () => {
    const { world, rotationId } = await opened('kms-automatic');
    await rotateKey({ rotationId }, world.ports);
    const policy = await world.control.find('rotation-policy', anArn());
    if (policy) world.control.given('rotation-policy', { ...policy, periodDays: 180 });

    await days(1, world, rotationId);

    expect(await world.kms.rotationStatus(ref)).toMatchObject({ periodDays: 180 });
    expect(factsNamed(world, 'automatic-rotation-drifted.v1')).toEqual([]);
  });

  test.each([
    ['imported material', { origin: 'EXTERNAL' }, /imported-material/],
    ['a custom key store', { origin: 'AWS_CLOUDHSM' }, /replace/],
    ['a replica', { multiRegion: 'replica' }, /primary/],
    ['an asymmetric key', { keySpec: 'RSA_4096' }, /replace/],
  ] as const)('%s is not rotated by KMS: the rotation is blocked and says what can', async (_, about, way) => {
    const world = rotationWorld();
    world.givenKey({}, { strategy: 'kms-automatic' });
    world.kms.describeAs(anArn(), about);
    await planRotations(world.ports);

    expect(await rotateKey(rotationIn(world), world.ports)).toBe('blocked');

    expect(rotationIn(world).blockedBy).toMatch(way);
    expect(await world.kms.rotationStatus(ref)).toMatchObject({ automatic: false });
  });
});

describe('customer', () => {
  test('the customer is asked, reminded every week, and after the fifth time the rotation is blocked', async () => {
    const { world, rotationId } = await opened('customer');

    await rotateKey({ rotationId }, world.ports);
    await days(34, world, rotationId);
    const before = rotationIn(world).state;
    await days(10, world, rotationId);

    const asked = factsNamed(world, 'customer-rotation-requested.v1');
    expect(asked.map(({ times }) => times)).toEqual([1, 2, 3, 4, 5]);
    expect(asked[0]).toMatchObject({ customerId: 'acme', rotationId, timesMax: 5 });
    expect(before).toBe('requested');
    expect(rotationIn(world)).toMatchObject({ state: 'blocked', blockedBy: expect.stringMatching(/asked 5 times/) });
    expect(factsNamed(world, 'rotation-blocked.v1')).toHaveLength(1);
  });

  test.each([0, 3, 60])('what they do is followed, %i days later', async (count) => {
    const { world, rotationId } = await opened('customer');
    await rotateKey({ rotationId }, world.ports);
    await days(count, world, rotationId);

    world.kms.rotate(anArn());

    expect(await rotateKey({ rotationId }, world.ports)).toBe('rotated');
    expect(world.facts().at(-1)).toBe('key-rotated.v1');
  });
});

describe('imported material', () => {
  const imported = async (about = {}) => {
    const world = rotationWorld();
    world.givenKey({}, { strategy: 'imported-material', periodDays: 365 });
    world.kms.describeAs(anArn(), { origin: 'EXTERNAL', ...about });
    await planRotations(world.ports);
    return { world, rotationId: rotationIn(world).rotationId };
  };

  test('new material is asked for, and KMS rotates to it once it is there', async () => {
    const { world, rotationId } = await imported();
    await rotateKey({ rotationId }, world.ports);
    const asked = factsNamed(world, 'key-material-requested.v1');
    const spentBefore = world.kms.spent(anArn());

    world.kms.importMaterial(anArn());
    await rotateKey({ rotationId }, world.ports);
    world.kms.finishRotations();

    expect(asked).toMatchObject([{ rotationId, times: 1 }]);
    expect(spentBefore).toBe(0);
    expect(await rotateKey({ rotationId }, world.ports)).toBe('rotated');
    expect(world.kms.spent(anArn())).toBe(1);
  });

  test('nobody who imports leaves it blocked, and material that comes after all is rotated to', async () => {
    const { world, rotationId } = await imported();
    await rotateKey({ rotationId }, world.ports);
    await days(36, world, rotationId);
    expect(rotationIn(world)).toMatchObject({
      state: 'blocked',
      blockedBy: expect.stringMatching(/none was imported/),
    });

    world.kms.importMaterial(anArn());
    await days(1, world, rotationId);
    world.kms.finishRotations();
    await days(1, world, rotationId);

    expect(rotationIn(world).state).toBe('rotated');
  });

  test('material that expires is told of once, and its successor is due in time', async () => {
    const expiresAt = fromNow(20 * DAY_MS);
    const { world, rotationId } = await imported({ validTo: expiresAt });

    await rotateKey({ rotationId }, world.ports);
    await days(3, world, rotationId);
    world.kms.importMaterial(anArn());
    world.kms.describeAs(anArn(), { origin: 'EXTERNAL', validTo: fromNow(200 * DAY_MS) });
    await days(1, world, rotationId);
    world.kms.finishRotations();
    await days(1, world, rotationId);

    expect(factsNamed(world, 'key-material-expiring.v1')).toMatchObject([{ kmsKeyArn: anArn(), expiresAt }]);
    expect(await world.control.find('rotation-policy', anArn())).toMatchObject({ dueAt: fromNow(170 * DAY_MS) });
  });

  test('a key whose material KMS made takes none: the rotation is blocked', async () => {
    const { world, rotationId } = await imported({ origin: 'AWS_KMS' });

    expect(await rotateKey({ rotationId }, world.ports)).toBe('blocked');
    expect(rotationIn(world).blockedBy).toMatch(/kms-on-demand/);
  });

  test('at the limit of rotations a person has to decide: the key is not replaced by itself', async () => {
    const world = rotationWorld();
    const key = world.givenKey({}, { strategy: 'imported-material' });
    const keyMaterialId = world.kms.spend(anArn(), 23);
    world.control.given('kms-key', { ...key, keyMaterialId });
    world.kms.describeAs(anArn(), { origin: 'EXTERNAL' });
    world.kms.importMaterial(anArn());
    await planRotations(world.ports);

    expect(await rotateKey(rotationIn(world), world.ports)).toBe('blocked');
    expect(rotationIn(world)).toMatchObject({
      strategy: 'imported-material',
      blockedBy: expect.stringMatching(/new key/),
    });
  });
});

const ref = { kmsKeyArn: anArn('one', OUR_ACCOUNT), access: { via: 'key-policy' } } as const;
