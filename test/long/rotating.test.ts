/** Rotations on the packaged product that begin with what CloudTrail tells: an import, and how often a key was used. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateKeyCommand } from '@aws-sdk/client-kms';
import { onboardCustomer } from '../../shared/domain/customers/onboard-customer';
import { importMaterial } from '../../shared/domain/rotation/import-material';
import type { RotationTerms } from '../../shared/domain/rotation/rotation-terms';
import { importPorts, kmsPorts } from '../../shared/runtime/aws-ports';
import { basicsOf } from '../../shared/runtime/basics';
import { type DeployedProduct, deployedProduct } from '../support/deployed-product';

const HOUR_MS = 3_600_000;
const NEXT_YEAR = 365 * 24 * HOUR_MS;

const folder = mkdtempSync(join(tmpdir(), 'rotating-'));

let product: DeployedProduct;
beforeAll(async () => {
  product = await deployedProduct();
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await product.stop();
});

const clock = { now: () => new Date(product.aws.clock.now()).toISOString() };

async function importNew(kmsKeyArn: string) {
  return importMaterial({ kmsKeyArn, material: randomBytes(32) }, importPorts());
}

async function newKey(origin: 'EXTERNAL' | 'AWS_KMS'): Promise<string> {
  const { KeyMetadata } = await product.kms.send(new CreateKeyCommand({ Origin: origin }));
  return KeyMetadata?.Arn ?? '';
}

function onboard(customerId: string, kmsKeyArn: string, terms: Partial<RotationTerms>): Promise<boolean> {
  const dueAt = new Date(product.aws.clock.now() + NEXT_YEAR).toISOString();
  return onboardCustomer(
    {
      customer: { customerId, name: customerId },
      key: { kmsKeyArn, option: 'customer-specific', access: { via: 'key-policy' } },
      dataStores: [],
      rotation: { strategy: 'kms-on-demand', periodDays: 365, reencrypt: false, ...terms, dueAt },
    },
    { control: product.control, ...kmsPorts(), ...basicsOf('test'), clock },
  );
}

async function rotationOf(kmsKeyArn: string) {
  for await (const rotation of product.control.ofKmsKey('rotation', kmsKeyArn)) return rotation;
  return undefined;
}

test('new material is asked for, an operator imports it, and the key is rotated to it', async () => {
  const kmsKeyArn = await newKey('EXTERNAL');
  await importNew(kmsKeyArn);
  await onboard('imports', kmsKeyArn, { strategy: 'imported-material' });
  const before = (await product.control.find('kms-key', kmsKeyArn))?.keyMaterialId;
  await product.keywright(['rotate', kmsKeyArn]);
  await product.aws.idle();
  const asked = await rotationOf(kmsKeyArn);

  const material = randomBytes(32);
  const file = join(folder, 'new.bin');
  writeFileSync(file, material);
  const { out, err, exitCode } = await product.keywright(['rotate', kmsKeyArn, '--import', file, '--json']);
  await product.aws.idle();
  product.aws.clock.advance(HOUR_MS);
  await product.aws.idle();

  expect({ err, exitCode, ...JSON.parse(out) }).toMatchObject({
    ...{ err: '', exitCode: 0, material: 'imported' },
    rotation: { rotationId: asked?.rotationId },
  });
  for (const form of ['hex', 'base64', 'latin1'] as const) expect(out).not.toContain(material.toString(form));
  expect(asked).toMatchObject({ state: 'requested', reminded: { times: 1 } });
  expect(await rotationOf(kmsKeyArn)).toMatchObject({ state: 'done', fromKeyMaterialId: before });
  expect((await product.control.find('kms-key', kmsKeyArn))?.keyMaterialId).not.toBe(before);
});

test('a key that has encrypted as often as its policy allows is rotated long before its period ends', async () => {
  const kmsKeyArn = await newKey('AWS_KMS');
  await onboard('uses', kmsKeyArn, { triggers: { maxUses: 20 } });
  const key = { kmsKeyArn, access: { via: 'key-policy' } } as const;
  const { crypto } = kmsPorts();
  const use = () => crypto.generateWrapped(key, { 'keywright:customerId': 'uses' });

  for (let time = 0; time < 10; time += 1) await use();
  await product.aws.idle();
  const early = await product.control.find('rotation-policy', kmsKeyArn);
  for (let time = 0; time < 10; time += 1) await use();
  await product.aws.idle();
  product.aws.clock.advance(HOUR_MS);
  await product.aws.idle();
  product.aws.clock.advance(HOUR_MS);
  await product.aws.idle();

  expect(early).not.toHaveProperty('triggered');
  expect(await rotationOf(kmsKeyArn)).toMatchObject({ startedBy: 'schedule', state: 'done' });
});
