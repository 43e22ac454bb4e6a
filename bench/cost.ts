/**
 * What re-encrypting a million data keys costs, from calls counted in the engine and a table of prices. Stores and KMS are
 * in memory and keep the contracts of the real ones; what a call costs DynamoDB follows from the size of an item.
 * `node bench/run-bundled.mjs cost`
 */
import { reencryptionBatchDue } from '../events/reencryption-batch-due';
import { beginJob } from '../shared/domain/reencryption/jobs/begin-job';
import { reencryptBatch } from '../shared/domain/reencryption/reencrypt-data-keys';
import { anArn } from '../test/support/make';
import { rotationWorld } from '../test/support/rotation-world';

const DATA_KEYS = 20_000;
const MILLION = 1_000_000;

/**
 * Dollars for one, on demand, us-east-1, without free tiers, as of November 2026. Sources: AWS KMS pricing ($0.03 for 10,000
 * symmetric requests); Amazon DynamoDB on-demand pricing ($0.625 for a million write request units, $0.125 for a million
 * read request units); Amazon EventBridge pricing ($1.00 for a million custom events).
 */
const PRICES = {
  kmsRequest: 0.03 / 10_000,
  writeUnit: 0.625 / MILLION,
  readUnit: 0.125 / MILLION,
  event: 1 / MILLION,
} as const;

/** Of a data key as it lies in the table, with the names of customer, data store and data key at some 30 bytes each. */
const ITEM_KB = 0.9;
/** A write takes a unit for each KB begun; a transaction twice that. Source: DynamoDB developer guide, read/write capacity. */
const WRITE_UNITS = Math.ceil(ITEM_KB / 1);
/** The index holds whole items, and a new wrapping is another partition: one item leaves it and one comes in. */
const INDEX_WRITE_UNITS = 2 * WRITE_UNITS;
/** Each item of a consistent read by name takes a unit for each 4 KB begun. */
const NAMED_READ_UNITS = Math.ceil(ITEM_KB / 4);
/** A page is rounded up as a whole: consistent by the table, half as much by an index. */
const SCANNED_READ_UNITS = ITEM_KB / 4;
const INDEXED_READ_UNITS = SCANNED_READ_UNITS / 2;

type Unit = keyof typeof PRICES;

export async function run(): Promise<void> {
  const counted = await countedCalls();
  const each = (calls: number) => calls / DATA_KEYS;
  const lines: readonly (readonly [what: string, unit: Unit, unitsEach: number])[] = [
    ['ReEncrypt', 'kmsRequest', each(counted.reencrypt)],
    ['conditional write of the data key', 'writeUnit', each(counted.replace) * WRITE_UNITS],
    ['its move in the index', 'writeUnit', each(counted.replace) * INDEX_WRITE_UNITS],
    ['rows and facts of each batch, in transactions', 'writeUnit', each(counted.committed) * 2],
    ['facts: due, noted as out, due no longer', 'writeUnit', each(counted.facts) * 3],
    ['page of the index', 'readUnit', each(counted.listed) * INDEXED_READ_UNITS],
    ['data keys read by name', 'readUnit', each(counted.readByName) * NAMED_READ_UNITS],
    ['rows read for each batch', 'readUnit', each(counted.found)],
    ['consistent scan of the table', 'readUnit', SCANNED_READ_UNITS],
    ['facts that ask for the next batch', 'event', each(counted.facts)],
  ];
  let total = 0;
  for (const [what, unit, units] of lines) {
    const dollars = units * PRICES[unit] * MILLION;
    total += dollars;
    console.log(
      `${what.padEnd(48)} ${units.toFixed(3).padStart(7)} ${unit.padEnd(11)} $${dollars.toFixed(2).padStart(5)}`,
    );
  }
  console.log(
    `cost, without the audit entries of the calls: $${total.toFixed(2)} for a million data keys, of which KMS $${(PRICES.kmsRequest * MILLION).toFixed(2)}`,
  );
}

async function countedCalls() {
  const world = rotationWorld();
  const key = world.givenKey({});
  for (let at = 0; at < DATA_KEYS; at += 1) await world.givenDataKey(`data-key-${at}`);
  world.kms.rotate(anArn());
  const toKeyMaterialId = world.kms.materialIds(anArn()).at(-1) ?? '';
  const to = { ...key, keyMaterialId: toKeyMaterialId, olderMaterialIds: [key.keyMaterialId] };
  const plan = { jobId: 'job-1', from: to, fromKeyMaterialId: key.keyMaterialId, to, toKeyMaterialId };

  const counts = { reencrypt: 0, replace: 0, committed: 0, facts: 0, listed: 0, readByName: 0, found: 0 };
  const ports: typeof world.ports = {
    ...world.ports,
    crypto: { ...world.kms, reencrypt: (...asked) => counting('reencrypt', 1, world.kms.reencrypt(...asked)) },
    dataKeys: {
      ...world.dataKeys,
      replace: (dataKey) => counting('replace', 1, world.dataKeys.replace(dataKey)),
      findAll: (names) => counting('readByName', names.length, world.dataKeys.findAll(names)),
      async underWrapping(...asked) {
        const page = await world.dataKeys.underWrapping(...asked);
        return counting('listed', page.dataKeys.length, Promise.resolve(page));
      },
    },
    control: {
      ...world.control,
      find: (...asked) => counting('found', 1, world.control.find(...asked)),
      commit(change) {
        counts.facts += change.facts.length;
        return counting('committed', change.writes.length + change.facts.length, world.control.commit(change));
      },
    },
  };
  await ports.control.commit(beginJob(plan, ports));
  for (let at = 0; at < world.control.outbox.length; at += 1) {
    const fact = world.control.outbox[at];
    if (fact?.detailType === reencryptionBatchDue.detailType)
      await reencryptBatch(reencryptionBatchDue.read(fact.detail), ports);
  }
  const job = await world.control.find('reencryption-job', 'job-1');
  if (job?.state !== 'done' || job.reencrypted !== DATA_KEYS) throw new Error(`The job is ${JSON.stringify(job)}.`);
  return counts;

  function counting<Answer>(what: keyof typeof counts, calls: number, answer: Promise<Answer>): Promise<Answer> {
    counts[what] += calls;
    return answer;
  }
}
