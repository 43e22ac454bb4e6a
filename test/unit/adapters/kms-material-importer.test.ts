import { randomBytes } from 'node:crypto';
import { CreateKeyCommand, DescribeKeyCommand, EncryptCommand, KMSClient } from '@aws-sdk/client-kms';
import { STSClient } from '@aws-sdk/client-sts';
import type { LocalAws } from 'local-aws/aws';
import { ACCOUNT, clientSettings, localAws } from 'local-aws/test/support/local-aws';
import { kmsClients } from '../../../shared/adapters/kms-clients';
import { kmsKeyAdministrator } from '../../../shared/adapters/kms-key-administrator';
import { kmsKeyObserver } from '../../../shared/adapters/kms-key-observer';
import { kmsMaterialImporter } from '../../../shared/adapters/kms-material-importer';
import type { KeyAdministrator, KeyObserver } from '../../../shared/domain/keys/ports';
import { type ImportPorts, importMaterial } from '../../../shared/domain/rotation/import-material';
import { materialImporterContract } from '../../contract/material-importer';
import { anArn } from '../../support/make';
import { memoryKms } from '../../support/memory-kms';

const HOUR_MS = 3_600_000;
/** The beat of local AWS is a few milliseconds, a look at it one or two. */
const LOOKS_MAX = 1000;

let aws: LocalAws;
let client: KMSClient;
let ports: ImportPorts & { administrator: KeyAdministrator; observer: KeyObserver };
beforeAll(async () => {
  ({ aws } = await localAws({ quotas: { multiplier: 1000 } }));
  const settings = clientSettings(aws, ACCOUNT);
  client = new KMSClient(settings);
  const clients = kmsClients(new STSClient(settings), settings);
  ports = {
    observer: kmsKeyObserver(clients),
    importer: kmsMaterialImporter(clients),
    administrator: kmsKeyAdministrator(clients),
    clock: { now: () => new Date(aws.clock.now()).toISOString() },
  };
});
afterAll(() => aws.stop());

describe('in memory', () => {
  let made = 0;

  materialImporterContract(async () => {
    const kms = memoryKms();
    return {
      importer: kms,
      observer: kms,
      newKey: async () => {
        made += 1;
        kms.given(anArn(`imported-${made}`));
        return { kmsKeyArn: anArn(`imported-${made}`), access: { via: 'key-policy' } };
      },
    };
  });
});

describe('on local KMS, through the SDK', () => {
  materialImporterContract(async () => ({
    ...ports,
    newKey: async () => {
      const kmsKeyArn = await newKey();
      await importMaterial({ kmsKeyArn, material: randomBytes(32) }, ports);
      return { kmsKeyArn, access: { via: 'key-policy' } };
    },
  }));
});

async function newKey(Origin: 'EXTERNAL' | 'AWS_KMS' = 'EXTERNAL'): Promise<string> {
  const { KeyMetadata } = await client.send(new CreateKeyCommand({ Origin }));
  return KeyMetadata?.Arn ?? '';
}

test('a key without material takes the first, and works', async () => {
  const kmsKeyArn = await newKey();

  expect(await importMaterial({ kmsKeyArn, material: randomBytes(32) }, ports)).toBe('imported');

  const { CiphertextBlob } = await client.send(new EncryptCommand({ KeyId: kmsKeyArn, Plaintext: randomBytes(8) }));
  expect(CiphertextBlob?.length).toBeGreaterThan(8);
});

test('new material waits until it is rotated to, and meanwhile no other is taken', async () => {
  const kmsKeyArn = await newKey();
  const key = { kmsKeyArn, access: { via: 'key-policy' } } as const;
  await importMaterial({ kmsKeyArn, material: randomBytes(32) }, ports);
  const first = (await ports.observer.describe(key)).keyMaterialId;

  const outcomes = [
    await importMaterial({ kmsKeyArn, material: randomBytes(32) }, ports),
    await importMaterial({ kmsKeyArn, material: randomBytes(32) }, ports),
  ];
  const waiting = await ports.observer.waitingMaterial(key);
  await ports.administrator.rotateOnDemand(key);
  aws.clock.advance(HOUR_MS);
  for (let look = 0; look < LOOKS_MAX && (await ports.observer.rotationStatus(key)).inProgress; look += 1);

  expect(outcomes).toEqual(['imported', 'already-waiting']);
  expect(waiting).toMatch(/^[0-9a-f]{64}$/);
  expect(waiting).not.toBe(first);
  expect((await ports.observer.describe(key)).keyMaterialId).toBe(waiting);
  expect(await ports.observer.waitingMaterial(key)).toBeUndefined();
});

test('material that expires does so at the date that was asked for', async () => {
  const kmsKeyArn = await newKey();
  const expiresAt = new Date(Math.floor(aws.clock.now() / 1000) * 1000 + 48 * HOUR_MS).toISOString();

  await importMaterial({ kmsKeyArn, material: randomBytes(32), expiresAt }, ports);

  const { KeyMetadata } = await client.send(new DescribeKeyCommand({ KeyId: kmsKeyArn }));
  expect(KeyMetadata?.ValidTo?.toISOString()).toBe(expiresAt);
});

test('a dry run imports nothing', async () => {
  const kmsKeyArn = await newKey();

  expect(await importMaterial({ kmsKeyArn, material: randomBytes(32), dryRun: true }, ports)).toBe('would-import');

  const { KeyMetadata } = await client.send(new DescribeKeyCommand({ KeyId: kmsKeyArn }));
  expect(KeyMetadata?.KeyState).toBe('PendingImport');
});

test.each([
  ['too few bytes', 'material', { material: Buffer.from('secret-that-is-short') }],
  ['text instead of bytes', 'material', { material: Buffer.from(randomBytes(32).toString('hex')) }],
  ['a date that is over', 'expiresAt', { expiresAt: '2001-01-01T00:00:00.000Z' }],
  ['a date too far away', 'expiresAt', { expiresAt: '2099-01-01T00:00:00.000Z' }],
  ['no date', 'expiresAt', { expiresAt: 'tomorrow' }],
])('%s is refused, naming the field and never the material', async (_, field, fields) => {
  const request = { kmsKeyArn: await newKey(), material: randomBytes(32), ...fields };

  const refused = importMaterial(request, ports);

  await expect(refused).rejects.toMatchObject({ code: 'input.invalid', details: { field } });
  await expect(refused).rejects.not.toThrow(request.material.toString());
});

test('a key whose material KMS made is refused, with the way out', async () => {
  const request = { kmsKeyArn: await newKey('AWS_KMS'), material: randomBytes(32) };

  await expect(importMaterial(request, ports)).rejects.toThrow(/^kmsKeyArn: .*kms-on-demand/);
});
