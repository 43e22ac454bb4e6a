/** Calls that an insider makes and facts that somebody forges, on the packaged product: what the streams say afterwards. */
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import {
  CreateKeyCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  KMSClient,
  ReEncryptCommand,
  SignCommand,
} from '@aws-sdk/client-kms';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import type { LogReader } from 'keywright-verify/reader';
import { ACCOUNT } from 'local-aws/test/support/local-aws';
import { s3AuditObjects } from '../../shared/adapters/s3-audit-objects';
import { OPERATOR_ID } from '../../shared/domain/customers/customer';
import { type DeployedProduct, deployedProduct } from '../support/deployed-product';
import { NOW } from '../support/make';
import { readEntries } from '../support/read-entries';

let product: DeployedProduct;
let s3: S3Client;
beforeAll(async () => {
  product = await deployedProduct();
  s3 = new S3Client({ forcePathStyle: true });
}, 60_000);
afterAll(async () => {
  s3.destroy();
  await product.stop();
});

interface Entry {
  readonly operation: string;
  readonly kmsKeyArns?: readonly string[];
  readonly caller?: { readonly arn?: string };
  readonly encryptionContexts?: readonly Readonly<Record<string, string>>[];
}

async function streamOf(customerId: string): Promise<readonly Entry[]> {
  const objects = s3AuditObjects(s3, product.outputs['AuditBucketName'] ?? '');
  const reader: LogReader = { read: async (path) => (await objects.read(customerId, path))?.bytes };
  const checkpoint = Buffer.from((await objects.read(customerId, 'checkpoint'))?.bytes ?? []).toString();
  const entries: Entry[] = [];
  for await (const bytes of readEntries(reader, Number(checkpoint.split('\n')[1] ?? 0))) {
    entries.push(JSON.parse(Buffer.from(bytes).toString()));
  }
  return entries;
}

const operationsOf = async (customerId: string) => (await streamOf(customerId)).map(({ operation }) => operation);

test('an insider who takes a data key under a key of their own is seen on both sides, whatever they call it', async () => {
  const { kms, aws } = product;
  const acmes = await product.customer('acme');
  await product.customer('hooli');
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
  const context = { 'keywright:customerId': 'acme', 'keywright:dataStoreId': 'documents' };
  const made = await kms.send(
    new GenerateDataKeyWithoutPlaintextCommand({ KeyId: acmes, KeySpec: 'AES_256', EncryptionContext: context }),
  );
  const hidden = [
    { 'keywright:customerId': 'x'.repeat(3_000) },
    { '\uFFFE': '\uFFFF' },
    { 'keywright:customerId': '..' },
    { 'keywright:customerId': 'hooli' },
  ];

  for (const DestinationEncryptionContext of hidden) {
    await kms.send(
      new ReEncryptCommand({
        CiphertextBlob: made.CiphertextBlob,
        SourceEncryptionContext: context,
        DestinationKeyId: KeyMetadata?.Arn,
        DestinationEncryptionContext,
      }),
    );
  }
  await aws.idle();

  // Looks of our own try it as well, under the canary's context.
  const isOurs = ({ encryptionContexts }: Entry) => encryptionContexts?.[0]?.['keywright:dataStoreId'] === 'canary';
  const moved = (entries: readonly Entry[]) =>
    entries.filter((entry) => entry.operation === 'ReEncrypt' && !isOurs(entry));
  expect(moved(await streamOf('acme')).map(({ kmsKeyArns }) => kmsKeyArns)).toEqual(hidden.map(() => [acmes]));
  expect(moved(await streamOf(OPERATOR_ID)).map(({ encryptionContexts }) => encryptionContexts?.[1])).toEqual(
    expect.arrayContaining(hidden),
  );
}, 60_000);

test('writing the operator’s stream comes to rest, and hides no signature, not even by append-audit’s own role', async () => {
  const { aws, outputs } = product;
  const sign = async (kms: KMSClient) => {
    await kms.send(
      new SignCommand({
        KeyId: outputs['AuditSigningKeyArn'],
        Message: Buffer.from('forged'),
        SigningAlgorithm: 'ED25519_SHA_512',
      }),
    );
    await aws.idle();
  };
  const role = `arn:aws:iam::${ACCOUNT}:role/keywright-dev-append-audit`;
  const thief = new KMSClient({ credentials: await aws.iam.openSession(role, 'mallory', 3_600) });

  await sign(thief);
  await sign(product.kms);
  thief.destroy();

  const signers = (await streamOf(OPERATOR_ID)).flatMap(({ operation, caller }) =>
    operation === 'Sign' ? [caller?.arn?.split('/').at(-1)] : [],
  );
  expect(signers).toContain('mallory');
  // Ours are among them, one for each checkpoint that was signed before.
  expect(signers.filter((name) => name === 'keywright-dev-append-audit').length).toBeGreaterThan(0);
}, 60_000);

test('a fact that nobody committed is in no stream, and opens none', async () => {
  const { aws, outputs } = product;
  const bus = new EventBridgeClient();
  const before = await operationsOf('acme');
  const forged = ['acme', '..', 'nobody'].map((customerId) => ({
    EventBusName: outputs['FactBusName'],
    Source: 'keywright',
    DetailType: 'key-retired.v1',
    Detail: JSON.stringify({ factId: `forged-${customerId}`, at: NOW, customerId }),
  }));

  await bus.send(new PutEventsCommand({ Entries: forged }));
  await aws.idle();
  bus.destroy();

  expect(await operationsOf('acme')).toEqual(before);
  const { CommonPrefixes = [] } = await s3.send(
    new ListObjectsV2Command({ Bucket: outputs['AuditBucketName'], Delimiter: '/' }),
  );
  expect(CommonPrefixes.map(({ Prefix }) => Prefix)).toEqual(['acme/', 'hooli/', 'keywright%3Aoperator/']);
}, 60_000);
