/** The way of a replaced key out of the world: its stages, and what takes it back from each. */

import { verifyCertificate } from 'keywright-verify/certificate';
import { verifierKey } from '../../../../shared/domain/audit/log/signed-note';
import { probeKeys } from '../../../../shared/domain/availability/probe-keys';
import { KeywrightError } from '../../../../shared/domain/errors';
import { NEVER } from '../../../../shared/domain/instants';
import { followRetiredUse } from '../../../../shared/domain/retirement/follow-retired-use';
import { advanceRetirement, retireKey } from '../../../../shared/domain/retirement/retire-key';
import { undoRetirement } from '../../../../shared/domain/retirement/undo-retirement';
import { aDataKey, after, aKmsKey, NOW } from '../../../support/make';
import { aSigner } from '../../../support/memory-audit';
import {
  ALICE,
  BOB,
  DAY_MS,
  NEW,
  OLD,
  type RetirementWorld,
  retirementAt,
  retirementWorld,
  SLOW,
} from '../../../support/retirement-world';

/** The pages about stopped retirements that nobody has had yet. */
const owed = (world: RetirementWorld) => world.control.due('retirement-stop', world.clock.now(), 10);

const undo = (world: RetirementWorld, step: 'disable' | 'schedule-deletion') =>
  undoRetirement({ kmsKeyArn: OLD, step, reason: 'wait', by: ALICE }, world.ports);

const missed = (world: RetirementWorld) =>
  followRetiredUse(
    { factId: 'f', at: world.clock.now(), kmsKeyArn: OLD, observed: 'Decrypt failed', usedAt: world.clock.now() },
    world.ports,
  );

describe('by its terms', () => {
  test('a key is quiet for its days, disabled for its days, and then waits for two people', async () => {
    const world = retirementWorld(SLOW);
    await world.ended();

    expect(await world.until('disabled')).toBeGreaterThanOrEqual(7);
    expect(world.kms.stateOf(OLD)).toBe('Disabled');
    expect(await world.until('deletable')).toBe(30);
    await world.pass(100);

    expect(world.kms.stateOf(OLD)).toBe('Disabled');
    expect((await world.row()).stage).toBe('deletable');
  });

  test('what is approved is deleted when KMS says so, and its retirement is over', async () => {
    const world = await retirementAt('deletion-scheduled');

    const days = await world.until('deleted');

    expect(days).toBeGreaterThanOrEqual(7);
    expect(await world.row()).toMatchObject({ dueAt: NEVER });
  });

  test('while it is quiet nothing of ours uses it: its canary is left alone until it is back in use', async () => {
    const world = await retirementAt('quiet');
    await world.kms.finishRotations();

    await probeKeys(world.ports);
    const during = await world.control.find('key-watch', OLD);
    await undo(world, 'disable');

    expect(during?.dueAt).toBe(NEVER);
    expect(await world.control.find('key-watch', OLD)).toMatchObject({ dueAt: world.clock.now() });
  });

  test('a job that ends while it is on its way changes nothing', async () => {
    const world = await retirementAt('quiet');
    const before = await world.row();

    expect(await world.ended()).toBe('not-due');

    expect(await world.row()).toEqual(before);
  });

  test('where disabling takes two people, it is certified and waits for them', async () => {
    const world = retirementWorld({ approveDisable: true });
    await world.ended();
    await world.pass(40);
    const before = world.kms.stateOf(OLD);

    await world.request('disable');
    await world.approve('disable');
    await advanceRetirement({ kmsKeyArn: OLD }, world.ports);

    expect([before, world.kms.stateOf(OLD)]).toEqual(['Enabled', 'Disabled']);
    expect(await world.control.find('approval', `${OLD}/disable`)).toMatchObject({ usedAt: world.clock.now() });
  });
});

describe('what takes it back', () => {
  test('a use begins the quiet period anew', async () => {
    const world = await retirementAt('quiet');
    await world.pass(5);
    await world.use();
    await world.pass(3);
    const after = await world.row();

    expect(after).toMatchObject({ stage: 'quiet', reason: expect.stringMatching(/^used at /) });
    expect(await world.until('disabled')).toBeGreaterThanOrEqual(4);
  });

  test('a use while two people are waited for begins the quiet period anew', async () => {
    const world = retirementWorld({ ...SLOW, approveDisable: true });
    await world.ended();
    await world.until('disable-due');
    await world.pass(1);
    await world.use();
    await world.pass(1);

    expect(await world.row()).toMatchObject({ stage: 'quiet', reason: expect.stringMatching(/^used at /) });
    expect(world.told('retirement-advanced.v1').at(-1)).toMatchObject({ from: 'disable-due', to: 'quiet' });
  });

  test.each(['disabled', 'deletable'] as const)('what somebody else has deleted while %s is over', async (stage) => {
    const world = await retirementAt(stage);
    await world.kms.scheduleDeletion({ kmsKeyArn: OLD, access: { via: 'key-policy' } }, 7);
    world.clock.advance(8 * DAY_MS);

    await world.pass(1);

    expect(await world.row()).toMatchObject({ stage: 'deleted', dueAt: NEVER });
  });

  test.each(['cloudtrail alone', 'KMS alone'])('a use that %s knows of counts', async (who) => {
    const world = await retirementAt('quiet');
    await world.pass(2);
    if (who === 'KMS alone') await world.use();
    else await world.ports.lastUses.note(OLD, world.clock.now());
    await world.pass(5.5);

    expect((await world.row()).stage).toBe('quiet');
    expect(world.kms.stateOf(OLD)).toBe('Enabled');
  });

  test('a KMS that does not tell last uses keeps no key back, and the certificate says so', async () => {
    const world = retirementWorld();
    const lastUse = () => Promise.reject(new KeywrightError('kms.access-denied', 'no'));
    Object.assign(world.ports, { observer: { ...world.kms, lastUse } });

    await world.ended();

    expect(world.kms.stateOf(OLD)).toBe('Disabled');
    const [{ certificate = '' } = {}] = world.told('retirement-certified.v1');
    expect(certificate).toContain('"silent":"kms.access-denied"');
  });

  test.each(['quiet', 'disabled', 'deletable', 'deletion-scheduled'] as const)(
    'a data key that turns up while it is %s brings it back into use, and is moved',
    async (stage) => {
      const world = await retirementAt(stage);
      await world.dataKeyTurnsUp();

      await world.pass(1.1);

      expect(world.kms.stateOf(OLD)).toBe('Enabled');
      expect(await world.row()).toMatchObject({ stage: 'watching', reason: 'still needed: 1 data keys' });
      expect(await world.key()).toMatchObject({ state: 'retiring' });
      expect(world.control.all('reencryption-job')).toMatchObject([{ kmsKeyArn: OLD, state: 'running' }]);
    },
  );

  test('the end of a job begins nothing before what KMS was asked for is set right', async () => {
    const world = await retirementAt('disabled', { quietDays: 0 });
    await missed(world);
    const row = await world.row();
    expect(row).toMatchObject({ settleKms: true });

    expect(await world.ended()).toBe('not-due');

    expect(await world.row()).toEqual(row);
  });

  test('the end of a job that was before the key came back comes again, and begins nothing', async () => {
    const world = await retirementAt('disabled', { quietDays: 0 });
    await missed(world);
    await world.pass(1);
    const row = await world.row();
    expect(row).not.toHaveProperty('settleKms');

    expect(await retireKey({ kmsKeyArn: OLD, toKmsKeyArn: NEW, at: row.since }, world.ports)).toBe('not-due');

    expect(await world.row()).toEqual(row);
  });

  test('somebody who enables it in KMS gets it back into use', async () => {
    const world = await retirementAt('disabled');
    world.kms.become(OLD, 'Enabled');

    await world.pass(1.1);

    expect(await world.key()).toMatchObject({ state: 'retiring' });
    expect(await world.row()).toMatchObject({ stage: 'watching', reason: 'somebody enabled it in KMS' });
  });

  test('somebody who calls its deletion off in KMS stops it, disabled', async () => {
    const world = await retirementAt('deletion-scheduled');
    world.kms.become(OLD, 'Disabled');

    await world.pass(1.1);
    await world.pass(60);

    expect(await world.key()).toMatchObject({ state: 'disabled' });
    expect(await world.row()).toMatchObject({ stage: 'disabled', held: { by: 'KMS' } });
  });

  test('a deletion that nobody asked for here is told to people, and left to them', async () => {
    const world = await retirementAt('disabled');
    world.kms.become(OLD, 'PendingDeletion');

    await world.pass(1.1);

    expect(world.told('retirement-stopped.v1')).toMatchObject([{ reason: expect.stringMatching(/PendingDeletion/) }]);
    expect(await owed(world)).toMatchObject([{ stopId: world.told('retirement-stopped.v1')[0]?.['factId'] }]);
  });
});

describe('certificates', () => {
  test('each stage has its own, signed, and chained to the one before', async () => {
    const world = await retirementAt('deletion-scheduled');
    const publicKey = verifierKey('keywright/audit/acme', await aSigner().publicKey());

    const issued = world
      .told('retirement-certified.v1')
      .map(({ certificate }) => verifyCertificate(String(certificate), publicKey));

    expect(issued.map(({ certificate }) => certificate.verdict)).toEqual([
      'safe-to-disable',
      'safe-to-delete',
      'deletion-scheduled',
    ]);
    expect(issued.map(({ certificate }) => certificate['before'])).toEqual([
      undefined,
      issued[0]?.hash,
      issued[1]?.hash,
    ]);
    expect(issued[2]?.certificate['approvals']).toMatchObject([
      { step: 'schedule-deletion', requestedBy: ALICE, approvedBy: BOB, certificateHash: issued[1]?.hash },
    ]);
    expect((await world.row()).certificate?.hash).toBe(issued[2]?.hash);
  });

  test('it names every source that was looked at, the keys’ materials and when', async () => {
    const world = retirementWorld();
    await world.ended();
    const publicKey = verifierKey('keywright/retirement', await aSigner().publicKey());

    const { certificate } = verifyCertificate((await world.row()).certificate?.note ?? '', publicKey);

    expect(certificate.checks.map(({ source }) => source)).toEqual([
      'jobs',
      'backups',
      'data-stores-by-index',
      'data-keys-by-index',
      'data-stores-by-count',
      'data-keys-by-table',
      'data-keys-set-aside',
    ]);
    expect(certificate).toMatchObject({ keyMaterialIds: world.kms.materialIds(OLD), kmsKeyArn: OLD });
  });

  test.each([
    ['in another customer’s data store', { customerId: 'zeta', dataStoreId: 'documents' }],
    ['in a data store that nobody registered', { customerId: 'acme', dataStoreId: 'nowhere' }],
  ])('a data key %s is told by name to those who run this, and lets the key go once it is gone', async (_, place) => {
    const world = retirementWorld();
    const keyMaterialId = world.kms.materialIds(OLD).at(-1) ?? '';
    const astray = aDataKey({ ...place, dataKeyId: 'x', kmsKeyArn: OLD, keyMaterialId, revision: 1 });
    world.dataKeys.misplace(astray, astray);

    expect(await world.ended()).toBe('refused');
    await world.pass(1);

    const told = world.control.outbox.filter(({ detailType }) => detailType === 'key-retirement-refused.v1');
    expect(told).toHaveLength(1);
    expect(JSON.stringify(told)).not.toContain(`${place.customerId}/${place.dataStoreId}`);
    const { retirementRefused } = (await world.key()) ?? {};
    expect(retirementRefused?.references.join()).toContain(`${place.customerId}/${place.dataStoreId}/x`);
    expect((await world.row()).reason).toContain(`${place.customerId}/${place.dataStoreId}/x, astray`);

    world.dataKeys.misplace({ ...astray, kmsKeyArn: NEW }, astray);
    await world.pass(1);
    expect((await world.row()).stage).toBe('disabled');
  });

  test('a data key astray takes a disabled key back, and no fact names it', async () => {
    const world = retirementWorld();
    await world.ended();
    const keyMaterialId = world.kms.materialIds(OLD).at(-1) ?? '';
    const astray = aDataKey({ customerId: 'zeta', dataKeyId: 'x', kmsKeyArn: OLD, keyMaterialId, revision: 1 });
    world.dataKeys.misplace(astray, astray);

    await world.pass(1);

    expect(await world.row()).toMatchObject({ stage: 'watching', reason: expect.stringContaining('zeta') });
    expect(JSON.stringify(world.control.outbox)).not.toContain('zeta');
  });

  test('what the index alone still shows is no need: it is waited for', async () => {
    const world = retirementWorld();
    const name = { customerId: 'zeta', dataStoreId: 'documents', dataKeyId: 'x' };
    const late = { ...world.dataKeys, countUnder: async () => 1 };
    world.dataKeys.misplace(aDataKey({ ...name, kmsKeyArn: NEW, revision: 1 }), name);

    expect(
      await retireKey({ kmsKeyArn: OLD, toKmsKeyArn: NEW, at: after(1, NOW) }, { ...world.ports, dataKeys: late }),
    ).toBe('waiting');
  });

  test('while the index does not show them all nothing is certified', async () => {
    const world = retirementWorld();
    world.control.given('data-store-count', { kmsKeyArn: OLD, dataStores: 1, revision: 1 });

    await expect(world.ended()).rejects.toMatchObject({ code: 'store.index-behind' });

    expect(world.kms.stateOf(OLD)).toBe('Enabled');
  });
});

describe('a key that somebody else deletes in KMS before it is disabled', () => {
  const deletedWhileQuiet = async () => {
    const world = await retirementAt('quiet');
    await world.kms.scheduleDeletion(aKmsKey({ kmsKeyArn: OLD }), 14);
    return world;
  };

  test('is no further retired until a person has looked, who is told once, and is not deleted', async () => {
    const world = await deletedWhileQuiet();

    for (let day = 0; day < 12; day += 1) await world.pass(1);

    expect(world.told('retirement-stopped.v1')).toMatchObject([{ reason: expect.stringMatching(/PendingDeletion/) }]);
    expect(await world.row()).toMatchObject({ stage: 'disabled', held: { by: 'keywright' } });
    expect(world.kms.stateOf(OLD)).toBe('Disabled');
  });

  test('is known to be deleted once it is', async () => {
    const world = await deletedWhileQuiet();
    world.clock.advance(20 * DAY_MS);

    await world.until('deleted');

    expect(world.told('retirement-stopped.v1')).toEqual([]);
  });
});
