/** Rows that whoever may put data keys can put: one of them stops nothing for all others. */
import { type AttributeValue, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { reencryptionBatchDue } from '../../../events/reencryption-batch-due';
import { CONTROL_TABLE } from '../../../shared/adapters/control-table';
import { DATA_KEY_TABLE } from '../../../shared/adapters/data-key-table';
import { dynamoDataKeyStore } from '../../../shared/adapters/dynamo-data-key-store';
import { containCompromise } from '../../../shared/domain/compromise/contain-compromise';
import { declareCompromise } from '../../../shared/domain/compromise/declare-compromise';
import { encryptionContextOf, SHARDS } from '../../../shared/domain/keys/data-key';
import { beginJob } from '../../../shared/domain/reencryption/jobs/begin-job';
import { reencryptBatch } from '../../../shared/domain/reencryption/reencrypt-data-keys';
import { scanReferences } from '../../../shared/domain/retirement/verify/full-scan';
import { stableHash } from '../../../shared/domain/stable-hash';
import { startDynoxide, type TestDynamo } from '../../support/dynoxide';
import { aCustomer, anArn, NOW } from '../../support/make';
import { rotationWorld } from '../../support/rotation-world';

type Item = Record<string, AttributeValue>;

const HUGE = { N: '12345678901234567890.5' };
const PROTO = { M: { toString: { S: 'x' }, valueOf: { S: 'x' } } };
const PLACE = { customerId: 'acme', dataStoreId: 'documents' };
const GOOD = 4;

const textOf = (item: Item) =>
  Object.entries(item).reduce((bytes, [name, { S, B }]) => bytes + name.length + (S ?? B ?? 'a number').length, 0);

const HOSTILE: Readonly<Record<string, (item: Item) => Item>> = {
  'a revision that no program holds': () => ({ revision: HUGE }),
  'a revision that has none after it': () => ({ revision: { N: String(Number.MAX_SAFE_INTEGER) } }),
  'a number that no program holds, in an attribute of nobody': () => ({ x: HUGE }),
  'such a number in a set': () => ({ x: { NS: ['1', HUGE.N] } }),
  'such a number inside what is ours': () => ({
    compromised: { M: { compromiseId: { S: 'c' }, at: { S: NOW }, x: HUGE } },
  }),
  'a KMS key that is no text': () => ({ kmsKeyArn: PROTO, formerly: { M: { [anArn()]: { S: NOW } } } }),
  'a customer that is no text': () => ({ customerId: PROTO }),
  'no room for another word': (item) => ({ pad: { S: 'x'.repeat(409_600 - textOf(item) - 60) } }),
  'no room in what is ours': (item) => ({ keyMaterialId: { S: 'x'.repeat(409_600 - textOf(item) - 60) } }),
  'a ciphertext of nothing': () => ({ wrapped: { B: new Uint8Array() } }),
  'a material without a name': () => ({ keyMaterialId: { S: '' } }),
  'a moment that never is': () => ({ createdAt: { S: '9999-99-99T99:99:99.999Z' } }),
  'a place that is too long for the index': () => ({ pk: { S: `acme#${'d'.repeat(1_500)}` } }),
};

let dynamo: TestDynamo;
beforeAll(async () => {
  dynamo = await startDynoxide();
});
afterAll(() => dynamo.stop());

/** A key with some good data keys and a hostile row. */
async function worldWith(change: (item: Item) => Item) {
  const world = rotationWorld();
  const table = await dynamo.createTable(DATA_KEY_TABLE);
  const store = dynamoDataKeyStore(dynamo.documents, table, await dynamo.createTable(CONTROL_TABLE));
  world.control.given('customer', aCustomer({ revision: 1 }));
  const key = world.givenKey();
  const put = async (dataKeyId: string, changed: (item: Item) => Item = () => ({})) => {
    const made = await world.kms.generateWrapped(key, encryptionContextOf({ ...PLACE, dataKeyId }));
    const name = `acme#documents#${dataKeyId}`;
    const wrapping = `${made.kmsKeyArn}#${made.keyMaterialId}#${stableHash(name) % SHARDS}`;
    const row = { ...PLACE, dataKeyId, ...made, createdAt: NOW, revision: 1 };
    const item = marshall({ ...row, pk: 'acme#documents', sk: dataKeyId, name, wrapping });
    await dynamo.client.send(new PutItemCommand({ TableName: table, Item: { ...item, ...changed(item) } }));
  };
  for (let n = 0; n < GOOD; n += 1) await put(`good-${n}`);
  await put('hostile', change);
  return { world, key, store, ports: { ...world.ports, dataKeys: store } };
}

/** What is never said to pass by itself, and what a data key has. */
const REFUSED = { name: 'KeywrightError', code: expect.any(String), retry: false };
const A_DATA_KEY = { ...PLACE, wrapped: expect.any(Uint8Array) };

describe.each(Object.entries(HOSTILE))('%s', (_, change) => {
  test('keeps no other from being wrapped anew', async () => {
    const { world, key, ports } = await worldWith(change);
    const keyMaterialId = world.kms.rotate(anArn());
    const rotated = { ...key, keyMaterialId, olderMaterialIds: [key.keyMaterialId] };
    world.control.given('kms-key', rotated);
    const materials = { fromKeyMaterialId: key.keyMaterialId, toKeyMaterialId: keyMaterialId };
    await ports.control.commit(beginJob({ jobId: 'job', from: rotated, to: rotated, ...materials }, ports));

    for (let next = 0; next < world.control.outbox.length; next += 1) {
      const fact = world.control.outbox[next];
      if (fact?.detailType !== reencryptionBatchDue.detailType) continue;
      await reencryptBatch(reencryptionBatchDue.read(fact.detail), ports);
    }

    const job = await world.control.find('reencryption-job', 'job');
    expect(job?.state).toBe('done');
    expect(job?.reencrypted).toBeGreaterThanOrEqual(GOOD);
  });

  test('is read past by whoever proves that nothing is left', async () => {
    const { key, ports } = await worldWith(change);
    ports.control.given('data-store-count', { kmsKeyArn: anArn(), dataStores: 1, revision: 1 });

    const proof = await scanReferences(key, undefined, ports);

    expect(proof).toMatchObject({ references: { dataStores: ['acme/documents'] } });
  });

  test('keeps no other from being found exposed', async () => {
    const { world, ports } = await worldWith(change);
    const declaration = { kmsKeyArn: anArn(), reason: 'leaked', by: 'ann', replaceDataKeys: true };
    const answer = await declareCompromise(declaration, ports);
    if (!('compromise' in answer)) throw new Error('nothing was declared');
    const { compromiseId } = answer.compromise;
    const key = await world.control.find('kms-key', anArn());
    if (key) world.control.given('kms-key', { ...key, state: 'disabled' });

    const now = async () => world.control.find('compromise', compromiseId);
    for (let step = 0; step < 10 && (await now())?.stage !== 'verify'; step += 1)
      await containCompromise({ compromiseId, step: (await now())?.step ?? 0 }, ports);

    expect(await now()).toMatchObject({ stage: 'verify' });
    expect((await now())?.dataKeys).toBeGreaterThanOrEqual(GOOD);
  });

  test('is answered with a data key or an error of ours', async () => {
    const { store } = await worldWith(change);

    const found = await store.find({ ...PLACE, dataKeyId: 'hostile' }).catch((error: unknown) => error);
    const newest = await store.newest('acme', 'documents').catch((error: unknown) => error);

    // A row that lies elsewhere is not found by its name.
    const answers = [found, newest].filter((answer) => answer !== undefined);
    expect(answers.length).toBeGreaterThan(0);
    for (const answer of answers) expect(answer).toMatchObject(answer instanceof Error ? REFUSED : A_DATA_KEY);
  });
});
