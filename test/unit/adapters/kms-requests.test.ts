/** What is sent to KMS, and what is made of answers that local KMS never gives. */
import {
  AlreadyExistsException,
  CreateAliasCommand,
  CreateKeyCommand,
  DescribeKeyCommand,
  GenerateDataKeyCommand,
  GetKeyPolicyCommand,
  KMSClient,
  ListKeyRotationsCommand,
  ListResourceTagsCommand,
  NotFoundException,
  ReEncryptCommand,
  UpdateAliasCommand,
} from '@aws-sdk/client-kms';
import { mockClient } from 'aws-sdk-client-mock';
import { kmsDataKeyCrypto } from '../../../shared/adapters/kms-data-key-crypto';
import { kmsKeyAdministrator } from '../../../shared/adapters/kms-key-administrator';
import { kmsKeyObserver } from '../../../shared/adapters/kms-key-observer';
import { kmsKeyProver } from '../../../shared/adapters/kms-key-prover';
import type { KeywrightError } from '../../../shared/domain/errors';
import type { KeyRef } from '../../../shared/domain/keys/kms-key';
import { aMaterial, anArn } from '../../support/make';

const client = new KMSClient({ region: 'eu-central-1' });
const kms = mockClient(client);
beforeEach(() => kms.reset().onAnyCommand().rejects(new Error('not stubbed')));

const asked: string[] = [];
const clients = {
  of: (key: KeyRef) => {
    asked.push(key.kmsKeyArn);
    return client;
  },
  onceOf: () => client,
};
const key: KeyRef = { kmsKeyArn: anArn('old'), access: { via: 'key-policy' } };
const target: KeyRef = { kmsKeyArn: anArn('new'), access: { via: 'key-policy' } };
const context = { 'keywright:customerId': 'acme' };
const bytes = new Uint8Array([1]);
const missing = new NotFoundException({ $metadata: {}, message: 'none' });

test('re-encrypting states both keys by their ARN and the context on both sides', async () => {
  kms.on(ReEncryptCommand).resolves({
    CiphertextBlob: bytes,
    KeyId: target.kmsKeyArn,
    DestinationKeyMaterialId: aMaterial(2),
    SourceKeyMaterialId: aMaterial(1),
  });

  const moved = await kmsDataKeyCrypto(clients).reencrypt(key, target, bytes, context);

  expect(moved).toEqual({ wrapped: bytes, kmsKeyArn: target.kmsKeyArn, keyMaterialId: aMaterial(2) });
  expect(kms.commandCalls(ReEncryptCommand)[0]?.args[0].input).toEqual({
    CiphertextBlob: bytes,
    SourceKeyId: key.kmsKeyArn,
    SourceEncryptionContext: context,
    DestinationKeyId: target.kmsKeyArn,
    DestinationEncryptionContext: context,
  });
});

test('re-encrypting into another region is refused before KMS is asked', async () => {
  const far = { ...target, kmsKeyArn: 'arn:aws:kms:us-east-2:111122223333:key/far' };

  const moved = kmsDataKeyCrypto(clients).reencrypt(key, far, bytes, context);

  await expect(moved).rejects.toMatchObject({ code: 'kms.unsupported' });
  expect(kms.calls()).toHaveLength(0);
});

test('a key that names no material serves no data keys', async () => {
  kms.on(GenerateDataKeyCommand).resolves({ Plaintext: bytes, CiphertextBlob: bytes, KeyId: key.kmsKeyArn });

  const made = kmsDataKeyCrypto(clients).generate(key, context);

  await expect(made).rejects.toMatchObject({ code: 'kms.unsupported', details: { field: 'KeyMaterialId' } });
});

test('an error of a crypto call carries no bytes', async () => {
  const secret = new Uint8Array([222, 173, 190, 239]);
  kms.on(ReEncryptCommand).rejects(Object.assign(new Error('no'), { name: 'AccessDeniedException' }));

  const failed: unknown = await kmsDataKeyCrypto(clients)
    .reencrypt(key, target, secret, context)
    .catch((error) => error);

  expect(JSON.stringify(failed)).not.toMatch(/222,173|3q2\+7w|deadbeef/);
});

describe('a proof', () => {
  const named = (name: string, message = 'no') => Object.assign(new Error(message), { name });
  const succeeds = named('DryRunOperationException', 'The request would have succeeded, but the DryRun option is set.');
  const prover = kmsKeyProver({ ...clients, assumeAnew: async () => {} });

  test('is a dry run under the context, and the refusal of a dry run that would succeed is none', async () => {
    kms.on(GenerateDataKeyCommand).rejects(succeeds);
    kms.on(ReEncryptCommand).rejects(succeeds);

    await prover.proveGenerate(key, context);
    await prover.proveReencrypt(key, bytes, context);

    expect(kms.commandCalls(GenerateDataKeyCommand)[0]?.args[0].input).toEqual({
      KeyId: key.kmsKeyArn,
      KeySpec: 'AES_256',
      EncryptionContext: context,
      DryRun: true,
    });
    expect(kms.commandCalls(ReEncryptCommand)[0]?.args[0].input).toEqual({
      CiphertextBlob: bytes,
      SourceKeyId: key.kmsKeyArn,
      SourceEncryptionContext: context,
      DestinationKeyId: key.kmsKeyArn,
      DestinationEncryptionContext: context,
      DryRun: true,
    });
  });

  test('that is refused says which action, and by which kind of policy', async () => {
    const text = `User: u is not authorized to perform: kms:ReEncryptTo on resource: r because no resource-based policy allows the kms:ReEncryptTo action`;
    kms.on(ReEncryptCommand).rejects(named('AccessDeniedException', text));

    await expect(prover.proveReencrypt(key, bytes, context)).rejects.toMatchObject({
      code: 'kms.access-denied',
      details: { action: 'kms:ReEncryptTo', refusedBy: 'resource', isExplicit: false },
    });
  });

  test.each([
    ['ThrottlingException', 'kms.throttled', undefined],
    ['KMSInternalException', 'kms.unreachable', undefined],
    ['TimeoutError', 'kms.unreachable', true],
  ])('that ends with %s proves nothing', async (name, code, isNetwork) => {
    kms.on(GenerateDataKeyCommand).rejects(named(name));

    const failed = await prover.proveGenerate(key, context).catch((error: unknown) => error);

    expect(failed).toMatchObject({ code });
    expect((failed as KeywrightError).details['isNetwork']).toBe(isNetwork);
  });
});

test('materials are read to the last page, and material that waits for its rotation is none yet', async () => {
  const page = (...entries: object[]) => ({ Rotations: entries });
  kms
    .on(ListKeyRotationsCommand)
    .resolvesOnce({
      ...page({ KeyMaterialId: aMaterial(3), RotationDate: new Date(3), KeyMaterialState: 'CURRENT' }),
      NextMarker: 'more',
    })
    .resolvesOnce(
      page(
        { KeyMaterialId: aMaterial(4), KeyMaterialState: 'PENDING_ROTATION' },
        { KeyMaterialId: aMaterial(2), RotationDate: new Date(2), KeyMaterialState: 'NON_CURRENT' },
        { KeyMaterialId: aMaterial(1), KeyMaterialState: 'NON_CURRENT' },
      ),
    );

  const materials = await kmsKeyObserver(clients).materials(key);

  expect(materials.map(({ keyMaterialId }) => keyMaterialId)).toEqual([1, 2, 3].map(aMaterial));
  expect(kms.commandCalls(ListKeyRotationsCommand)[1]?.args[0].input.Marker).toBe('more');
});

test('dates come as instants', async () => {
  const KeyMetadata = {
    KeyId: 'old',
    Arn: key.kmsKeyArn,
    KeyState: 'PendingDeletion',
    DeletionDate: new Date(0),
  } as const;
  kms.on(DescribeKeyCommand).resolves({ KeyMetadata });

  expect((await kmsKeyObserver(clients).describe(key)).deletionDate).toBe('1970-01-01T00:00:00.000Z');
});

describe('a replacement', () => {
  const described = (Arn: string) => ({
    KeyMetadata: {
      KeyId: 'x',
      Arn,
      KeyState: 'Enabled',
      KeySpec: 'SYMMETRIC_DEFAULT',
      KeyUsage: 'ENCRYPT_DECRYPT',
    } as const,
  });
  const alias = 'alias/keywright/replacement/token-1';

  beforeEach(() => {
    kms.on(DescribeKeyCommand, { KeyId: key.kmsKeyArn }).resolves(described(key.kmsKeyArn));
    kms.on(DescribeKeyCommand, { KeyId: alias }).rejectsOnce(missing).resolves(described(target.kmsKeyArn));
    kms.on(GetKeyPolicyCommand).resolves({ Policy: '{"Version":"2012-10-17"}' });
    kms.on(ListResourceTagsCommand).resolves({
      Tags: [
        { TagKey: 'costcentre', TagValue: '7' },
        { TagKey: 'aws:managed', TagValue: 'x' },
        { TagKey: 'keywright:token', TagValue: 'of long ago' },
      ],
    });
    kms.on(CreateKeyCommand).resolves(described(target.kmsKeyArn));
    kms.on(CreateAliasCommand).resolves({});
  });

  test('is like the old key, with its policy and its tags, and says what it replaces', async () => {
    await kmsKeyAdministrator(clients).createReplacement(key, 'token-1');

    expect(kms.commandCalls(CreateKeyCommand)[0]?.args[0].input).toEqual({
      Policy: '{"Version":"2012-10-17"}',
      KeySpec: 'SYMMETRIC_DEFAULT',
      KeyUsage: 'ENCRYPT_DECRYPT',
      Tags: [
        { TagKey: 'costcentre', TagValue: '7' },
        { TagKey: 'keywright:replaces', TagValue: key.kmsKeyArn },
        { TagKey: 'keywright:token', TagValue: 'token-1' },
      ],
    });
  });

  test('is the one of whoever was first, when two are made at once', async () => {
    const winner = anArn('winner');
    kms.on(CreateAliasCommand).rejects(new AlreadyExistsException({ $metadata: {}, message: 'taken' }));
    kms.on(DescribeKeyCommand, { KeyId: alias }).rejectsOnce(missing).resolves(described(winner));

    const made = await kmsKeyAdministrator(clients).createReplacement(key, 'token-1');

    expect(made.kmsKeyArn).toBe(winner);
  });

  test('that KMS does not know everywhere yet is waited for, not given up', async () => {
    kms.on(CreateAliasCommand).rejects(missing);

    const made = kmsKeyAdministrator(clients).createReplacement(key, 'token-1');

    await expect(made).rejects.toMatchObject({ code: 'kms.conflict', retry: true });
  });
});

test('an alias that somebody makes at the same moment is moved all the same', async () => {
  kms.on(UpdateAliasCommand).rejectsOnce(missing).resolves({});
  kms.on(CreateAliasCommand).rejects(new AlreadyExistsException({ $metadata: {}, message: 'taken' }));

  await kmsKeyAdministrator(clients).moveAlias('alias/keywright/acme', target);

  expect(kms.commandCalls(UpdateAliasCommand)).toHaveLength(2);
});
