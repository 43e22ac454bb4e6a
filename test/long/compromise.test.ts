/** A compromise on the packaged product, from the declaration to the last record that is protected anew. */

import { DescribeKeyCommand } from '@aws-sdk/client-kms';
import { createEnvelope } from 'keywright-envelope/envelope';
import { reprotect } from 'keywright-envelope/reprotect';
import { confirmNoneLeft } from '../../shared/domain/compromise/clear-exposure';
import type { Compromise } from '../../shared/domain/compromise/compromise';
import { compromiseStatus } from '../../shared/domain/compromise/compromise-status';
import type { CompromiseRequest } from '../../shared/domain/compromise/declaration';
import { declareCompromise } from '../../shared/domain/compromise/declare-compromise';
import { OUT_OF_USE_MS } from '../../shared/domain/keys/data-key';
import { kmsPorts } from '../../shared/runtime/aws-ports';
import { basicsOf } from '../../shared/runtime/basics';
import { type DeployedProduct, deployedProduct } from '../support/deployed-product';
import { silentLog } from '../support/make';

const RECORDS = 30;
const DECLARED = { reason: 'A laptop with a copy was stolen.', by: 'arn:aws:iam::111122223333:user/ann' };

let product: DeployedProduct;
beforeAll(async () => {
  product = await deployedProduct();
});
afterAll(() => product.stop());

const portsOf = ({ control, dataKeys, aws }: DeployedProduct) => ({
  ...basicsOf('test'),
  log: silentLog,
  control,
  dataKeys,
  clock: { now: () => new Date(aws.clock.now()).toISOString() },
});

/** A process of the application. */
const envelopeOf = ({ control, dataKeys, aws }: DeployedProduct) =>
  createEnvelope({ control, dataKeys, ...kmsPorts(), ...basicsOf('test'), nowMs: aws.clock.now });

async function declared(request: Partial<CompromiseRequest>): Promise<Compromise> {
  const answer = await declareCompromise({ ...DECLARED, ...request } as CompromiseRequest, portsOf(product));
  if ('compromise' in answer) return answer.compromise;
  throw new Error('nothing was declared');
}

/** Runs a command that must succeed, and gives what it prints as JSON. */
async function json(...args: readonly string[]) {
  const { out, err, exitCode } = await product.keywright([...args, '--json']);
  expect({ err, exitCode }).toEqual({ err: '', exitCode: 0 });
  return JSON.parse(out);
}

async function recordsOf(customerId: string): Promise<Map<number, Uint8Array>> {
  const envelope = envelopeOf(product);
  const place = { customerId, dataStoreId: 'documents' };
  const containers = await Promise.all(
    Array.from({ length: RECORDS }, (_, id) => envelope.encrypt(place, Buffer.from(`record ${id}`))),
  );
  return new Map(containers.entries());
}

/** What an application does about its records once no process uses what is compromised. */
async function protectAnew(records: Map<number, Uint8Array>, compromise: Compromise, customerId: string) {
  product.aws.clock.advance(OUT_OF_USE_MS + 1_000);
  const place = { customerId, dataStoreId: 'documents' };
  const scan = await reprotect({
    envelope: envelopeOf(product),
    place,
    records: [...records],
    containerOf: ([, container]) => container,
    write: async ([id], renewed) => records.set(id, renewed).size > 0,
    nowMs: product.aws.clock.now,
  });
  const { compromiseId } = compromise;
  await confirmNoneLeft({ compromiseId, ...place, scan, by: 'the application' }, portsOf(product));
  return scan;
}

async function textsOf(records: ReadonlyMap<number, Uint8Array>, customerId: string): Promise<readonly string[]> {
  const envelope = envelopeOf(product);
  const place = { customerId, dataStoreId: 'documents' };
  const plaintexts = await Promise.all([...records.values()].map((container) => envelope.decrypt(place, container)));
  return plaintexts.map((plaintext) => Buffer.from(plaintext).toString());
}

const WHOLE = Array.from({ length: RECORDS }, (_, id) => `record ${id}`);

test('a compromised KMS key is replaced, its data keys are moved and replaced, the data protected anew, and it ends', async () => {
  const kmsKeyArn = await product.customer('acme', 40);
  const records = await recordsOf('acme');

  const declare = ['compromise', 'declare', 'acme', '--reason', DECLARED.reason];
  expect((await product.keywright([...declare, '--dry-run'])).out).toContain('It protects 40 data keys of 1 customer');
  const { compromise } = await json(...declare, '--replace-data-keys');
  await product.aws.idle();

  const contained = await compromiseStatus(compromise.compromiseId, portsOf(product));
  const store = await product.control.find('data-store', 'acme/documents');
  expect(contained.compromise).toMatchObject({ state: 'contained', dataKeys: 40, dataStores: 1, affected: 1 });
  expect(contained.moving).toMatchObject({ state: 'done', reencrypted: 40, quarantined: 0 });
  expect(store?.kmsKeyArn).not.toBe(kmsKeyArn);
  const { KeyMetadata } = await product.kms.send(new DescribeKeyCommand({ KeyId: kmsKeyArn }));
  expect(KeyMetadata?.KeyState).toBe('Disabled');

  const scan = await protectAnew(records, compromise, 'acme');
  const ended = await json('compromise', 'status', compromise.compromiseId);

  expect(scan).toMatchObject({ looked: RECORDS, reprotected: RECORDS, left: 0 });
  expect([ended.compromise.state, ended.left, ended.reprotected]).toEqual(['ended', 0, RECORDS]);
  expect(await textsOf(records, 'acme')).toEqual(WHOLE);
  const { out } = await product.keywright(['compromise', 'status', '--customer', 'acme']);
  expect(out).toMatch(/KMS key +ended +1 +40/);
}, 90_000);

test('a compromised data key protects nothing new; its KMS key stays', async () => {
  const kmsKeyArn = await product.customer('globex');
  const records = await recordsOf('globex');
  const leaked = await product.dataKeys.newest('globex', 'documents');
  if (!leaked) throw new Error('the records have a data key');

  const compromise = await declared({ dataKeys: [leaked] });
  const scan = await protectAnew(records, compromise, 'globex');
  await product.aws.idle();

  expect(scan).toMatchObject({ reprotected: RECORDS, left: 0 });
  expect((await product.dataKeys.newest('globex', 'documents'))?.dataKeyId).not.toBe(leaked.dataKeyId);
  expect((await product.control.find('kms-key', kmsKeyArn))?.state).toBe('active');
  expect(await textsOf(records, 'globex')).toEqual(WHOLE);
}, 90_000);
