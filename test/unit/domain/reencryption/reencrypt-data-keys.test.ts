import type { KeyRotated } from '../../../../events/key-rotated';
import { reencryptionBatchDue } from '../../../../events/reencryption-batch-due';
import { KeywrightError } from '../../../../shared/domain/errors';
import { type DataKey, encryptionContextOf } from '../../../../shared/domain/keys/data-key';
import type { DataKeyCrypto, DataKeyStore } from '../../../../shared/domain/keys/ports';
import { cancelJob } from '../../../../shared/domain/reencryption/jobs/cancel-job';
import { progressOf } from '../../../../shared/domain/reencryption/jobs/progress';
import { reconcileJobs } from '../../../../shared/domain/reencryption/jobs/reconcile-jobs';
import { resumeJobs } from '../../../../shared/domain/reencryption/jobs/resume-job';
import { type BatchPorts, reencryptBatch } from '../../../../shared/domain/reencryption/reencrypt-data-keys';
import { startReencryption } from '../../../../shared/domain/reencryption/start-reencryption';
import { distinct } from '../../../support/distinct';
import { aKmsKey, anArn, aRotation, NOW } from '../../../support/make';
import { type RotationWorld, rotationWorld } from '../../../support/rotation-world';

const DATA_KEYS = 30;

/** A key with data keys under its first material, rotated since. */
async function rotated(world = rotationWorld(), count = DATA_KEYS) {
  const key = world.givenKey();
  for (let n = 0; n < count; n += 1) await world.givenDataKey(`data-key-${n}`);
  world.dataKeys.catchUp();
  const newest = world.kms.rotate(anArn());
  world.control.given('kms-key', { ...key, keyMaterialId: newest });
  return { world, key, newest, fact: aFact({ fromKeyMaterialId: key.keyMaterialId, toKeyMaterialId: newest }) };
}

const aFact = (fields: Partial<KeyRotated>): KeyRotated => ({
  rotationId: 'job-1',
  kmsKeyArn: anArn(),
  customerId: 'acme',
  strategy: 'kms-on-demand',
  startedBy: 'schedule',
  fromKeyMaterialId: '',
  toKmsKeyArn: anArn(),
  toKeyMaterialId: '',
  reencrypt: true,
  factId: 'fact-1',
  at: NOW,
  ...fields,
});

const isDue = ({ detailType }: { detailType: string }) => detailType === reencryptionBatchDue.detailType;

/** Delivers every batch that is asked for until none is left. @returns what each came to. */
async function work(world: RotationWorld, ports: Partial<BatchPorts> = {}, from = 0) {
  const outcomes: string[] = [];
  for (let next = from; next < world.control.outbox.length; next += 1) {
    const fact = world.control.outbox[next];
    if (!fact || !isDue(fact)) continue;
    outcomes.push(await reencryptBatch(reencryptionBatchDue.read(fact.detail), { ...world.ports, ...ports }));
  }
  return outcomes;
}

/** Rows of this job’s data keys that were copied to where others are kept. */
async function withCopies(count: number) {
  const { world, newest, fact } = await rotated();
  const [row] = world.dataKeys.all();
  for (let n = 0; n < count; n += 1) if (row) world.dataKeys.misplace(row, { ...row, dataKeyId: `copy-${n}` });
  return { world, newest, fact };
}

const plaintextOf = (world: RotationWorld, dataKey: DataKey) =>
  world.kms.peek(dataKey.kmsKeyArn, dataKey.wrapped, encryptionContextOf(dataKey))?.plaintext;

const opens = (world: RotationWorld, dataKey: DataKey) => plaintextOf(world, dataKey) !== undefined;

test('every data key ends under the new material, opens as before, and is counted', async () => {
  const { world, newest, fact } = await rotated();
  const before = world.dataKeys.all();
  const plain = before.map((dataKey) => plaintextOf(world, dataKey));

  await startReencryption(fact, world.ports);
  await work(world);

  const now = world.dataKeys.all();
  expect(distinct(now, ({ keyMaterialId }) => keyMaterialId)).toEqual([newest]);
  expect(now.map((dataKey) => plaintextOf(world, dataKey))).toEqual(plain);
  expect(await world.control.find('reencryption-job', 'job-1')).toMatchObject({
    state: 'done',
    total: DATA_KEYS,
    reencrypted: DATA_KEYS,
    quarantined: 0,
  });
  expect(world.control.outbox.at(-1)).toMatchObject({
    detailType: 'data-keys-reencrypted.v1',
    detail: { jobId: 'job-1', total: DATA_KEYS, reencrypted: DATA_KEYS, quarantined: 0 },
  });
});

test('the same rotation begins one job', async () => {
  const { world, fact } = await rotated();

  await Promise.all([1, 2, 3].map(() => startReencryption(fact, world.ports)));
  await startReencryption(fact, world.ports);

  expect(world.control.outbox.filter(isDue)).toHaveLength(8);
});

test('a rotation whose policy wants no re-encryption begins none', async () => {
  const { world, fact } = await rotated();

  await startReencryption({ ...fact, reencrypt: false }, world.ports);

  expect(world.control.all('reencryption-job')).toEqual([]);
});

test('while a job runs its key says so, and no longer when it is done', async () => {
  const { world, fact } = await rotated();
  await startReencryption(fact, world.ports);
  const during = await world.control.find('kms-key', anArn());

  await work(world);

  expect(during?.jobIds).toEqual(['job-1']);
  expect((await world.control.find('kms-key', anArn()))?.jobIds).toEqual([]);
});

test('an index that shows nothing does not end a job: the scan of the table finds what is there', async () => {
  const world = rotationWorld({ lagging: true });
  const { newest, fact } = await rotated(world);
  const blind = { ...world.dataKeys, underWrapping: async () => ({ dataKeys: [] }), countUnder: async () => 0 };

  await startReencryption(fact, world.ports);
  await work(world, { dataKeys: blind });

  expect(distinct(world.dataKeys.all(), ({ keyMaterialId }) => keyMaterialId)).toEqual([newest]);
  expect(await world.control.find('reencryption-job', 'job-1')).toMatchObject({
    state: 'done',
    reencrypted: DATA_KEYS,
  });
});

test('an index that shows what was moved long ago counts nothing twice', async () => {
  const { world, fact } = await rotated(rotationWorld({ lagging: true }));

  await startReencryption(fact, world.ports);
  await work(world);

  expect(await world.control.find('reencryption-job', 'job-1')).toMatchObject({
    reencrypted: DATA_KEYS,
    total: DATA_KEYS,
  });
});

test('every batch delivered three times does the same work once', async () => {
  const { world, fact } = await rotated();
  let calls = 0;
  const crypto: DataKeyCrypto = {
    ...world.kms,
    reencrypt: (...asked) => {
      calls += 1;
      return world.kms.reencrypt(...asked);
    },
  };
  await startReencryption(fact, world.ports);

  for (let next = 0; next < world.control.outbox.length; next += 1) {
    const due = world.control.outbox[next];
    if (!due || !isDue(due)) continue;
    const copies = [1, 2, 3].map(() =>
      reencryptBatch(reencryptionBatchDue.read(due.detail), { ...world.ports, crypto }),
    );
    await Promise.all(copies);
  }

  expect(await world.control.find('reencryption-job', 'job-1')).toMatchObject({
    state: 'done',
    reencrypted: DATA_KEYS,
  });
  expect(world.facts().filter((name) => name === 'data-keys-reencrypted.v1')).toHaveLength(1);
  expect(calls).toBeGreaterThanOrEqual(DATA_KEYS);
});

test('a batch that dies after its work and before it is written down counts right when it runs again', async () => {
  const { world, fact } = await rotated();
  await startReencryption(fact, world.ports);
  let dies = 0;
  const control: typeof world.control = {
    ...world.control,
    commit: async (change) => {
      dies += 1;
      if (dies % 2 === 1) throw new KeywrightError('store.unreachable', 'died');
      await world.control.commit(change);
    },
  };

  for (let next = 0; next < world.control.outbox.length; next += 1) {
    const due = world.control.outbox[next];
    if (!due || !isDue(due)) continue;
    const run = () => reencryptBatch(reencryptionBatchDue.read(due.detail), { ...world.ports, control });
    await run().catch(run).catch(run);
  }

  expect(await world.control.find('reencryption-job', 'job-1')).toMatchObject({
    state: 'done',
    reencrypted: DATA_KEYS,
  });
});

test('a data key that opens under no context is quarantined with the reason, counted, and keeps no other back', async () => {
  const { world, newest, fact } = await rotated();
  const [first] = world.dataKeys.all();
  if (first) await world.dataKeys.replace({ ...first, wrapped: new Uint8Array(60) });

  await startReencryption(fact, world.ports);
  await work(world);

  const aside = world.dataKeys.all().filter(({ quarantined }) => quarantined);
  expect(aside).toMatchObject([
    { quarantined: { jobId: 'job-1', reason: expect.stringContaining('kms.ciphertext-refused') } },
  ]);
  expect(world.dataKeys.all().filter(({ keyMaterialId }) => keyMaterialId === newest)).toHaveLength(DATA_KEYS - 1);
  expect(await world.control.find('reencryption-job', 'job-1')).toMatchObject({
    state: 'done',
    total: DATA_KEYS,
    reencrypted: DATA_KEYS - 1,
    quarantined: 1,
  });
});

test('a data key whose row cannot be written again is counted, and keeps no other back', async () => {
  const { world, fact } = await rotated();
  const replace: DataKeyStore['replace'] = async (dataKey) => {
    if (dataKey.dataKeyId === 'data-key-7') throw new KeywrightError('store.row-refused', 'DynamoDB does not take it.');
    return world.dataKeys.replace(dataKey);
  };

  await startReencryption(fact, world.ports);
  await work(world, { dataKeys: { ...world.dataKeys, replace } });

  const job = await world.control.find('reencryption-job', 'job-1');
  expect(job).toMatchObject({ state: 'done', reencrypted: DATA_KEYS - 1 });
  expect(job?.quarantined).toBeGreaterThan(0);
});

test('a data key whose context a policy denies is quarantined when the key serves the others', async () => {
  const { world, fact } = await rotated(rotationWorld(), 1);
  const shardmates = await sameShard(world, 3);
  const denied = shardmates[0];
  const crypto: DataKeyCrypto = {
    ...world.kms,
    reencrypt: (from, to, wrapped, context) =>
      context['keywright:dataKeyId'] === denied
        ? Promise.reject(new KeywrightError('kms.access-denied', 'denied'))
        : world.kms.reencrypt(from, to, wrapped, context),
  };

  await startReencryption(fact, world.ports);
  await work(world, { crypto });

  expect(world.dataKeys.all().filter(({ quarantined }) => quarantined)).toMatchObject([{ dataKeyId: denied }]);
  expect(await world.control.find('reencryption-job', 'job-1')).toMatchObject({ state: 'done', quarantined: 1 });
});

test('a job whose key is taken away parks with the reason and goes on when the key is back', async () => {
  const { world, newest, fact } = await rotated();
  await startReencryption(fact, world.ports);
  world.kms.become(anArn(), 'Disabled');

  expect(await work(world)).toContain('parked');
  expect(await world.control.find('reencryption-job', 'job-1')).toMatchObject({
    state: 'parked',
    parkedBy: expect.stringContaining('kms.key-disabled'),
  });

  const sent = world.control.outbox.length;
  world.kms.become(anArn(), 'Enabled');
  await resumeJobs(anArn(), world.ports);
  await work(world, {}, sent);

  expect(distinct(world.dataKeys.all(), ({ keyMaterialId }) => keyMaterialId)).toEqual([newest]);
  expect(await world.control.find('reencryption-job', 'job-1')).toMatchObject({
    state: 'done',
    reencrypted: DATA_KEYS,
  });
});

test('a job whose key was confirmed to be lost parks without asking KMS, and says since when', async () => {
  const { world, newest, fact } = await rotated();
  await startReencryption(fact, world.ports);
  const key = await world.control.find('kms-key', anArn());
  if (key) world.control.given('kms-key', { ...key, loss: { cause: 'key-disabled', since: NOW } });
  let asked = 0;
  const reencrypt: DataKeyCrypto['reencrypt'] = (...given) => {
    asked += 1;
    return world.kms.reencrypt(...given);
  };

  expect(await work(world, { crypto: { ...world.kms, reencrypt } })).toContain('parked');
  expect(asked).toBe(0);
  expect(await world.control.find('reencryption-job', 'job-1')).toMatchObject({
    state: 'parked',
    parkedBy: expect.stringMatching(/state.key-lost: .* since 2026-11-24 12:00:00 UTC \(key-disabled\)/),
  });

  const sent = world.control.outbox.length;
  const { loss: _, ...back } = (await world.control.find('kms-key', anArn())) ?? aKmsKey();
  world.control.given('kms-key', back);
  await resumeJobs(anArn(), world.ports);
  await work(world, {}, sent);
  expect(distinct(world.dataKeys.all(), ({ keyMaterialId }) => keyMaterialId)).toEqual([newest]);
});

test.each([1, 2, 3, 5, 8, 13])(
  'a policy that takes the key away in the middle of a batch, after %s data keys, quarantines nothing',
  async (served) => {
    const { world, newest, fact } = await rotated(rotationWorld(), 60);
    let left = served;
    const reencrypt: DataKeyCrypto['reencrypt'] = async (...given) => {
      left -= 1;
      if (left < 0) throw new KeywrightError('kms.access-denied', 'denied');
      return world.kms.reencrypt(...given);
    };
    await startReencryption(fact, world.ports);

    expect(await work(world, { crypto: { ...world.kms, reencrypt } })).toContain('parked');

    expect(world.dataKeys.all().filter(({ quarantined }) => quarantined)).toEqual([]);
    const sent = world.control.outbox.length;
    await resumeJobs(anArn(), world.ports);
    await work(world, {}, sent);
    expect(distinct(world.dataKeys.all(), ({ keyMaterialId }) => keyMaterialId)).toEqual([newest]);
    expect(await world.control.find('reencryption-job', 'job-1')).toMatchObject({ state: 'done', reencrypted: 60 });
  },
);

test('a batch that began before its job was resumed does not park it again', async () => {
  const { world, fact } = await rotated();
  await startReencryption(fact, world.ports);
  const first = world.control.outbox.filter(isDue);
  for (const due of first) await reencryptBatch(reencryptionBatchDue.read(due.detail), world.ports);
  const due = world.control.outbox.filter(isDue).at(-1);
  const crypto: DataKeyCrypto = {
    ...world.kms,
    reencrypt: async () => {
      await resumeJobs(anArn(), world.ports);
      throw new KeywrightError('kms.key-disabled', 'was disabled a moment ago');
    },
  };

  const late = reencryptBatch(reencryptionBatchDue.read(due?.detail), { ...world.ports, crypto });

  await expect(late).rejects.toMatchObject({ code: 'state.changed-meanwhile', retry: true });
  expect(await world.control.find('reencryption-job', 'job-1')).toMatchObject({ state: 'running' });
});

test('throttling stops the batch: nothing is quarantined, nothing is parked', async () => {
  const { world, fact } = await rotated();
  await startReencryption(fact, world.ports);
  const reencrypt = () => Promise.reject(new KeywrightError('kms.throttled', 'slow down'));

  const throttled = work(world, { crypto: { ...world.kms, reencrypt } });

  await expect(throttled).rejects.toMatchObject({ code: 'kms.throttled', retry: true });
  expect(world.dataKeys.all().some(({ quarantined }) => quarantined)).toBe(false);
  expect(await world.control.find('reencryption-job', 'job-1')).toMatchObject({ state: 'running' });
});

test('while KMS still wraps under the old material nothing is stored as moved', async () => {
  let lags = true;
  const { world, key, newest, fact } = await rotated(rotationWorld({ lags: () => lags }));
  await startReencryption(fact, world.ports);

  await expect(work(world)).rejects.toMatchObject({ code: 'kms.conflict', retry: true });
  expect(distinct(world.dataKeys.all(), ({ revision }) => revision)).toEqual([1]);
  expect(distinct(world.dataKeys.all(), ({ keyMaterialId }) => keyMaterialId)).toEqual([key.keyMaterialId]);

  lags = false;
  await work(world);
  expect(distinct(world.dataKeys.all(), ({ keyMaterialId }) => keyMaterialId)).toEqual([newest]);
});

test('a data key that somebody changes at the same time is not overwritten, and not missed', async () => {
  const { world, newest, fact } = await rotated(rotationWorld(), 5);
  const touched = new Set<string>();
  const crypto: DataKeyCrypto = {
    ...world.kms,
    reencrypt: async (from, to, wrapped, context) => {
      const name = { customerId: 'acme', dataStoreId: 'documents', dataKeyId: context['keywright:dataKeyId'] ?? '' };
      const dataKey = await world.dataKeys.find(name);
      if (dataKey && !touched.has(name.dataKeyId)) {
        touched.add(name.dataKeyId);
        await world.dataKeys.replace({ ...dataKey, createdAt: '2020-01-01T00:00:00.000Z' });
      }
      return world.kms.reencrypt(from, to, wrapped, context);
    },
  };

  await startReencryption(fact, world.ports);
  await work(world, { crypto });

  expect(distinct(world.dataKeys.all(), ({ createdAt }) => createdAt.slice(0, 4))).toEqual(['2020']);
  expect(distinct(world.dataKeys.all(), ({ keyMaterialId }) => keyMaterialId)).toEqual([newest]);
});

test('a job to another key takes along what is under older materials of the old one', async () => {
  const world = rotationWorld();
  const key = world.givenKey();
  await world.givenDataKey('oldest');
  const second = world.kms.rotate(anArn());
  world.control.given('kms-key', { ...key, keyMaterialId: second });
  await world.givenDataKey('newer');
  const target = anArn('new');
  const toKeyMaterialId = world.kms.given(target);
  world.control.given('kms-key', aKmsKey({ kmsKeyArn: target, keyMaterialId: toKeyMaterialId, revision: 1 }));

  await startReencryption(aFact({ fromKeyMaterialId: second, toKmsKeyArn: target, toKeyMaterialId }), world.ports);
  await work(world);

  expect(world.dataKeys.all().map(({ kmsKeyArn }) => kmsKeyArn)).toEqual([target, target]);
  expect(distinct(world.dataKeys.all(), (dataKey) => opens(world, dataKey))).toEqual([true]);
});

test('a job to a key that was replaced since goes to the one that took its place', async () => {
  const { world, fact } = await rotated();
  const target = anArn('new');
  const toKeyMaterialId = world.kms.given(target);
  world.control.given('kms-key', aKmsKey({ kmsKeyArn: target, keyMaterialId: toKeyMaterialId, revision: 1 }));
  const key = await world.control.find('kms-key', anArn());
  if (key) world.control.given('kms-key', { ...key, state: 'retiring', replacedBy: target });

  await startReencryption(fact, world.ports);
  await work(world);

  expect(distinct(world.dataKeys.all(), ({ kmsKeyArn }) => kmsKeyArn)).toEqual([target]);
});

test('a key that has retired since the rotation needs no job, and its rotation ends', async () => {
  const { world, fact } = await rotated(rotationWorld(), 0);
  const key = await world.control.find('kms-key', anArn());
  if (key) world.control.given('kms-key', { ...key, state: 'disabled', replacedBy: anArn('new') });
  world.control.given('rotation', aRotation({ rotationId: 'job-1', state: 'rotated', revision: 1 }));

  await startReencryption(fact, world.ports);

  expect(world.control.all('reencryption-job')).toEqual([]);
  expect(await world.control.find('rotation', 'job-1')).toMatchObject({ state: 'done' });
});

test('a batch whose event was lost is asked for again when its job is looked after', async () => {
  const { world, fact } = await rotated();
  await startReencryption(fact, world.ports);
  const lost = world.control.outbox.length;

  const early = await reconcileJobs(world.ports);
  world.clock.advance(16 * 60_000);
  const tended = await reconcileJobs(world.ports);
  await work(world, {}, lost);
  world.clock.advance(16 * 60_000);

  expect([early, tended, await reconcileJobs(world.ports)]).toEqual([0, 1, 0]);
  expect(await world.control.find('reencryption-job', 'job-1')).toMatchObject({
    state: 'done',
    reencrypted: DATA_KEYS,
  });
});

test('a cancelled job stops where it is, lets go of its key and is never resumed', async () => {
  const { world, fact } = await rotated();
  await startReencryption(fact, world.ports);

  await cancelJob('job-1', world.ports);
  const outcomes = await work(world);
  await resumeJobs(anArn(), world.ports);

  expect(new Set(outcomes)).toEqual(new Set(['idle']));
  expect(await world.control.find('reencryption-job', 'job-1')).toMatchObject({ state: 'cancelled', reencrypted: 0 });
  expect((await world.control.find('kms-key', anArn()))?.jobIds).toEqual([]);
});

test('progress tells what is expected and what is done', async () => {
  const { world, fact } = await rotated();
  await startReencryption(fact, world.ports);
  const first = world.control.outbox.filter(isDue);
  for (const due of first) await reencryptBatch(reencryptionBatchDue.read(due.detail), world.ports);
  const begun = await progressOf('job-1', world.ports);
  await work(world);

  expect(begun).toMatchObject({ state: 'running', expected: DATA_KEYS, reencrypted: 0, shardsDone: 0 });
  expect(await progressOf('job-1', world.ports)).toMatchObject({
    state: 'done',
    reencrypted: DATA_KEYS,
    shardsDone: 8,
  });
});

test('a rotation that waited for the job is asked for again when it ends', async () => {
  const { world, fact } = await rotated();
  await startReencryption(fact, world.ports);
  const key = await world.control.find('kms-key', anArn());
  if (key) world.control.given('kms-key', { ...key, openRotationId: 'rotation-2' });
  world.control.given('rotation', {
    rotationId: 'rotation-2',
    kmsKeyArn: anArn(),
    strategy: 'replace',
    state: 'requested',
    startedBy: 'person',
    fromKeyMaterialId: fact.toKeyMaterialId,
    requestedAt: NOW,
    revision: 1,
  });

  await work(world);

  expect(world.facts().filter((name) => name === 'rotation-due.v1')).toHaveLength(1);
});

/** Creates data keys until one shard of the index holds so many; @returns their ids. */
async function sameShard(world: RotationWorld, count: number): Promise<string[]> {
  const key = await world.control.find('kms-key', anArn());
  const [first] = world.kms.materialIds(anArn());
  const byShard = new Map<number, string[]>();
  for (let n = 0; n < 100; n += 1) {
    const dataKey = await world.givenDataKey(`mate-${n}`);
    await world.dataKeys.replace({ ...dataKey, keyMaterialId: first ?? '' });
    for (let shard = 0; shard < 8; shard += 1) {
      const wrapping = { kmsKeyArn: key?.kmsKeyArn ?? '', keyMaterialId: first ?? '' };
      const page = await world.dataKeys.underWrapping(wrapping, shard, { limit: 100 });
      byShard.set(
        shard,
        page.dataKeys.map(({ dataKeyId }) => dataKeyId),
      );
      if ((byShard.get(shard)?.length ?? 0) >= count) return byShard.get(shard) ?? [];
    }
  }
  return [];
}

test('rows that were copied are quarantined and counted, and keep nothing else back', async () => {
  const { world, newest, fact } = await withCopies(3);

  await startReencryption(fact, world.ports);
  await work(world);

  const [copies, others] = [true, false].map((isCopy) =>
    world.dataKeys.all().filter(({ dataKeyId }) => dataKeyId.startsWith('copy-') === isCopy),
  );
  expect(distinct(others ?? [], ({ keyMaterialId }) => keyMaterialId)).toEqual([newest]);
  expect(copies?.map(({ quarantined }) => quarantined?.reason.split(':')[0])).toEqual(
    Array(3).fill('kms.ciphertext-refused'),
  );
  expect(await world.control.find('reencryption-job', 'job-1')).toMatchObject({
    state: 'done',
    reencrypted: DATA_KEYS,
    quarantined: 3,
  });
});
