/** EventBridge loses records of an hour on the packaged product: log files bring them, late and marked; what is taken from the files is a gap. */
import { DisableRuleCommand, EventBridgeClient, ListRulesCommand, PutRuleCommand } from '@aws-sdk/client-eventbridge';
import { GenerateDataKeyWithoutPlaintextCommand } from '@aws-sdk/client-kms';
import { DeleteObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import type { LogReader } from 'keywright-verify/reader';
import { ACCOUNT } from 'local-aws/test/support/local-aws';
import { s3AuditObjects } from '../../shared/adapters/s3-audit-objects';
import { type DeployedProduct, deployedProduct } from '../support/deployed-product';
import { readEntries } from '../support/read-entries';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const BUCKET = `aws-cloudtrail-logs-${ACCOUNT}`;

let product: DeployedProduct;
let s3: S3Client;
beforeAll(async () => {
  product = await deployedProduct();
  s3 = new S3Client({ forcePathStyle: true });
}, 120_000);
afterAll(async () => {
  s3.destroy();
  await product.stop();
});

interface Entry {
  readonly eventId: string;
  readonly operation: string;
  readonly encryptionContexts?: readonly Readonly<Record<string, string>>[];
  readonly provenance?: { readonly via: string; readonly late?: boolean };
  readonly fact?: Readonly<Record<string, unknown>> & { readonly gaps?: readonly { readonly reason: string }[] };
}

async function streamOf(customerId: string): Promise<readonly Entry[]> {
  const objects = s3AuditObjects(s3, product.outputs['AuditBucketName'] ?? '');
  const reader: LogReader = { read: async (path) => (await objects.read(customerId, path))?.bytes };
  const checkpoint = Buffer.from((await objects.read(customerId, 'checkpoint'))?.bytes ?? []).toString();
  const entries: Entry[] = [];
  for await (const bytes of readEntries(reader, Number(checkpoint.split('\n')[1] ?? 0)))
    entries.push(JSON.parse(Buffer.from(bytes).toString()));
  return entries;
}

/** Time passes as it does for a trail: log files, then digests, then the schedule. */
async function pass(ms: number, stepMs = 30 * MINUTE_MS) {
  for (let left = ms; left > 0; left -= stepMs) {
    product.aws.clock.advance(Math.min(left, stepMs));
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await product.aws.idle();
  }
}

const logFiles = async () => {
  const { Contents = [] } = await s3.send(
    new ListObjectsV2Command({ Bucket: BUCKET, Prefix: `AWSLogs/${ACCOUNT}/CloudTrail/` }),
  );
  return Contents.map(({ Key = '' }) => Key);
};

/** Nothing of the default bus is recorded until the function that is given back is called. */
async function cutEvents() {
  const events = new EventBridgeClient();
  const { Rules = [] } = await events.send(new ListRulesCommand({}));
  const ours = Rules.filter(({ EventPattern = '' }) => EventPattern.includes('kms.amazonaws.com'));
  expect(ours.length).toBeGreaterThan(0);
  for (const { Name } of ours) await events.send(new DisableRuleCommand({ Name }));
  return async () => {
    for (const { Name, EventPattern, State } of ours)
      await events.send(new PutRuleCommand({ Name, EventPattern, State }));
    events.destroy();
  };
}

const used = async (kmsKeyArn: string, dataStoreId: string) => {
  const EncryptionContext = { 'keywright:customerId': 'acme', 'keywright:dataStoreId': dataStoreId };
  await product.kms.send(
    new GenerateDataKeyWithoutPlaintextCommand({ KeyId: kmsKeyArn, KeySpec: 'AES_256', EncryptionContext }),
  );
};

const usesOf = (entries: readonly Entry[], dataStoreId: string) =>
  entries.filter(({ encryptionContexts }) => encryptionContexts?.[0]?.['keywright:dataStoreId'] === dataStoreId);

test('records that EventBridge lost are appended late and marked, and a removed log file is a stated gap', async () => {
  const acmes = await product.customer('acme');
  await pass(3 * HOUR_MS);
  await used(acmes, 'heard');
  await product.aws.idle();
  const giveBack = await cutEvents();
  await used(acmes, 'lost');
  await product.aws.idle();
  await giveBack();
  await pass(3 * HOUR_MS);

  const entries = await streamOf('acme');
  expect(usesOf(entries, 'heard').map(({ provenance }) => provenance?.via)).toEqual(['eventbridge']);
  expect(usesOf(entries, 'lost').map(({ provenance }) => provenance)).toEqual([
    expect.objectContaining({ via: 'file', late: true }),
  ]);

  const before = new Set(await logFiles());
  await used(acmes, 'removed');
  await pass(30 * MINUTE_MS);
  for (const Key of (await logFiles()).filter((key) => !before.has(key)))
    await s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key }));
  await pass(27 * HOUR_MS, 3 * HOUR_MS);

  const facts = (await streamOf('acme')).flatMap(({ operation, fact }) => (fact ? [{ operation, fact }] : []));
  expect(facts.filter(({ operation }) => operation === 'audit-gap-found.v1')).toContainEqual(
    expect.objectContaining({
      fact: expect.objectContaining({
        customerId: 'acme',
        accountId: ACCOUNT,
        gaps: expect.arrayContaining([expect.objectContaining({ reason: 'file-missing' })]),
      }),
    }),
  );
  const stated = facts.filter(({ operation }) => operation === 'completeness-stated.v1').map(({ fact }) => fact);
  expect(stated.reduce((sum, { late }) => sum + Number(late), 0)).toBeGreaterThan(0);
  expect(stated.some(({ isComplete }) => isComplete === false)).toBe(true);
  expect(new Set(stated.map(({ day }) => day)).size).toBe(stated.length);
}, 600_000);
