/**
 * Subscriptions on the packaged product: from the command line to destinations of six kinds, each of which has every entry of its
 * customer's signed log, byte for byte, in order and no other's; and one that is dead keeps nobody waiting.
 */
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EncryptCommand } from '@aws-sdk/client-kms';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { ACCOUNT, clientSettings } from 'local-aws/test/support/local-aws';
import { s3AuditObjects } from '../../shared/adapters/s3-audit-objects';
import { entriesFrom, publishedSize } from '../../shared/domain/subscriptions/read-log';
import { type DeployedProduct, deployedProduct } from '../support/deployed-product';
import { answering, type WebChannel, webChannel } from '../support/web-channel';

const TEST_MS = 240_000;
const THEIRS = '444455556666';
const TOKEN = '12345678-1234-1234-1234-1234567890AB';

let product: DeployedProduct;
let webhook: WebChannel;
let splunk: WebChannel;
let folder: string;
let whsec = '';
let theirs: { readonly sqs: SQSClient; readonly s3: S3Client; readonly queueUrl: string };

beforeAll(async () => {
  product = await deployedProduct();
  webhook = await webChannel(answering(204, ''));
  splunk = await webChannel(answering(200, '{"text":"Success","code":0}'));
  folder = mkdtempSync(join(tmpdir(), 'delivering-'));
  writeFileSync(join(folder, 'token'), TOKEN);
  theirs = await customerAccount();
}, TEST_MS);
afterAll(async () => {
  await product.stop();
  await Promise.all([webhook.stop(), splunk.stop()]);
  rmSync(folder, { recursive: true });
});

/** A queue and a bucket of the customer's own account, whose policies let the role in that sends, and nobody else. */
async function customerAccount() {
  const settings = clientSettings(product.aws, THEIRS);
  const sqs = new SQSClient({ ...settings, useQueueUrlAsEndpoint: false });
  const s3 = new S3Client({ ...settings, forcePathStyle: true });
  const letIn = (Action: string, Resource: string) =>
    JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { AWS: `arn:aws:iam::${ACCOUNT}:role/keywright-dev-deliver-entries` },
          Action,
          Resource,
        },
      ],
    });
  const { QueueUrl: queueUrl = '' } = await sqs.send(
    new CreateQueueCommand({
      QueueName: 'keywright-audit-acme',
      Attributes: { Policy: letIn('sqs:SendMessage', '*') },
    }),
  );
  const Bucket = 'keywright-audit-acme';
  await s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: 'eu-central-1' } }));
  const Policy = letIn('s3:PutObject', `arn:aws:s3:::${Bucket}/*`);
  await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
  return { sqs, s3, queueUrl };
}

const add = async (name: string, ...options: readonly string[]) => {
  const words = ['subscriptions', 'add', 'acme', name, ...options, '--from', '0', '--json'];
  const { out, err, exitCode } = await product.keywright(words);
  expect({ out: exitCode === 0 ? '' : out, err, exitCode }).toEqual({ out: '', err: '', exitCode: 0 });
  return JSON.parse(out);
};

/** The customer's log as its files have it. */
async function logOf(customerId: string): Promise<readonly string[]> {
  const s3 = new S3Client({ ...clientSettings(product.aws, ACCOUNT), forcePathStyle: true });
  const files = s3AuditObjects(s3, product.outputs['AuditBucketName'] ?? '');
  const size = await publishedSize(customerId, files);
  const entries: string[] = [];
  while (entries.length < size) {
    const some = await entriesFrom(customerId, entries.length, size, files);
    entries.push(...some.map((bytes) => Buffer.from(bytes).toString()));
  }
  return entries;
}

const use = (KeyId: string) =>
  product.kms.send(
    new EncryptCommand({
      KeyId,
      Plaintext: Buffer.from('x'),
      EncryptionContext: { 'keywright:customerId': 'acme', 'keywright:dataStoreId': 'documents' },
    }),
  );

const dataOf = (body: string) => /"data":(\{.*\})\}$/s.exec(body)?.[1] ?? '';
const isTest = (body: string) => body.includes('subscription-test');
const hooks = (path: string) => webhook.requests.filter(({ url, body }) => url === path && !isTest(body));

/** Which entries were sent: each once, however often it came. */
const indexesOf = (requests: ReturnType<typeof hooks>): readonly string[] => [
  ...new Set(requests.flatMap(({ headers }) => /\d+$/.exec(String(headers['webhook-id'])) ?? [])),
];

test(
  'a customer has every entry at each destination, and nobody else’s',
  async () => {
    const acme = await product.customer('acme');
    const globex = await product.customer('globex');
    const made = await add('hook', '--kind', 'webhook', '--target', `${webhook.url}/hook`);
    whsec = made.receiverSecret;
    expect(made).toMatchObject({ taken: true, subscription: { state: 'testing', hasSecret: true } });
    await add('queue', '--kind', 'sqs', '--target', `arn:aws:sqs:eu-central-1:${THEIRS}:keywright-audit-acme`);
    await add('lake', '--kind', 's3', '--target', 's3://keywright-audit-acme/log', '--format', 'ocsf');
    const token = join(folder, 'token');
    const collector = `${splunk.url}/services/collector/event`;
    await add('splunk', '--kind', 'splunk', '--target', collector, '--secret-file', token, '--format', 'cloudtrail');

    for (let at = 0; at < 5; at += 1) await Promise.all([use(acme), use(globex)]);
    await product.aws.idle();

    const log = await logOf('acme');
    expect(log.length).toBeGreaterThan(8);
    expect(hooks('/hook').map(({ body }) => dataOf(body))).toEqual(log);
    const lines = await linesInBucket();
    expect(lines.map((line) => JSON.parse(line).raw_data)).toEqual(log);
    const queued = (await receivedAll()).map(({ Body = '' }) => Body).filter((body) => !isTest(body));
    expect([...new Set(queued.map(dataOf))].sort()).toEqual([...new Set(log)].sort());
    const records = log.filter((entry) => entry.includes('"record":')).length;
    const inSplunk = splunk.requests.map(({ body }) => body).join('');
    expect(inSplunk.split('"eventID"').length - 1).toBe(records);
    for (const text of [...log, ...lines, inSplunk, ...webhook.requests.map(({ body }) => body)])
      expect(text).not.toContain('globex');
  },
  TEST_MS,
);

async function linesInBucket(): Promise<readonly string[]> {
  const Bucket = 'keywright-audit-acme';
  const { Contents = [] } = await theirs.s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'log/' }));
  const texts = await Promise.all(
    Contents.map(async ({ Key }) => {
      const { Body } = await theirs.s3.send(new GetObjectCommand({ Bucket, Key }));
      return (await Body?.transformToString()) ?? '';
    }),
  );
  return texts.flatMap((text) => text.trimEnd().split('\n')).filter((line) => !isTest(line));
}

async function receivedAll() {
  const messages = [];
  for (let empty = 0; empty < 2; ) {
    const { Messages = [] } = await theirs.sqs.send(
      new ReceiveMessageCommand({ QueueUrl: theirs.queueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 0 }),
    );
    messages.push(...Messages);
    empty = Messages.length === 0 ? empty + 1 : 0;
  }
  return messages;
}

test('what a webhook is sent is signed with the secret that was told once', () => {
  const [request] = hooks('/hook');
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature } = request?.headers ?? {};
  const key = Buffer.from(whsec.replace('whsec_', ''), 'base64');
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.${request?.body}`).digest('base64');

  expect(id).toBe('acme/hook/0');
  expect(signature).toBe(`v1,${expected}`);
});

test(
  'one that is dead keeps nobody waiting, is seen to fail, and goes on where it ended',
  async () => {
    const [key] = [await product.customer('initech')];
    await product.keywright([
      'subscriptions',
      'add',
      'initech',
      'dead',
      '--kind',
      'webhook',
      '--target',
      `${webhook.url}/dead`,
    ]);
    await product.keywright([
      'subscriptions',
      'add',
      'initech',
      'well',
      '--kind',
      'webhook',
      '--target',
      `${webhook.url}/well`,
    ]);
    await product.aws.idle();
    const taken = hooks('/dead').length;
    webhook.answer((response, { url }) => void response.writeHead(url === '/dead' ? 503 : 204).end());
    for (let at = 0; at < 3; at += 1) await use(key);
    await product.aws.idle();

    const well = hooks('/well').length;
    expect(well).toBeGreaterThan(2);
    const { out } = await product.keywright(['subscriptions', 'show', 'initech', 'dead']);
    expect(out).toMatch(/failing since .*: it answered 503/);

    webhook.answer(answering(204, ''));
    const failed = hooks('/dead').length;
    product.aws.clock.advance(6 * 60_000);
    await product.aws.idle();
    const had = indexesOf([...hooks('/dead').slice(0, taken), ...hooks('/dead').slice(failed)]);
    expect(indexesOf(hooks('/well')).filter((index) => !had.includes(index))).toEqual([]);
  },
  TEST_MS,
);

test('a person pauses, resumes, rotates and removes, and sends again what was sent', async () => {
  const run = (...words: readonly string[]) => product.keywright(['subscriptions', ...words]);
  expect(await run('pause', 'acme', 'hook')).toMatchObject({ exitCode: 0 });
  expect((await run('list', 'acme')).out).toContain('hook: webhook, paused, cloudevents');
  expect(await run('resume', 'acme', 'hook')).toMatchObject({ exitCode: 0 });
  expect((await run('rotate-secret', 'acme', 'hook')).out).toMatch(/whsec_/);
  const before = hooks('/hook').length;
  expect(await run('resend', 'acme', 'hook', '1')).toMatchObject({ exitCode: 0 });
  await product.aws.idle();
  expect(hooks('/hook').length).toBeGreaterThan(before + 5);
  expect(await run('remove', 'acme', 'hook')).toMatchObject({ exitCode: 0 });
  expect(await run('show', 'acme', 'hook')).toMatchObject({ exitCode: 2 });
});
