import {
  CreateGrantCommand,
  CreateKeyCommand,
  DescribeKeyCommand,
  type GrantOperation,
  KMSClient,
  ReplicateKeyCommand,
} from '@aws-sdk/client-kms';
import { STSClient } from '@aws-sdk/client-sts';
import type { LocalAws } from 'local-aws/aws';
import { ACCOUNT, clientSettings, localAws } from 'local-aws/test/support/local-aws';
import { kmsClients } from '../../../shared/adapters/kms-clients';
import { kmsDataKeyCrypto } from '../../../shared/adapters/kms-data-key-crypto';
import { kmsKeyAdministrator } from '../../../shared/adapters/kms-key-administrator';
import { kmsKeyObserver } from '../../../shared/adapters/kms-key-observer';
import { kmsKeyProver } from '../../../shared/adapters/kms-key-prover';
import type { KeyRef } from '../../../shared/domain/keys/kms-key';
import { type KmsUnderTest, kmsPortsContract } from '../../contract/kms-ports';
import { anArn } from '../../support/make';
import { memoryKms } from '../../support/memory-kms';

const MINUTE_MS = 60_000;
/** The beat of local AWS is a few milliseconds, a look at it one or two. */
const LOOKS_MAX = 1000;

describe('in memory', () => {
  let made = 0;

  kmsPortsContract(async () => {
    const kms = memoryKms();
    return {
      ...kms,
      newKey: async () => {
        made += 1;
        const kmsKeyArn = anArn(`contract-${made}`);
        kms.given(kmsKeyArn);
        return { kmsKeyArn, access: { via: 'key-policy' } };
      },
      grant: async ({ kmsKeyArn }, grants) => kms.grant(kmsKeyArn, grants),
      finishRotation: async () => {
        kms.finishRotations();
      },
      aliasOf: async (alias) => kms.aliasOf(alias),
    };
  });
});

describe('on the KMS of local AWS, through its door', () => {
  let aws: LocalAws;
  let kms: KmsUnderTest;
  let client: KMSClient;

  beforeAll(async () => {
    // Key management calls have quotas of 5 a second, which tests would wait for.
    ({ aws } = await localAws({ quotas: { multiplier: 1000 } }));
    const settings = clientSettings(aws, ACCOUNT);
    client = new KMSClient(settings);
    const clients = kmsClients(new STSClient(settings), settings);
    kms = {
      ...kmsDataKeyCrypto(clients),
      ...kmsKeyObserver(clients),
      ...kmsKeyProver(clients),
      ...kmsKeyAdministrator(clients),
      newKey: async () => {
        const { KeyMetadata } = await client.send(new CreateKeyCommand({}));
        return { kmsKeyArn: KeyMetadata?.Arn ?? '', access: { via: 'key-policy' } };
      },
      grant: async ({ kmsKeyArn: KeyId }, grants) => {
        for (const { grantee, operations, contextSubset, contextEquals } of grants) {
          const Constraints = {
            ...(contextSubset && { EncryptionContextSubset: contextSubset }),
            ...(contextEquals && { EncryptionContextEquals: contextEquals }),
          };
          const Operations = operations as GrantOperation[];
          await client.send(new CreateGrantCommand({ KeyId, GranteePrincipal: grantee, Operations, Constraints }));
        }
      },
      finishRotation: async (key) => {
        aws.clock.advance(30 * MINUTE_MS);
        for (let look = 0; look < LOOKS_MAX && (await kms.rotationStatus(key)).inProgress; look += 1);
      },
      aliasOf: async (alias) => (await client.send(new DescribeKeyCommand({ KeyId: alias }))).KeyMetadata?.Arn,
    };
  });
  afterAll(() => aws.stop());

  kmsPortsContract(async () => kms);

  test('a data key under a multi-Region key moves to a key of another region where the key has a replica', async () => {
    const there = 'eu-west-1';
    const away = new KMSClient({ ...clientSettings(aws, ACCOUNT), region: there });
    const made = await client.send(new CreateKeyCommand({ MultiRegion: true }));
    const from = refOf(made.KeyMetadata?.Arn);
    await client.send(new ReplicateKeyCommand({ KeyId: from.kmsKeyArn, ReplicaRegion: there }));
    aws.clock.advance(30 * MINUTE_MS);
    const to = refOf((await away.send(new CreateKeyCommand({}))).KeyMetadata?.Arn);
    const { wrapped } = await kms.generateWrapped(from, { 'keywright:customerId': 'acme' });

    const moved = await kms.reencrypt(from, to, wrapped, { 'keywright:customerId': 'acme' });

    expect(moved.kmsKeyArn).toBe(to.kmsKeyArn);
    await expect(kms.unwrap(to, moved.wrapped, { 'keywright:customerId': 'acme' })).resolves.toBeDefined();
    await expect(kms.reencrypt(to, from, moved.wrapped, {})).rejects.toMatchObject({ code: 'kms.unsupported' });
  });
});

const refOf = (arn = ''): KeyRef => ({ kmsKeyArn: arn, access: { via: 'key-policy' } });
