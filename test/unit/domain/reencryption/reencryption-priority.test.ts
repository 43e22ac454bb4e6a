import { keyRotated } from '../../../../events/key-rotated';
import type { ReencryptionBatchDue } from '../../../../events/reencryption-batch-due';
import type { KmsKey } from '../../../../shared/domain/keys/kms-key';
import { progressOf } from '../../../../shared/domain/reencryption/jobs/progress';
import { reconcileJobs } from '../../../../shared/domain/reencryption/jobs/reconcile-jobs';
import { setPriority } from '../../../../shared/domain/reencryption/jobs/set-priority';
import type { QuotaUse } from '../../../../shared/domain/reencryption/quota/kms-quota';
import { reencryptBatch } from '../../../../shared/domain/reencryption/reencrypt-data-keys';
import { requestReencryption } from '../../../../shared/domain/reencryption/request-reencryption';
import { startReencryption } from '../../../../shared/domain/reencryption/start-reencryption';
import type { WorkWindow } from '../../../../shared/domain/rotation/work-window';
import { distinct } from '../../../support/distinct';
import { anArn, NOW } from '../../../support/make';
import { type RotationWorld, rotationWorld } from '../../../support/rotation-world';
import { settle } from '../../../support/settle';

const ANN = 'arn:aws:iam::111122223333:user/ann';
const DATA_KEYS = 3;
const HOUR_MS = 3_600_000;
/** Tests begin on a Tuesday at noon. */
const TONIGHT: WorkWindow = { days: ['tue'], from: '22:00', to: '23:00', timeZone: 'UTC' };

/** A key that has left data keys behind under older material. */
async function leftBehind(policy = {}) {
  const world = rotationWorld();
  const key = world.givenKey({}, policy);
  for (let at = 0; at < DATA_KEYS; at += 1) await world.givenDataKey(`data-key-${at}`);
  const newest = world.kms.rotate(anArn());
  world.control.given('kms-key', { ...key, keyMaterialId: newest, olderMaterialIds: [key.keyMaterialId] });
  return { world, oldest: key.keyMaterialId, newest };
}

/** A rotation of a key, maybe of a compromised one, and the job that follows it. */
async function rotatedWorld(policy: object, compromise?: KmsKey['compromise']): Promise<RotationWorld> {
  const { world, oldest, newest } = await leftBehind(policy);
  const [key] = world.control.all('kms-key');
  if (key && compromise) world.control.given('kms-key', { ...key, compromise });
  const rotation = {
    rotationId: 'rotation-1',
    strategy: 'kms-on-demand',
    startedBy: 'person',
    reencrypt: true,
  } as const;
  const moved = { fromKeyMaterialId: oldest, toKmsKeyArn: anArn(), toKeyMaterialId: newest };
  const rotated = keyRotated.of({ factId: 'fact-1', at: NOW, kmsKeyArn: anArn(), ...rotation, ...moved });
  await startReencryption(keyRotated.read(rotated.detail), world.ports);
  return world;
}

type Asked = Omit<Parameters<typeof requestReencryption>[0], 'kmsKeyArn'>;

async function begun(request: Asked = {}, policy = {}) {
  const { world } = await leftBehind(policy);
  await requestReencryption({ kmsKeyArn: anArn(), ...request }, world.ports);
  return { world, jobId: jobOf(world).jobId };
}

function jobOf(world: RotationWorld) {
  const [job] = world.control.all('reencryption-job');
  if (!job) throw new Error('no job began');
  return job;
}

/** What each request of the world's job was said to be for. */
async function usesIn({ ports }: RotationWorld, jobId: string): Promise<readonly QuotaUse[]> {
  const uses: QuotaUse[] = [];
  const pace = {
    run: <Answer>(use: QuotaUse, request: () => Promise<Answer>) => {
      uses.push(use);
      return request();
    },
  };
  for (const batch of [0, 1]) {
    for (let shard = 0; shard < 8; shard += 1) {
      await reencryptBatch({ jobId, shard, batch } as ReencryptionBatchDue, { ...ports, pace });
    }
  }
  return uses;
}

describe('a job', () => {
  test('is worked at the priority that it was asked for with', async () => {
    const { world, jobId } = await begun({ priority: 'deadline' });

    expect((await progressOf(jobId, world.ports)).priority).toBe('deadline');
    expect((await usesIn(world, jobId)).map(({ priority }) => priority)).toEqual(Array(DATA_KEYS).fill('deadline'));
  });

  test.each([
    ['off a compromised key goes first by itself', { compromiseId: 'c', at: NOW }, 'compromise'],
    ['after any other rotation is routine', undefined, 'routine'],
  ])('that moves data keys %s', async (_, compromise, priority) => {
    const world = await rotatedWorld({}, compromise);

    expect((await progressOf('rotation-1', world.ports)).priority).toBe(priority);
  });

  test('keeps to the share of their quota that the customer agreed to in the policy', async () => {
    const { world, jobId } = await begun({}, { agreedShare: 0.25 });

    expect((await usesIn(world, jobId)).map(({ agreedShare }) => agreedShare)).toEqual(Array(DATA_KEYS).fill(0.25));
  });

  test('is worked inside the window it was asked for with, and waits for it without help', async () => {
    const { world, jobId } = await begun({ window: TONIGHT });
    await settle(world);

    expect(jobOf(world)).toMatchObject({ state: 'running', reencrypted: 0 });
    expect((await progressOf(jobId, world.ports)).waitsUntil).toBe('2026-11-24T22:00:00.000Z');

    world.clock.advance(10 * HOUR_MS);
    await reconcileJobs(world.ports);
    await settle(world);

    expect(jobOf(world)).toMatchObject({ state: 'done', reencrypted: DATA_KEYS });
  });

  test('with a window that nobody can read is refused before anything begins', async () => {
    const { world } = await leftBehind();
    const window = { ...TONIGHT, timeZone: 'Europe/Gotham' };

    await expect(requestReencryption({ kmsKeyArn: anArn(), window }, world.ports)).rejects.toMatchObject({
      code: 'input.invalid',
      message: expect.stringMatching(/^window\.timeZone: /),
    });
    expect(world.control.all('reencryption-job')).toEqual([]);
  });

  test.each([
    ['follows a rotation waits for the window of the key’s policy', undefined, '2026-11-24T22:00:00.000Z'],
    ['moves data keys off a compromised key waits for no window', { compromiseId: 'c', at: NOW }, undefined],
  ])('that %s', async (_, compromise, waitsUntil) => {
    const world = await rotatedWorld({ window: TONIGHT }, compromise);

    expect((await progressOf('rotation-1', world.ports)).waitsUntil).toBe(waitsUntil);
  });
});

test('a job is worked at the priority that a person gave it, from the next batch on', async () => {
  const { world, jobId } = await begun();

  await setPriority(jobId, 'deadline', ANN, world.ports);

  expect(distinct(await usesIn(world, jobId), ({ priority }) => priority)).toEqual(['deadline']);
});
