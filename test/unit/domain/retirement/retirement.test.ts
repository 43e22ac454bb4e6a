/** The way of a replaced key out of the world: its stages, and what takes it back from each. */

import { verifyCertificate } from 'keywright-verify/certificate';
import { verifierKey } from '../../../../shared/domain/audit/log/signed-note';
import { probeKeys } from '../../../../shared/domain/availability/probe-keys';
import { KeywrightError } from '../../../../shared/domain/errors';
import { NEVER } from '../../../../shared/domain/instants';
import { declareBackup, releaseBackup } from '../../../../shared/domain/retirement/declare-backup';
import { deleteKey } from '../../../../shared/domain/retirement/delete-key';
import { followRetiredUse } from '../../../../shared/domain/retirement/follow-retired-use';
import { requestRetirement } from '../../../../shared/domain/retirement/request-retirement';
import { advanceRetirement, retireKey } from '../../../../shared/domain/retirement/retire-key';
import { undoRetirement } from '../../../../shared/domain/retirement/undo-retirement';
import { aDataKey, after, aKmsKey, NOW } from '../../../support/make';
import { aSigner } from '../../../support/memory-audit';
import { ALICE, BOB, DAY_MS, NEW, OLD, type RetirementWorld, retirementWorld } from '../../../support/retirement-world';

const SLOW = { quietDays: 7, disabledDays: 30, waitingDays: 7 };

/** A world whose key is in that stage, by the slow terms. */
async function at(
  stage: 'quiet' | 'disabled' | 'deletable' | 'deletion-scheduled',
  terms = {},
): Promise<RetirementWorld> {
  const world = retirementWorld({ ...SLOW, ...terms });
  await world.ended();
  if (stage === 'deletion-scheduled') {
    await world.until('deletable');
    await world.request('schedule-deletion');
    await world.approve('schedule-deletion');
    await deleteKey({ kmsKeyArn: OLD }, world.ports);
  } else await world.until(stage);
  return world;
}

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
    const world = await at('deletion-scheduled');

    const days = await world.until('deleted');

    expect(days).toBeGreaterThanOrEqual(7);
    expect(await world.row()).toMatchObject({ dueAt: NEVER });
  });

  test('while it is quiet nothing of ours uses it: its canary is left alone until it is back in use', async () => {
    const world = await at('quiet');
    await world.kms.finishRotations();

    await probeKeys(world.ports);
    const during = await world.control.find('key-watch', OLD);
    await undo(world, 'disable');

    expect(during?.dueAt).toBe(NEVER);
    expect(await world.control.find('key-watch', OLD)).toMatchObject({ dueAt: world.clock.now() });
  });

  test('a job that ends while it is on its way changes nothing', async () => {
    const world = await at('quiet');
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
    const world = await at('quiet');
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
    const world = await at(stage);
    await world.kms.scheduleDeletion({ kmsKeyArn: OLD, access: { via: 'key-policy' } }, 7);
    world.clock.advance(8 * DAY_MS);

    await world.pass(1);

    expect(await world.row()).toMatchObject({ stage: 'deleted', dueAt: NEVER });
  });

  test.each(['cloudtrail alone', 'KMS alone'])('a use that %s knows of counts', async (who) => {
    const world = await at('quiet');
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
      const world = await at(stage);
      await world.dataKeyTurnsUp();

      await world.pass(1.1);

      expect(world.kms.stateOf(OLD)).toBe('Enabled');
      expect(await world.row()).toMatchObject({ stage: 'watching', reason: 'still needed: 1 data keys' });
      expect(await world.key()).toMatchObject({ state: 'retiring' });
      expect(world.control.all('reencryption-job')).toMatchObject([{ kmsKeyArn: OLD, state: 'running' }]);
    },
  );

  test.each(['disabled', 'deletable', 'deletion-scheduled'] as const)(
    'a use of it while it is %s enables it at once, and it has to be quiet before it goes again',
    async (stage) => {
      const world = await at(stage, { quietDays: 0 });

      expect(await missed(world)).toBe('in-use-again');

      expect(world.kms.stateOf(OLD)).toBe('Enabled');
      expect(await world.row()).toMatchObject({ stage: 'watching', reason: expect.stringMatching(/Decrypt failed/) });
      expect(await world.until('disabled')).toBeGreaterThanOrEqual(7);
    },
  );

  test('the end of a job begins nothing before what KMS was asked for is set right', async () => {
    const world = await at('disabled', { quietDays: 0 });
    await missed(world);
    const row = await world.row();
    expect(row).toMatchObject({ settleKms: true });

    expect(await world.ended()).toBe('not-due');

    expect(await world.row()).toEqual(row);
  });

  test('the end of a job that was before the key came back comes again, and begins nothing', async () => {
    const world = await at('disabled', { quietDays: 0 });
    await missed(world);
    await world.pass(1);
    const row = await world.row();
    expect(row).not.toHaveProperty('settleKms');

    expect(await retireKey({ kmsKeyArn: OLD, toKmsKeyArn: NEW, at: row.since }, world.ports)).toBe('not-due');

    expect(await world.row()).toEqual(row);
  });

  test.each(['disabled', 'deletable', 'deletion-scheduled'] as const)(
    'where the terms say alert, a use while it is %s stops it: it stays disabled, is not deleted, and people are told once',
    async (stage) => {
      const world = await at(stage, { onUse: 'alert' });

      expect([await missed(world), await missed(world)]).toEqual(['stopped', 'ignored']);
      await world.pass(60);

      expect(world.kms.stateOf(OLD)).toBe('Disabled');
      expect(await world.row()).toMatchObject({ stage: 'disabled', held: { by: 'keywright' } });
      expect(world.told('retirement-stopped.v1')).toHaveLength(1);
      expect(await owed(world)).toMatchObject([{ kmsKeyArn: OLD, reason: expect.stringMatching(/^used while/) }]);
    },
  );

  test.each(['disabled', 'deletable', 'deletion-scheduled'] as const)(
    'a use of a compromised key that is %s never brings it back, whatever its terms are',
    async (stage) => {
      const world = await at(stage, { onUse: 'enable' });
      const key = await world.key();
      if (key) world.control.given('kms-key', { ...key, compromise: { compromiseId: 'c', at: world.clock.now() } });

      expect(await missed(world)).toBe('stopped');

      expect(world.kms.stateOf(OLD)).toBe('Disabled');
      expect(world.told('retirement-stopped.v1')).toHaveLength(1);
    },
  );

  test('a use of before it was disabled, told late, changes nothing', async () => {
    const world = await at('disabled');
    const usedAt = new Date(Date.parse(world.clock.now()) - DAY_MS).toISOString();
    const use = { factId: 'f', at: usedAt, kmsKeyArn: OLD, observed: 'Decrypt failed', usedAt };

    expect(await followRetiredUse(use, world.ports)).toBe('ignored');

    expect(world.kms.stateOf(OLD)).toBe('Disabled');
  });

  test('somebody who enables it in KMS gets it back into use', async () => {
    const world = await at('disabled');
    world.kms.become(OLD, 'Enabled');

    await world.pass(1.1);

    expect(await world.key()).toMatchObject({ state: 'retiring' });
    expect(await world.row()).toMatchObject({ stage: 'watching', reason: 'somebody enabled it in KMS' });
  });

  test('somebody who calls its deletion off in KMS stops it, disabled', async () => {
    const world = await at('deletion-scheduled');
    world.kms.become(OLD, 'Disabled');

    await world.pass(1.1);
    await world.pass(60);

    expect(await world.key()).toMatchObject({ state: 'disabled' });
    expect(await world.row()).toMatchObject({ stage: 'disabled', held: { by: 'KMS' } });
  });

  test('a deletion that nobody asked for here is told to people, and left to them', async () => {
    const world = await at('disabled');
    world.kms.become(OLD, 'PendingDeletion');

    await world.pass(1.1);

    expect(world.told('retirement-stopped.v1')).toMatchObject([{ reason: expect.stringMatching(/PendingDeletion/) }]);
    expect(await owed(world)).toMatchObject([{ stopId: world.told('retirement-stopped.v1')[0]?.['factId'] }]);
  });
});

describe('backups', () => {
  const declare = (world: RetirementWorld, retainUntil = '2027-06-30T00:00:00.000Z') =>
    declareBackup(
      { backupId: 'vault-7', kmsKeyArn: OLD, description: 'nightly snapshots', retainUntil, by: ALICE },
      world.ports,
    );

  test('while one is kept the key stays in use, and the certificate says which check found it', async () => {
    const world = retirementWorld();
    await declare(world);

    expect(await world.ended()).toBe('refused');

    expect(world.kms.stateOf(OLD)).toBe('Enabled');
    expect(world.told('key-retirement-refused.v1')).toMatchObject([{ references: ['backup vault-7'] }]);
    expect((await world.row()).certificate).toMatchObject({ verdict: 'needed' });
    expect((await world.row()).certificate?.note).toContain('"found":1,"source":"backups"');
  });

  test('one that was released may be declared again', async () => {
    const world = retirementWorld();
    await declare(world);
    await releaseBackup({ backupId: 'vault-7', by: BOB }, world.ports);

    await declare(world);

    expect(world.control.all('declared-backup')[0]).not.toHaveProperty('releasedAt');
    expect(await world.ended()).toBe('refused');
  });

  test('released, or over, it keeps nothing back', async () => {
    const released = retirementWorld();
    await declare(released);
    await released.ended();
    await releaseBackup({ backupId: 'vault-7', by: BOB }, released.ports);
    const over = retirementWorld();
    await declare(over, '2026-11-30T00:00:00.000Z');
    await over.ended();

    expect(await released.until('disabled')).toBe(1);
    expect(await over.until('disabled')).toBe(6);
  });

  test.each(['quiet', 'disabled', 'deletable', 'deletion-scheduled'] as const)(
    'declared while the key is %s, it puts the key back into use before it is believed',
    async (stage) => {
      const world = await at(stage);

      await declare(world);

      expect(world.kms.stateOf(OLD)).toBe('Enabled');
      expect(await world.row()).toMatchObject({ stage: 'watching', reason: 'needed by backup vault-7' });
      await world.pass(90);
      expect(world.kms.stateOf(OLD)).toBe('Enabled');
    },
  );

  test('it is declared once, under one key', async () => {
    const world = retirementWorld();
    await declare(world);
    await declare(world);
    const under = {
      backupId: 'vault-7',
      kmsKeyArn: OLD.replace('one', 'new'),
      description: 'x',
      retainUntil: '2027-06-30T00:00:00.000Z',
      by: ALICE,
    };

    await expect(declareBackup(under, world.ports)).rejects.toMatchObject({ code: 'state.forbids' });

    expect(world.told('backup-changed.v1')).toHaveLength(1);
    expect(await world.key()).toMatchObject({ backupIds: ['vault-7'] });
  });

  test('one that is over, of an unknown key, or that nobody declared is refused', async () => {
    const world = retirementWorld();
    const unknown = {
      backupId: 'b',
      kmsKeyArn: OLD.replace('one', 'nobody'),
      description: 'x',
      retainUntil: NEVER,
      by: ALICE,
    };

    await expect(declare(world, '2020-01-01T00:00:00.000Z')).rejects.toThrow(/^retainUntil: /);
    await expect(declareBackup(unknown, world.ports)).rejects.toThrow(/^key: .*not registered/);
    await expect(releaseBackup({ backupId: 'b', by: BOB }, world.ports)).rejects.toThrow(/^backupId: /);
  });
});

describe('undone by a person', () => {
  test('a deletion that is undone leaves the key disabled, for as long as nobody lets it go on', async () => {
    const world = await at('deletion-scheduled');

    await undo(world, 'schedule-deletion');
    await undo(world, 'schedule-deletion');
    await world.pass(60);

    expect(world.kms.stateOf(OLD)).toBe('Disabled');
    expect(await world.row()).toMatchObject({ stage: 'disabled', held: { by: ALICE, reason: 'wait' } });
    expect((await world.row()).deletionDate).toBeUndefined();
  });

  test.each(['quiet', 'disabled', 'deletable', 'deletion-scheduled'] as const)(
    'undone while it is %s, it is in use and stays so until a person lets it go',
    async (stage) => {
      const world = await at(stage);

      await undo(world, 'disable');
      await undo(world, 'disable');
      await world.pass(60);

      expect(world.kms.stateOf(OLD)).toBe('Enabled');
      expect(await world.row()).toMatchObject({ stage: 'watching', held: { by: ALICE } });
      await requestRetirement({ kmsKeyArn: OLD, by: ALICE }, world.ports);
      expect(await world.until('disabled')).toBeGreaterThanOrEqual(7);
    },
  );

  test('a compromised key opens what it opened, and takes nothing new', async () => {
    const world = await at('deletable');
    const key = await world.key();
    const compromise = { compromiseId: 'c', at: world.clock.now() };
    if (key) world.control.given('kms-key', { ...key, compromise });

    await undo(world, 'disable');
    const made = await world.kms.generateWrapped(aKmsKey({ kmsKeyArn: OLD }), {});
    const name = { customerId: 'acme', dataStoreId: 'documents', dataKeyId: 'new' };
    const creating = world.dataKeys.create({ ...name, ...made, createdAt: world.clock.now() });

    await expect(creating).rejects.toMatchObject({ code: 'state.changed-meanwhile' });
    expect(await world.key()).toMatchObject({ state: 'retiring', compromise });
  });

  test('a dry run touches nothing', async () => {
    const world = await at('deletion-scheduled');
    const request = { kmsKeyArn: OLD, reason: 'wait', by: ALICE, dryRun: true };
    const facts = world.facts().length;

    expect(await undoRetirement({ ...request, step: 'disable' }, world.ports)).toMatchObject({ stage: 'watching' });
    expect(await undoRetirement({ ...request, step: 'schedule-deletion' }, world.ports)).toMatchObject({
      stage: 'disabled',
    });

    expect([world.kms.stateOf(OLD), world.facts().length]).toEqual(['PendingDeletion', facts]);
  });

  test('an attempt to disable that reaches KMS after it was undone is undone again', async () => {
    const world = retirementWorld();
    const disable: typeof world.kms.disable = async (key) => {
      await undo(world, 'disable');
      await world.kms.disable(key);
      throw new KeywrightError('kms.unreachable', 'it died here');
    };
    Object.assign(world.ports, { administrator: { ...world.kms, disable } });
    await expect(world.ended()).rejects.toMatchObject({ retry: true });
    const before = world.kms.stateOf(OLD);

    await world.pass(0.1);

    expect([before, world.kms.stateOf(OLD)]).toEqual(['Disabled', 'Enabled']);
  });

  test('nothing brings back what KMS has deleted', async () => {
    const world = await at('deletion-scheduled');
    await world.until('deleted');

    await expect(undo(world, 'disable')).rejects.toMatchObject({ code: 'state.forbids' });
  });
});

describe('asked for by a person', () => {
  test('a key whose data keys stayed behind goes by the terms that the person gives', async () => {
    const world = retirementWorld();
    const terms = { quietDays: 0, approveDisable: false, disabledDays: 1, waitingDays: 7, onUse: 'alert' } as const;

    const tried = await requestRetirement({ kmsKeyArn: OLD, by: ALICE, terms, dryRun: true }, world.ports);
    expect(world.control.all('retirement')).toEqual([]);
    await requestRetirement({ kmsKeyArn: OLD, by: ALICE, terms }, world.ports);
    await advanceRetirement({ kmsKeyArn: OLD }, world.ports);

    expect(tried).toMatchObject({ terms });
    expect(await world.row()).toMatchObject({ stage: 'disabled', terms, asked: { by: ALICE, at: NOW } });
  });

  test.each([
    [{ waitingDays: 6 }, /^retirement\.waitingDays: must be a whole number of days from 7 to 30/],
    [{ waitingDays: 31 }, /^retirement\.waitingDays: /],
    [{ quietDays: -1 }, /^retirement\.quietDays: /],
    [{ disabledDays: 1.5 }, /^retirement\.disabledDays: /],
  ])('terms that contradict KMS are refused: %j', async (wrong, message) => {
    const world = retirementWorld();
    const terms = {
      quietDays: 0,
      approveDisable: false,
      disabledDays: 1,
      waitingDays: 7,
      onUse: 'alert',
      ...wrong,
    } as const;

    await expect(requestRetirement({ kmsKeyArn: OLD, by: ALICE, terms }, world.ports)).rejects.toThrow(message);
  });

  test.each([
    ['in use', { state: 'active' }, /^key: it is in use/],
    ['the customer’s', { option: 'customer-managed' }, /^key: the key is the customer’s/],
  ] as const)('a key that is %s is refused', async (_, fields, message) => {
    const world = retirementWorld({}, fields);

    await expect(requestRetirement({ kmsKeyArn: OLD, by: ALICE }, world.ports)).rejects.toThrow(message);
    await expect(requestRetirement({ kmsKeyArn: `${OLD}x`, by: ALICE }, world.ports)).rejects.toThrow(/not registered/);
  });
});

describe('certificates', () => {
  test('each stage has its own, signed, and chained to the one before', async () => {
    const world = await at('deletion-scheduled');
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
