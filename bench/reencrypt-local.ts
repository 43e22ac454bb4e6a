/**
 * The re-encryption engine on local AWS beside a bare loop of the same calls at the same concurrency: for each data key one
 * ReEncrypt and one conditional PutItem of the same item, for each hundred one page of the index and one read of the table. Counts what
 * each asks of AWS. `node bench/run-bundled.mjs reencrypt-local [data keys]`
 */
import { CreateTableCommand, type CreateTableCommandInput, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateKeyCommand, KMSClient, ReEncryptCommand } from '@aws-sdk/client-kms';
import { BatchGetCommand, type DynamoDBDocumentClient, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { startLocalAws } from 'local-aws/aws';
import { reencryptionBatchDue } from '../events/reencryption-batch-due';
import { CONTROL_TABLE } from '../shared/adapters/control-table';
import { DATA_KEY_INDEX, DATA_KEY_TABLE } from '../shared/adapters/data-key-table';
import { documentsOf } from '../shared/adapters/document-client';
import { dynamoControlStore } from '../shared/adapters/dynamo-control-store';
import { dynamoDataKeyStore } from '../shared/adapters/dynamo-data-key-store';
import { kmsDataKeyCrypto } from '../shared/adapters/kms-data-key-crypto';
import { BATCH_MAX, type DataKeyName, encryptionContextOf, SHARDS } from '../shared/domain/keys/data-key';
import { inParallel } from '../shared/domain/parallel-work';
import type { ControlStore } from '../shared/domain/ports';
import { beginJob } from '../shared/domain/reencryption/jobs/begin-job';
import { reencryptBatch } from '../shared/domain/reencryption/reencrypt-data-keys';
import { aDataStore, aKmsKey, countedIds, silentLog } from '../test/support/make';
import { unlimitedRate } from '../test/support/unlimited-rate';

const DATA_KEYS = 20_000;
const LIMIT = 1.25;
/** As the engine works: every shard, and so many data keys of a batch at the same time. */
const OF_A_BATCH = 16;
const ACCOUNT = '111122223333';
const PLACE = { customerId: 'acme', dataStoreId: 'documents' };

export async function run(_root: string, [wanted = DATA_KEYS]: readonly (string | number)[]): Promise<void> {
  const size = Number(wanted);
  const aws = await startLocalAws({ quotas: { multiplier: 1_000 } });
  const settings = { endpoint: aws.url, region: aws.region, credentials: aws.credentials(ACCOUNT) };
  const kms = new KMSClient(settings);
  const documents = documentsOf(new DynamoDBClient(settings));
  const clients = { kms, documents };
  try {
    const half = Math.ceil(size / 2);
    const prepare = (name: string) => prepared(name, half, clients);
    const [first, second] = [await prepare('first'), await prepare('second')];
    const [third, fourth] = [await prepare('third'), await prepare('fourth')];
    const calls = countedCalls(clients);
    const bare = async (data: Prepared) => calls.of('bare', await timed(() => bareLoop(data, clients)));
    const engine = async (data: Prepared) => calls.of('engine', await timed(() => engineRun(data, half)));
    // Mirrored: what grows or warms up meanwhile does so for both.
    await bare(first);
    await engine(second);
    await engine(third);
    await bare(fourth);
    for (const [name, { ms, perDataKey }] of calls.told(2 * half))
      console.log(`${name}: ${2 * half} data keys in ${(ms / 1000).toFixed(1)} s; a data key: ${perDataKey}`);
    const ratio = calls.msOf('engine') / calls.msOf('bare');
    console.log(`reencrypt-local: ${ratio.toFixed(2)} times a bare loop (limit ${LIMIT})`);
    process.exitCode = ratio <= LIMIT ? 0 : 1;
  } finally {
    await aws.stop();
  }
}

interface Clients {
  readonly kms: KMSClient;
  readonly documents: DynamoDBDocumentClient;
}

type Prepared = Awaited<ReturnType<typeof prepared>>;

/** Two KMS keys, two tables, and data keys under the first key. */
async function prepared(name: string, size: number, { kms, documents }: Clients) {
  const tables = { control: `${name}-control`, dataKeys: `${name}-data-keys` };
  await documents.send(new CreateTableCommand(tableOf(tables.control, CONTROL_TABLE)));
  await documents.send(new CreateTableCommand(tableOf(tables.dataKeys, DATA_KEY_TABLE)));
  const control = dynamoControlStore(documents, tables.control);
  const dataKeys = dynamoDataKeyStore(documents, tables.dataKeys, tables.control);
  const crypto = kmsDataKeyCrypto({ of: () => kms, onceOf: () => kms });

  const [from, to] = [aKmsKey({ kmsKeyArn: await newKey(kms) }), aKmsKey({ kmsKeyArn: await newKey(kms) })];
  await control.commit({
    writes: [{ entityType: 'data-store', row: aDataStore({ ...PLACE, kmsKeyArn: from.kmsKeyArn }) }],
    facts: [],
  });
  const names = Array.from({ length: size }, (_, at) => ({ ...PLACE, dataKeyId: `data-key-${at}` }));
  const createdAt = new Date().toISOString();
  const { succeeded, failed } = await inParallel(names, OF_A_BATCH, async (dataKey) => {
    const wrapping = await crypto.generateWrapped(from, encryptionContextOf(dataKey));
    return dataKeys.create({ ...dataKey, ...wrapping, createdAt });
  });
  if (failed.length > 0) throw failed[0];
  const keyMaterialId = succeeded[0]?.keyMaterialId ?? '';
  return { tables, control, dataKeys, crypto, from: { ...from, keyMaterialId }, to };
}

async function newKey(kms: KMSClient): Promise<string> {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand());
  return KeyMetadata?.Arn ?? '';
}

const tableOf = (TableName: string, table: object) =>
  ({ TableName, BillingMode: 'PAY_PER_REQUEST', ...structuredClone(table) }) as CreateTableCommandInput;

/** The same calls without an engine: nothing is remembered, nothing is decided, nothing may fail. */
async function bareLoop({ tables, from, to }: Prepared, { kms, documents }: Clients): Promise<void> {
  await Promise.all(
    Array.from({ length: SHARDS }, (_, shard) => bareShard(`${from.kmsKeyArn}#${from.keyMaterialId}#${shard}`)),
  );

  async function bareShard(wrapping: string): Promise<void> {
    for (;;) {
      const { Items = [] } = await documents.send(
        new QueryCommand({
          TableName: tables.dataKeys,
          IndexName: DATA_KEY_INDEX,
          KeyConditionExpression: 'wrapping = :wrapping',
          ExpressionAttributeValues: { ':wrapping': wrapping },
          Limit: BATCH_MAX,
        }),
      );
      if (Items.length === 0) return;
      const Keys = Items.map(({ pk, sk }) => ({ pk, sk }));
      const { Responses } = await documents.send(
        new BatchGetCommand({ RequestItems: { [tables.dataKeys]: { Keys, ConsistentRead: true } } }),
      );
      const { failed } = await inParallel(Responses?.[tables.dataKeys] ?? [], OF_A_BATCH, (item) =>
        bareDataKey(item, wrapping),
      );
      if (failed.length > 0) throw failed[0];
    }
  }

  async function bareDataKey(item: Record<string, unknown>, wrapping: string): Promise<void> {
    const context = encryptionContextOf(item as unknown as DataKeyName);
    const { CiphertextBlob, DestinationKeyMaterialId } = await kms.send(
      new ReEncryptCommand({
        CiphertextBlob: item['wrapped'] as Uint8Array,
        SourceKeyId: from.kmsKeyArn,
        SourceEncryptionContext: { ...context },
        DestinationKeyId: to.kmsKeyArn,
        DestinationEncryptionContext: { ...context },
      }),
    );
    const wrappedAnew = {
      wrapped: CiphertextBlob,
      kmsKeyArn: to.kmsKeyArn,
      keyMaterialId: DestinationKeyMaterialId,
      wrapping: `${to.kmsKeyArn}#${DestinationKeyMaterialId}#${wrapping.split('#').at(-1)}`,
      formerly: { [from.kmsKeyArn]: new Date().toISOString() },
      reencryptedAt: new Date().toISOString(),
      workedBy: [{ batch: 'job-1/0/1', did: 'reencrypted' }],
      revision: 2,
    };
    await documents.send(
      new PutCommand({
        TableName: tables.dataKeys,
        Item: { ...item, ...wrappedAnew },
        ConditionExpression: 'revision = :read',
        ExpressionAttributeValues: { ':read': item['revision'] },
      }),
    );
  }
}

/** The job as its functions work it: one worker a shard, each batch asked for by the one before it. */
async function engineRun({ control, dataKeys, crypto, from, to }: Prepared, size: number): Promise<void> {
  const clock = { now: () => new Date().toISOString() };
  const ids = countedIds();
  const due: { readonly detail: unknown }[] = [];
  const collecting: ControlStore = {
    ...control,
    async commit(change) {
      await control.commit(change);
      due.push(...change.facts.filter(({ detailType }) => detailType === reencryptionBatchDue.detailType));
    },
  };
  const ports = { control: collecting, dataKeys, crypto, clock, ids, log: silentLog, pace: unlimitedRate };
  const toKeyMaterialId = (await crypto.generateWrapped(to, encryptionContextOf({ ...PLACE, dataKeyId: 'probe' })))
    .keyMaterialId;
  const plan = {
    jobId: 'job-1',
    from,
    fromKeyMaterialId: from.keyMaterialId,
    to: { ...to, keyMaterialId: toKeyMaterialId },
    toKeyMaterialId,
  };
  await collecting.commit(beginJob(plan, ports));

  const worker = async () => {
    for (let fact = due.shift(); fact; fact = due.shift())
      await reencryptBatch(reencryptionBatchDue.read(fact.detail), ports);
  };
  await Promise.all(Array.from({ length: SHARDS }, worker));
  const job = await control.find('reencryption-job', 'job-1');
  if (job?.state !== 'done' || job.reencrypted !== size) throw new Error(`The job is ${JSON.stringify(job)}.`);
}

/** Requests of each operation, and the time they took, by what sent them. */
function countedCalls({ kms, documents }: Clients) {
  const sent = new Map<string, { ms: number; readonly calls: Map<string, number> }>();
  let calls = new Map<string, number>();
  const count = (next: (args: object) => Promise<unknown>, { commandName = '' }: { commandName?: string }) => {
    return (args: object) => {
      calls.set(commandName, (calls.get(commandName) ?? 0) + 1);
      return next(args);
    };
  };
  kms.middlewareStack.add(count as never, { step: 'initialize' });
  documents.middlewareStack.add(count as never, { step: 'initialize' });
  return {
    /** Everything since the last look was sent by this one. */
    of(name: string, ms: number): void {
      const before = sent.get(name) ?? { ms: 0, calls: new Map<string, number>() };
      for (const [command, times] of calls) before.calls.set(command, (before.calls.get(command) ?? 0) + times);
      sent.set(name, { ms: before.ms + ms, calls: before.calls });
      calls = new Map();
    },
    msOf: (name: string) => sent.get(name)?.ms ?? 0,
    told: (size: number) =>
      [...sent].map(([name, { ms, calls }]) => {
        const words = [...calls].map(([command, times]) => `${command.replace(/Command$/, '')} ${perOf(times, size)}`);
        return [name, { ms, perDataKey: words.join(', ') }] as const;
      }),
  };
}

const perOf = (times: number, size: number) => (times / size).toFixed(3);

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
