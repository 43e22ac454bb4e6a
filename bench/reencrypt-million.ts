/**
 * The re-encryption engine over a million data keys, on stores and a KMS in memory that keep the contracts of the real
 * ones: what a data key costs as their number grows, what a worker holds, and what a crash of every worker costs.
 * `node bench/run-bundled.mjs reencrypt-million [data keys]`
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Fact } from '../events/define-event';
import { reencryptionBatchDue } from '../events/reencryption-batch-due';
import { KeywrightError } from '../shared/domain/errors';
import { BATCH_MAX, encryptionContextOf, SHARDS } from '../shared/domain/keys/data-key';
import { beginJob } from '../shared/domain/reencryption/jobs/begin-job';
import { reencryptBatch } from '../shared/domain/reencryption/reencrypt-data-keys';
import { anArn, NOW } from '../test/support/make';
import { rotationWorld } from '../test/support/rotation-world';

const MILLION = 1_000_000;
/** Time of a data key among the most beside one among a tenth as many. */
const GROWTH_LIMIT = 1.2;
const JOB = 'job-1';

export async function run(_root: string, [most = MILLION]: readonly (string | number)[]): Promise<void> {
  const sizes = [Number(most) / 10, Number(most)];
  const results = [];
  for (const size of sizes) results.push(await worked(size));
  const [few, many] = results;
  if (!few || !many) throw new Error('Two sizes are compared.');
  for (const { size, microseconds, calls, writes, heapMb } of results) {
    console.log(
      `${size} data keys: ${microseconds.toFixed(1)} µs each; ReEncrypt ${(calls / size).toFixed(4)} and conditional writes ${(writes / size).toFixed(4)} a data key; heap ${heapMb.map((mb) => mb.toFixed(0)).join(' -> ')} MB from a tenth to the end`,
    );
  }
  const growth = many.microseconds / few.microseconds;
  const again = await crashed(sizes[0] ?? 0);
  const atMost = SHARDS * BATCH_MAX;
  console.log(
    `a data key among ${many.size} costs ${growth.toFixed(2)} times one among ${few.size} (limit ${GROWTH_LIMIT})`,
  );
  console.log(`after a crash of all ${SHARDS} workers ${again} ReEncrypt calls were made again (limit ${atMost})`);
  process.exitCode = growth <= GROWTH_LIMIT && again <= atMost ? 0 : 1;
}

async function worked(size: number) {
  const world = await worldOf(size);
  const heapMb: number[] = [];
  const startedAt = process.hrtime.bigint();
  let idleNs = 0n;
  await drain(world, () => {
    if (world.counts.reencrypted < size / 10 || heapMb.length > 0) return;
    const pausedAt = process.hrtime.bigint();
    heapMb.push(heapUsedMb());
    idleNs += process.hrtime.bigint() - pausedAt;
  });
  const ns = Number(process.hrtime.bigint() - startedAt - idleNs);
  heapMb.push(heapUsedMb());
  await assertDone(world, size);
  return {
    size,
    microseconds: ns / 1000 / size,
    calls: world.counts.reencrypted,
    writes: world.counts.replaced,
    heapMb,
  };
}

/** Every worker dies in the middle of a batch, after some calls of KMS whose answers are lost with it. */
async function crashed(size: number): Promise<number> {
  const world = await worldOf(size);
  world.dieAfter(Math.floor(size / 2));
  await drain(world).catch(() => undefined);
  world.dieAfter(undefined);
  await drain(world);
  await assertDone(world, size);
  return world.counts.reencrypted - size;
}

type World = Awaited<ReturnType<typeof worldOf>>;

/** As rows are after some jobs: they grow no more, so that what the heap gains is what workers hold. */
const WORKED_BEFORE = {
  reencryptedAt: NOW,
  workedBy: ['job-0/0/1', 'job-0/0/2', 'job-0/0/3'].map((batch) => ({ batch, did: 'reencrypted' as const })),
};

async function worldOf(size: number) {
  const world = rotationWorld();
  const key = world.givenKey({});
  for (let at = 0; at < size; at += 1) {
    const dataKey = await world.givenDataKey(`data-key-${at}`);
    await world.dataKeys.replace({ ...dataKey, ...WORKED_BEFORE });
  }
  world.kms.rotate(anArn());
  const toKeyMaterialId = world.kms.materialIds(anArn()).at(-1) ?? '';
  const to = { ...key, keyMaterialId: toKeyMaterialId, olderMaterialIds: [key.keyMaterialId] };
  const plan = { jobId: JOB, from: to, fromKeyMaterialId: key.keyMaterialId, to, toKeyMaterialId };
  await world.control.commit(beginJob(plan, world.ports));

  const counts = { reencrypted: 0, replaced: 0 };
  let diesAt: number | undefined;
  const dead = () => diesAt !== undefined && counts.reencrypted >= diesAt;
  const ports: typeof world.ports = {
    ...world.ports,
    crypto: {
      ...world.kms,
      reencrypt: async (...asked) => {
        counts.reencrypted += 1;
        return world.kms.reencrypt(...asked);
      },
    },
    dataKeys: {
      ...world.dataKeys,
      replace: async (dataKey) => {
        if (dead()) throw new KeywrightError('store.unreachable', 'The worker is dead.');
        counts.replaced += 1;
        return world.dataKeys.replace(dataKey);
      },
    },
  };
  return {
    ...world,
    ports,
    counts,
    dieAfter(calls: number | undefined) {
      diesAt = calls;
    },
  };
}

/** One worker a shard, each with the batch that is due in it, as the queue has it. */
async function drain({ control, ports }: World, afterEach: () => void = () => undefined): Promise<void> {
  const due = new Map<number, Fact>();
  let at = 0;
  const collect = () => {
    for (let fact = control.outbox[at]; fact; fact = control.outbox[++at]) {
      if (fact.detailType === reencryptionBatchDue.detailType) due.set(Number(fact.detail['shard']), fact);
    }
  };
  for (collect(); due.size > 0; collect()) {
    const batches = [...due.values()];
    due.clear();
    const outcomes = await Promise.allSettled(
      batches.map(({ detail }) => reencryptBatch(reencryptionBatchDue.read(detail), ports)),
    );
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed) throw failed.reason;
    afterEach();
  }
}

async function assertDone({ control, dataKeys, kms }: World, size: number): Promise<void> {
  const job = await control.find('reencryption-job', JOB);
  if (job?.state !== 'done' || job.reencrypted !== size) throw new Error(`The job is ${JSON.stringify(job)}.`);
  const newest = kms.materialIds(anArn()).at(-1);
  const [sample] = dataKeys.all();
  const opens = sample && kms.peek(sample.kmsKeyArn, sample.wrapped, encryptionContextOf(sample));
  if (opens?.keyMaterialId !== newest) throw new Error('A data key is not under the new material.');
}

function heapUsedMb(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed / 1_000_000;
}
