/**
 * From a use of a key to the customer's webhook, on the packaged product: uses of quiet customers alone, then beside one who is loud, each
 * with a subscription; the loud one's log goes to three more destinations. `node bench/run-bundled.mjs delivery`
 *
 * Times are real. When a checkpoint was published is what its fact says.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CreateAliasCommand, CreateKeyCommand, EncryptCommand, KMSClient } from '@aws-sdk/client-kms';
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startLocalAws } from 'local-aws/aws';
import { administratorVariables } from '../cli/start/administrator';
import { PROVIDER_ACCOUNT } from '../cli/start/customers';
import { withLocalWebhooks } from '../cli/start/deliveries/local-webhooks';
import { packageOf } from '../cli/start/package';
import { onboardCustomer } from '../shared/domain/customers/onboard-customer';
import type { ControlStore } from '../shared/domain/ports';
import { addSubscription } from '../shared/domain/subscriptions/change-subscriptions';
import { controlPorts, kmsPorts, secretSealerPort, subscriptionPorts } from '../shared/runtime/aws-ports';
import { basicsOf } from '../shared/runtime/basics';

const QUIET = ['quiet-1', 'quiet-2', 'quiet-3', 'quiet-4', 'quiet-5'];
const LOUD = 'loud';
/** Of each quiet customer, in each of two rounds; the loud one uses their key so many times as often. */
const USES = 10;
const LOUDER = 20;
const BETWEEN_MS = 250;
const PATIENCE_MS = 120_000;
const REGION = 'eu-central-1';

interface Received {
  readonly customerId: string;
  readonly path: string;
  readonly index: number;
  /** Of the use that it tells of. */
  readonly use?: string;
  readonly entryCustomerId: string;
  readonly atMs: number;
}

export async function run(root: string): Promise<void> {
  const product = await productOn(root);
  const web = await receiver();
  const { collect } = await subscribe(product, web.url);
  const used = new Map<string, number>();
  const useOf = (customerId: string, round: string) => async (at: number) => {
    const use = `${round}/${customerId}/${at}`;
    used.set(use, Date.now());
    await product.use(customerId, use);
  };
  const quietly = (round: string) => QUIET.map((customerId) => inTurn(USES, BETWEEN_MS, useOf(customerId, round)));
  await Promise.all(quietly('alone'));
  await until(() => arrivedOf(web.received, used) === used.size);
  const began = Date.now();
  const before = used.size;
  await Promise.all([...quietly('beside'), inTurn(USES * LOUDER, BETWEEN_MS / LOUDER, useOf(LOUD, 'beside'))]);
  await until(() => arrivedOf(web.received, used) === used.size);
  const seconds = (Date.now() - began) / 1_000;
  await Promise.race([product.aws.idle(), pause(10_000)]);

  const published = await checkpoints(product.control, web.received);
  const times = web.received.flatMap((one) => timesOf(one, used, published));
  const p95Of = (round: string) =>
    percentile(
      times.filter(({ use }) => use.startsWith(`${round}/quiet`)).map(({ toCheckpoint }) => toCheckpoint),
      0.95,
    );
  const others = await collect();
  const expected = new Set(web.received.filter(({ customerId }) => customerId === LOUD).map(({ index }) => index)).size;
  const result = {
    destinations: ['webhook', ...Object.keys(others)],
    recordsPerSecond: Math.round(((used.size - before) / seconds) * 10) / 10,
    eventToCheckpointP99Ms: percentile(
      times.map(({ toCheckpoint }) => toCheckpoint),
      0.99,
    ),
    checkpointToWebhookP99Ms: percentile(
      times.map(({ toWebhook }) => toWebhook),
      0.99,
    ),
    lost:
      used.size -
      arrivedOf(web.received, used) +
      Object.values(others).reduce((sum, indexes) => sum + Math.max(0, expected - new Set(indexes).size), 0),
    outOfOrder: outOfOrder(web.received),
    foreign: web.received.filter((one) => one.entryCustomerId !== one.customerId).length,
    quietCustomersP95Ratio: Math.round((p95Of('beside') / p95Of('alone')) * 100) / 100,
  };
  await product.aws.stop();
  web.stop();
  console.log(JSON.stringify(result));
}

async function productOn(root: string) {
  const { template, artifacts } = await packageOf(root);
  const aws = await startLocalAws({ retrySeconds: 1 });
  Object.assign(process.env, administratorVariables(aws, PROVIDER_ACCOUNT));
  // Webhooks are on this machine.
  const made = withLocalWebhooks(template);
  const { outputs } = await aws.deploy(made, { accountId: PROVIDER_ACCOUNT, artifacts });
  const control = controlPorts({ controlTableName: outputs['ControlTableName'] ?? '' }).control;
  const kms = new KMSClient();
  const keys = new Map<string, string>();
  const ports = { control, ...kmsPorts(), ...basicsOf('bench') };
  for (const customerId of [...QUIET, LOUD]) {
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    const kmsKeyArn = KeyMetadata?.Arn ?? '';
    const alias = `alias/keywright/${customerId}`;
    await kms.send(new CreateAliasCommand({ AliasName: alias, TargetKeyId: kmsKeyArn }));
    keys.set(customerId, kmsKeyArn);
    const dueAt = new Date(Date.now() + 300 * 86_400_000).toISOString();
    await onboardCustomer(
      {
        customer: { customerId, name: customerId },
        key: { kmsKeyArn, option: 'customer-specific', access: { via: 'key-policy' }, alias },
        dataStores: [{ dataStoreId: 'documents', kind: 'application', capabilities: ['search'] }],
        rotation: { strategy: 'kms-on-demand', periodDays: 365, reencrypt: true, dueAt },
      },
      ports,
    );
  }
  return {
    aws,
    control,
    outputs,
    use: (customerId: string, use: string) =>
      kms.send(
        new EncryptCommand({
          KeyId: keys.get(customerId),
          Plaintext: Buffer.from('x'),
          EncryptionContext: { 'keywright:customerId': customerId, 'keywright:dataStoreId': 'documents', use },
        }),
      ),
  };
}

type Product = Awaited<ReturnType<typeof productOn>>;

async function subscribe({ control, outputs }: Product, url: string) {
  const [sqs, s3] = [new SQSClient({ useQueueUrlAsEndpoint: false }), new S3Client({ forcePathStyle: true })];
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'keywright-audit-loud' }));
  const Bucket = 'keywright-audit-loud';
  await s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: REGION } }));
  const tables = { controlTableName: outputs['ControlTableName'] ?? '' };
  const channelKeyArn = outputs['ChannelKeyArn'] ?? '';
  const ports = { control, ...subscriptionPorts(tables), ...secretSealerPort({ channelKeyArn }), ...basicsOf('bench') };
  const queue = `arn:aws:sqs:${REGION}:${PROVIDER_ACCOUNT}:keywright-audit-loud`;
  const of = (customerId: string, name: string) => ({ customerId, name, from: 0 });
  for (const customerId of [...QUIET, LOUD])
    await addSubscription(
      { ...of(customerId, 'hook'), kind: 'webhook', target: `${url}/${customerId}` },
      'bench',
      ports,
    );
  await addSubscription({ ...of(LOUD, 'queue'), kind: 'sqs', target: queue }, 'bench', ports);
  await addSubscription({ ...of(LOUD, 'lake'), kind: 's3', target: `s3://${Bucket}` }, 'bench', ports);

  return {
    /** Indexes of entries that the other destinations have. */
    async collect(): Promise<Readonly<Record<string, readonly number[]>>> {
      const bodies: string[] = [];
      for (let empty = 0; empty < 3; ) {
        const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
        bodies.push(...Messages.map(({ Body = '' }) => Body));
        empty = Messages.length === 0 ? empty + 1 : 0;
      }
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
      const texts = await Promise.all(
        Contents.map(async ({ Key }) =>
          (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString(),
        ),
      );
      const lines = texts.flatMap((text = '') => text.trimEnd().split('\n'));
      return { sqs: indexesIn(bodies), s3: indexesIn(lines) };
    },
  };
}

const indexesIn = (bodies: readonly string[]) =>
  bodies.map((body) => Number(JSON.parse(body).id)).filter((index) => Number.isInteger(index));

/** Takes webhooks of every customer, at a path of theirs. */
async function receiver() {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const { id, data } = JSON.parse(Buffer.concat(chunks).toString('utf8'));
      const customerId = (request.url ?? '').slice(1);
      const use = data.encryptionContexts?.[0]?.use;
      const entry = { customerId, path: request.url ?? '', index: Number(id), entryCustomerId: data.customerId };
      if (Number.isInteger(entry.index)) received.push({ ...entry, atMs: Date.now(), ...(use && { use }) });
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, received, stop: () => server.close() };
}

const arrivedOf = (received: readonly Received[], used: ReadonlyMap<string, number>) =>
  new Set(received.flatMap(({ use }) => (use !== undefined && used.has(use) ? [use] : []))).size;

/** When the entries of each customer were published, by their index. */
async function checkpoints(control: ControlStore, received: readonly Received[]) {
  const published = new Map<string, readonly (number | undefined)[]>();
  for (const customerId of new Set(received.map((one) => one.customerId))) {
    const size = 1 + Math.max(...received.flatMap((one) => (one.customerId === customerId ? [one.index] : [])));
    const facts = await Promise.all(
      Array.from({ length: size }, (_, at) => control.fact(`audit-appended/${customerId}/${at + 1}`)),
    );
    const times = facts.map((fact) => fact && Date.parse(String(fact.detail['at'])));
    published.set(
      customerId,
      times.map((_, at) => times.slice(at).find((time) => time !== undefined)),
    );
  }
  return published;
}

function timesOf(
  { customerId, index, use, atMs }: Received,
  used: ReadonlyMap<string, number>,
  published: ReadonlyMap<string, readonly (number | undefined)[]>,
) {
  const [calledMs, publishedMs] = [used.get(use ?? ''), published.get(customerId)?.[index]];
  if (use === undefined || calledMs === undefined || publishedMs === undefined) return [];
  return [{ use, toCheckpoint: publishedMs - calledMs, toWebhook: Math.max(0, atMs - publishedMs) }];
}

/** Entries that came for the first time after one that is behind them. */
function outOfOrder(received: readonly Received[]): number {
  const last = new Map<string, number>();
  let wrong = 0;
  for (const { path, index } of received) {
    const before = last.get(path) ?? -1;
    if (index > before + 1) wrong += 1;
    last.set(path, Math.max(before, index));
  }
  return wrong;
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms).unref());

async function inTurn(count: number, everyMs: number, work: (at: number) => Promise<void>): Promise<void> {
  for (let at = 0; at < count; at += 1)
    await Promise.all([work(at), new Promise((resolve) => setTimeout(resolve, everyMs))]);
}

async function until(isDone: () => boolean): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end && !isDone(); )
    await new Promise((resolve) => setTimeout(resolve, 100));
}
