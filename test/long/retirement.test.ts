/** The way of a replaced key out of the world on the packaged product, with the clock of local AWS moved forward. */
import { DescribeKeyCommand } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { verifyCertificate } from 'keywright-verify/certificate';
import { verifyLog } from 'keywright-verify/log';
import { readVerifierKey } from 'keywright-verify/note';
import { kmsCheckpointSigner } from '../../shared/adapters/kms-checkpoint-signer';
import { s3AuditObjects } from '../../shared/adapters/s3-audit-objects';
import { originOf } from '../../shared/domain/audit/log/checkpoint';
import { verifierKey } from '../../shared/domain/audit/log/signed-note';
import { encryptionContextOf } from '../../shared/domain/keys/data-key';
import { approveStep, requestStep } from '../../shared/domain/retirement/approve-retirement';
import { requestRetirement } from '../../shared/domain/retirement/request-retirement';
import type { Retirement, RetirementStage } from '../../shared/domain/retirement/retirement';
import { undoRetirement } from '../../shared/domain/retirement/undo-retirement';
import { setRotationRule } from '../../shared/domain/rotation/set-rotation-rule';
import { kmsPorts } from '../../shared/runtime/aws-ports';
import { basicsOf } from '../../shared/runtime/basics';
import { type DeployedProduct, deployedProduct } from '../support/deployed-product';
import { silentLog } from '../support/make';
import { proven } from '../support/memory-identities';
import { readEntries } from '../support/read-entries';

const DAY_MS = 86_400_000;
const ANN = 'arn:aws:sts::111122223333:assumed-role/operator/ann';
const BOB = 'arn:aws:sts::111122223333:assumed-role/approver/bob';
const TERMS = { quietDays: 7, approveDisable: false, disabledDays: 10, waitingDays: 7, onUse: 'enable' } as const;

let product: DeployedProduct;
let s3: S3Client;
beforeAll(async () => {
  product = await deployedProduct();
  s3 = new S3Client();
});
afterAll(async () => {
  s3.destroy();
  await product.stop();
});

const ports = () => ({
  ...basicsOf('test'),
  ...kmsPorts(),
  log: silentLog,
  control: product.control,
  clock: { now: () => new Date(product.aws.clock.now()).toISOString() },
});

/** Time passes, until the schedule has found the retirement that was due meanwhile. */
async function passes(ms: number, kmsKeyArn: string): Promise<void> {
  product.aws.clock.advance(ms);
  const now = ports().clock.now();
  do await product.aws.idle();
  while ((await retirementOf(kmsKeyArn)).dueAt <= now);
}

async function retirementOf(kmsKeyArn: string): Promise<Retirement> {
  const row = await product.control.find('retirement', kmsKeyArn);
  if (row) return row;
  throw new Error('the retirement has not begun');
}

/** Leaps of so many days, until it is there. @returns after how many days. */
async function daysUntil(stage: RetirementStage, kmsKeyArn: string, leap: number): Promise<number> {
  for (let leaps = 0; leaps < 6; leaps += 1) {
    if ((await retirementOf(kmsKeyArn)).stage === stage) return leaps * leap;
    await passes(leap * DAY_MS, kmsKeyArn);
  }
  throw new Error(`it never came to ${stage}: ${JSON.stringify(await retirementOf(kmsKeyArn))}`);
}

const keyState = async (kmsKeyArn: string) =>
  (await product.kms.send(new DescribeKeyCommand({ KeyId: kmsKeyArn }))).KeyMetadata?.KeyState;

/** Somebody makes a data key under it by themselves. */
async function use(kmsKeyArn: string): Promise<void> {
  const context = encryptionContextOf({ customerId: 'acme', dataStoreId: 'documents', dataKeyId: 'another' });
  await kmsPorts().crypto.generateWrapped({ kmsKeyArn, access: { via: 'key-policy' } }, context);
}

async function deletionIsDecided(kmsKeyArn: string): Promise<void> {
  const { certificate } = await retirementOf(kmsKeyArn);
  const step = { kmsKeyArn, step: 'schedule-deletion', certificateHash: certificate?.hash ?? '' } as const;
  await requestStep({ ...step, reason: 'replaced and quiet', by: proven(ANN) }, ports());
  await approveStep({ ...step, by: proven(BOB) }, ports());
  await product.aws.idle();
}

/** What the customer can read, with the public key of their stream and nothing else. */
async function certificatesInStream(customerId: string) {
  const objects = s3AuditObjects(s3, product.outputs['AuditBucketName'] ?? '');
  const reader = { read: async (path: string) => (await objects.read(customerId, path))?.bytes };
  const signer = kmsCheckpointSigner(product.kms, product.outputs['AuditSigningKeyArn'] ?? '');
  const publicKey = verifierKey(originOf(customerId), await signer.publicKey());
  const { ok, size = 0 } = await verifyLog(reader, readVerifierKey(publicKey));
  const certificates: ReturnType<typeof verifyCertificate>[] = [];
  for await (const entry of readEntries(reader, size)) {
    const { operation, fact } = JSON.parse(Buffer.from(entry).toString());
    if (operation === 'retirement-certified.v1') certificates.push(verifyCertificate(fact.certificate, publicKey));
  }
  return { ok, certificates };
}

test('a replaced key is quiet, disabled, missed, disabled again, scheduled, called off, scheduled again and deleted, by certificate', async () => {
  const kmsKeyArn = await product.customer('acme', 10);
  const rule = { strategy: 'replace', periodDays: 365, reencrypt: true, retirement: TERMS, by: ANN } as const;
  await setRotationRule({ scope: `key/${kmsKeyArn}`, ...rule }, ports());
  await product.keywright(['rotate', 'acme']);
  await product.aws.idle();
  expect(await retirementOf(kmsKeyArn)).toMatchObject({ stage: 'quiet', terms: TERMS });

  // A use of somebody else's, which KMS and CloudTrail tell of, begins the seven days anew.
  await passes(4 * DAY_MS, kmsKeyArn);
  await use(kmsKeyArn);
  await passes(4 * DAY_MS, kmsKeyArn);
  expect([(await retirementOf(kmsKeyArn)).stage, await keyState(kmsKeyArn)]).toEqual(['quiet', 'Enabled']);
  expect(await daysUntil('disabled', kmsKeyArn, 4)).toBe(4);
  expect(await keyState(kmsKeyArn)).toBe('Disabled');

  // Somebody misses it.
  await passes(DAY_MS, kmsKeyArn);
  await expect(use(kmsKeyArn)).rejects.toMatchObject({ code: 'kms.key-disabled' });
  await product.aws.idle();
  expect(await retirementOf(kmsKeyArn)).toMatchObject({ reason: expect.stringMatching(/^used while it was disabled/) });
  expect(await keyState(kmsKeyArn)).toBe('Enabled');

  expect(await daysUntil('disabled', kmsKeyArn, 4)).toBeGreaterThanOrEqual(8);
  expect(await daysUntil('deletable', kmsKeyArn, 11)).toBe(11);
  await deletionIsDecided(kmsKeyArn);
  expect(await keyState(kmsKeyArn)).toBe('PendingDeletion');

  await undoRetirement({ kmsKeyArn, step: 'schedule-deletion', reason: 'wait a little', by: ANN }, ports());
  expect(await keyState(kmsKeyArn)).toBe('Disabled');
  await requestRetirement({ kmsKeyArn, by: 'an operator' }, ports());
  await product.aws.idle();
  expect(await daysUntil('deletable', kmsKeyArn, 1)).toBeLessThanOrEqual(1);
  await deletionIsDecided(kmsKeyArn);
  expect(await daysUntil('deleted', kmsKeyArn, 8)).toBe(8);

  const { ok, certificates } = await certificatesInStream('acme');
  expect(ok).toBe(true);
  const last = certificates.at(-1);
  expect(certificates.map(({ certificate }) => certificate.verdict)).toEqual([
    'safe-to-disable',
    'safe-to-disable',
    'safe-to-delete',
    'deletion-scheduled',
    'safe-to-delete',
    'deletion-scheduled',
  ]);
  expect(last?.certificate).toMatchObject({ kmsKeyArn, approvals: [{ requestedBy: ANN, approvedBy: BOB }] });
  expect(last?.certificate['before']).toBe(certificates.at(-2)?.hash);
  expect(last?.certificate.checks.map(({ found }) => found)).toEqual([0, 0, 0, 0, 0, 0, 0]);
}, 180_000);
