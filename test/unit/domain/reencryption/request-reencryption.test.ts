import { reencryptionBatchDue } from '../../../../events/reencryption-batch-due';
import { inventoryOf } from '../../../../shared/domain/reencryption/inventory';
import { cancelJob } from '../../../../shared/domain/reencryption/jobs/cancel-job';
import { pauseJob } from '../../../../shared/domain/reencryption/jobs/pause-job';
import { progressOf } from '../../../../shared/domain/reencryption/jobs/progress';
import { reconcileJobs } from '../../../../shared/domain/reencryption/jobs/reconcile-jobs';
import { resumeJob, resumeJobs } from '../../../../shared/domain/reencryption/jobs/resume-job';
import type { ReencryptionRequest } from '../../../../shared/domain/reencryption/reencryption-request';
import {
  type RequestedReencryption,
  type RequestPorts,
  requestReencryption,
} from '../../../../shared/domain/reencryption/request-reencryption';
import { distinct } from '../../../support/distinct';
import { anArn } from '../../../support/make';
import { type RotationWorld, rotationWorld } from '../../../support/rotation-world';
import { settle } from '../../../support/settle';

const ANN = 'arn:aws:iam::111122223333:user/ann';
const DATA_KEYS = 12;
const DAY_MS = 86_400_000;

/** A key with data keys under its first material, which has newer material that nobody moved them to. */
async function leftBehind() {
  const world = rotationWorld();
  const key = world.givenKey();
  for (let at = 0; at < DATA_KEYS; at += 1) await world.givenDataKey(`data-key-${at}`);
  const newest = world.kms.rotate(anArn());
  world.control.given('kms-key', { ...key, keyMaterialId: newest, olderMaterialIds: [key.keyMaterialId] });
  return { world, newest, oldest: key.keyMaterialId };
}

/** A request that has one part. */
async function request(asked: ReencryptionRequest, ports: RequestPorts): Promise<RequestedReencryption> {
  const [only, ...others] = await requestReencryption(asked, ports);
  if (!only || others.length > 0) throw new Error(`${others.length + 1} parts instead of one`);
  return only;
}

const jobs = (world: RotationWorld) => world.control.all('reencryption-job');
const batches = (world: RotationWorld) =>
  world.control.outbox.filter(({ detailType }) => detailType === reencryptionBatchDue.detailType).length;
const rowsOf = (world: RotationWorld) =>
  JSON.stringify([world.control.all('kms-key'), jobs(world), world.control.all('reencryption-shard'), world.facts()]);

describe('request-reencryption', () => {
  test('what is under older material is moved to the newest, and the answer says how much', async () => {
    const { world, newest, oldest } = await leftBehind();

    const asked = await request({ kmsKeyArn: anArn() }, world.ports);
    await settle(world);

    expect(asked).toMatchObject({ toKmsKeyArn: anArn(), toKeyMaterialId: newest, toMove: DATA_KEYS });
    expect(asked.inventory).toEqual([
      { keyMaterialId: newest, isNewest: true, dataKeys: 0 },
      { keyMaterialId: oldest, isNewest: false, dataKeys: DATA_KEYS },
    ]);
    expect(jobs(world)).toMatchObject([{ jobId: asked.jobId, state: 'done', reencrypted: DATA_KEYS }]);
    expect(distinct(world.dataKeys.all(), ({ keyMaterialId }) => keyMaterialId)).toEqual([newest]);
  });

  test('asked twice, one job begins', async () => {
    const { world } = await leftBehind();

    const first = await request({ kmsKeyArn: anArn() }, world.ports);
    const second = await request({ kmsKeyArn: anArn() }, world.ports);

    expect(second.jobId).toBe(first.jobId);
    expect(jobs(world)).toHaveLength(1);
  });

  test('where everything is under the newest material, the job asks KMS for nothing and ends', async () => {
    const world = rotationWorld();
    world.givenKey();
    await world.givenDataKey('data-key-1');
    const [before] = world.dataKeys.all();

    const asked = await request({ kmsKeyArn: anArn() }, world.ports);
    await settle(world);

    expect(asked.toMove).toBe(0);
    expect(jobs(world)).toMatchObject([{ state: 'done', total: 0 }]);
    expect(world.dataKeys.all()).toEqual([before]);
  });

  test('a dry run counts and touches nothing', async () => {
    const { world } = await leftBehind();
    const before = rowsOf(world);

    const asked = await request({ kmsKeyArn: anArn(), dryRun: true }, world.ports);

    expect(asked).toMatchObject({ toMove: DATA_KEYS });
    expect(asked.jobId).toBeUndefined();
    expect(rowsOf(world)).toBe(before);
  });

  test('what an earlier job quarantined is tried again after the cause is fixed', async () => {
    const { world } = await leftBehind();
    const [sick] = world.dataKeys.all();
    if (!sick) throw new Error('There is no data key.');
    await world.dataKeys.replace({ ...sick, wrapped: new Uint8Array(64) });
    await request({ kmsKeyArn: anArn() }, world.ports);
    await settle(world);
    const spoiled = await world.dataKeys.find(sick);
    if (!spoiled) throw new Error('The data key is gone.');
    await world.dataKeys.replace({ ...spoiled, wrapped: sick.wrapped });

    await request({ kmsKeyArn: anArn() }, world.ports);
    await settle(world);

    expect(jobs(world)).toMatchObject([
      { reencrypted: DATA_KEYS - 1, quarantined: 1 },
      { reencrypted: 1, quarantined: 0 },
    ]);
    expect(world.dataKeys.all().filter(({ quarantined }) => quarantined)).toEqual([]);
  });

  test('from a key whose place was taken everything goes to the key that took it', async () => {
    const { world } = await leftBehind();
    const to = world.givenKey({ kmsKeyArn: anArn('two') });
    const from = await world.control.find('kms-key', anArn());
    if (from) world.control.given('kms-key', { ...from, state: 'retiring', replacedBy: to.kmsKeyArn });

    const asked = await request({ kmsKeyArn: anArn() }, world.ports);

    expect(asked).toMatchObject({ toKmsKeyArn: anArn('two'), toMove: DATA_KEYS });
  });

  test.each([
    ['an unknown key', anArn('unknown'), async () => undefined, 'state.not-found', /^kmsKeyArn: .*not registered/],
    [
      'a key that KMS has disabled',
      anArn(),
      async (world: RotationWorld) => world.kms.become(anArn(), 'Disabled'),
      'state.forbids',
      /^kmsKeyArn: .*Disabled in KMS. Enable it/,
    ],
    [
      'a key that retired',
      anArn(),
      async (world: RotationWorld) => {
        const key = await world.control.find('kms-key', anArn());
        if (key) world.control.given('kms-key', { ...key, state: 'disabled' });
      },
      'state.forbids',
      /^kmsKeyArn: the key is disabled/,
    ],
  ] as const)('%s is refused before anything is touched', async (_, kmsKeyArn, prepare, code, message) => {
    const { world } = await leftBehind();
    await prepare(world);
    const before = rowsOf(world);

    const asked = request({ kmsKeyArn }, world.ports);

    await expect(asked).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    expect(rowsOf(world)).toBe(before);
  });

  test('a key that cannot wrap data keys is refused by its kind', async () => {
    const { world } = await leftBehind();
    const describe = async () => ({
      ...(await world.kms.describe({ kmsKeyArn: anArn(), access: { via: 'key-policy' } })),
      keySpec: 'RSA_2048',
    });

    const asked = request({ kmsKeyArn: anArn() }, { ...world.ports, observer: { describe } });

    await expect(asked).rejects.toMatchObject({ code: 'input.invalid', message: expect.stringContaining('RSA_2048') });
  });
});

describe('a job that a person pauses', () => {
  async function paused() {
    const { world, newest } = await leftBehind();
    const { jobId = '' } = await request({ kmsKeyArn: anArn() }, world.ports);
    await pauseJob(jobId, ANN, world.ports);
    return { world, jobId, newest };
  }

  test('works no batch, and nothing but a person lets it go on', async () => {
    const { world, jobId } = await paused();
    const sent = batches(world);

    world.clock.advance(30 * DAY_MS);
    await reconcileJobs(world.ports);
    await resumeJobs(anArn(), world.ports);
    await settle(world);

    expect(batches(world)).toBe(sent);
    expect(await progressOf(jobId, world.ports)).toMatchObject({ state: 'paused', pausedBy: ANN, reencrypted: 0 });
  });

  test('goes on where it was when it is resumed, and comes to its end', async () => {
    const { world, jobId, newest } = await paused();
    const from = world.control.outbox.length;

    await resumeJob(jobId, ANN, world.ports);
    await settle(world, from);

    expect(jobs(world)).toMatchObject([{ state: 'done', reencrypted: DATA_KEYS }]);
    expect(jobs(world)[0]?.pausedBy).toBeUndefined();
    expect(distinct(world.dataKeys.all(), ({ keyMaterialId }) => keyMaterialId)).toEqual([newest]);
  });

  test('each change is told once, with who asked for it', async () => {
    const { world, jobId } = await paused();
    await pauseJob(jobId, ANN, world.ports);
    await resumeJob(jobId, ANN, world.ports);
    await resumeJob(jobId, ANN, world.ports);
    await cancelJob(jobId, world.ports, ANN);
    await cancelJob(jobId, world.ports, ANN);

    const told = world.control.outbox.filter(({ detailType }) => detailType === 'reencryption-changed.v1');
    expect(told.map(({ detail }) => [detail['from'], detail['to'], detail['by'], detail['customerId']])).toEqual([
      ['running', 'paused', ANN, 'acme'],
      ['paused', 'running', ANN, 'acme'],
      ['running', 'cancelled', ANN, 'acme'],
    ]);
  });

  test('that is over is neither paused nor resumed', async () => {
    const { world, jobId } = await paused();
    await cancelJob(jobId, world.ports, ANN);

    for (const steer of [pauseJob, resumeJob]) {
      await expect(steer(jobId, ANN, world.ports)).rejects.toMatchObject({
        code: 'state.forbids',
        message: expect.stringMatching(/^jobId: .*cancelled/),
      });
    }
  });
});

test('progress tells the rate since the job began and the time that is left', async () => {
  const { world } = await leftBehind();
  const { jobId = '' } = await request({ kmsKeyArn: anArn() }, world.ports);
  expect(await progressOf(jobId, world.ports)).not.toHaveProperty('perSecond');
  world.clock.advance(4_000);
  await settle(world);

  expect(await progressOf(jobId, world.ports)).toMatchObject({ perSecond: DATA_KEYS / 4 });
});

test('an inventory counts by material, whatever a key has left behind', async () => {
  const { world, newest, oldest } = await leftBehind();
  await world.givenDataKey('new-data');
  const key = await world.control.find('kms-key', anArn());

  expect(key && (await inventoryOf(key, world.ports))).toEqual([
    { keyMaterialId: newest, isNewest: true, dataKeys: 1 },
    { keyMaterialId: oldest, isNewest: false, dataKeys: DATA_KEYS },
  ]);
});
