/**
 * AWS's own examples of KMS operations. They were written, not recorded, and some are older than members of today, so
 * what is compared is that every member of an example is in our answer, in the same JSON type.
 */
import { randomBytes } from 'node:crypto';
import type { JsonObject } from 'local-aws/call';
import { importInput } from 'local-aws/test/support/kms-import';
import { base64, type KmsClient, localKms, newKey } from 'local-aws/test/support/local-kms';
import { administratorOf } from 'local-aws/test/support/local-world';
import { answer, type RecordedCase, recordedFile } from './case';
import { shapeDifferences } from './compare';

interface Example {
  readonly id: string;
  readonly input?: JsonObject | null;
  readonly output?: JsonObject | null;
}

/** Makes the input of our own call; `pass` lets time pass. */
type Prepare = (
  aws: KmsClient,
  input: JsonObject,
  output: JsonObject,
  pass: (ms: number) => void,
) => Promise<JsonObject>;

/** The account of most examples. */
const ACCOUNT = '111122223333';
const MESSAGE = base64('message');
const GRANT = { GranteePrincipal: `arn:aws:iam::${ACCOUNT}:role/example`, Operations: ['Encrypt', 'Decrypt'] };

/** The example's input with a key of our own. */
const keyed = async (aws: KmsClient, input: JsonObject) => ({ ...input, KeyId: (await newKey(aws)).arn });
const withKey: Prepare = keyed;
const withExternalKey: Prepare = async (aws, input) => ({
  ...input,
  KeyId: (await newKey(aws, { Origin: 'EXTERNAL' })).arn,
});
const asItIs: Prepare = async (_, input) => input;

const PREPARE: Readonly<Record<string, Prepare>> = {
  CancelKeyDeletion: async (aws, input) => after(aws, await keyed(aws, input), 'ScheduleKeyDeletion'),
  CreateAlias: async (aws, input) => ({ ...input, TargetKeyId: (await newKey(aws)).keyId }),
  CreateGrant: withKey,
  CreateKey: asItIs,
  Decrypt: async (aws, { EncryptionAlgorithm }) => encrypted(aws, EncryptionAlgorithm),
  DeleteAlias: aliased,
  DeleteImportedKeyMaterial: withExternalKey,
  DeriveSharedSecret: async (aws, input) => {
    const { arn } = await newKey(aws, { KeySpec: 'ECC_NIST_P256', KeyUsage: 'KEY_AGREEMENT' });
    return { ...input, KeyId: arn, PublicKey: (await aws.call('GetPublicKey', { KeyId: arn }))['PublicKey'] };
  },
  DescribeKey: async (aws, _, { KeyMetadata }) => ({ KeyId: await likeKey(aws, KeyMetadata as JsonObject) }),
  DisableKey: withKey,
  DisableKeyRotation: withKey,
  EnableKey: withKey,
  EnableKeyRotation: withKey,
  Encrypt: async (aws, { EncryptionAlgorithm }) => {
    const { CiphertextBlob: _, ...input } = await encrypted(aws, EncryptionAlgorithm);
    return { ...input, Plaintext: MESSAGE };
  },
  GenerateDataKey: withKey,
  GenerateDataKeyPair: withKey,
  GenerateDataKeyPairWithoutPlaintext: withKey,
  GenerateDataKeyWithoutPlaintext: withKey,
  GenerateMac: async (aws, { MacAlgorithm }) => macInput(aws, MacAlgorithm),
  GenerateRandom: asItIs,
  GetKeyPolicy: withKey,
  GetKeyRotationStatus: async (aws, input) => {
    const prepared = await after(aws, await keyed(aws, input), 'EnableKeyRotation');
    return after(aws, prepared, 'RotateKeyOnDemand');
  },
  GetParametersForImport: withExternalKey,
  GetPublicKey: async (aws) => ({
    KeyId: (await newKey(aws, { KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' })).arn,
  }),
  ImportKeyMaterial: async (aws, input) => {
    const { arn } = await newKey(aws, { Origin: 'EXTERNAL' });
    // The example's date has passed; the test's clock stands at March 2026.
    const ValidTo = input['ValidTo'] ? Date.UTC(2026, 8, 30) / 1000 : undefined;
    return importInput(aws, arn, undefined, { ExpirationModel: input['ExpirationModel'], ValidTo });
  },
  ListAliases: async (aws) => {
    await aliased(aws, { AliasName: 'alias/example' });
    return {};
  },
  ListGrants: async (aws) => {
    const { arn } = await newKey(aws);
    const grant = { KeyId: arn, ...GRANT, RetiringPrincipal: GRANT.GranteePrincipal };
    await aws.call('CreateGrant', grant);
    await aws.call('CreateGrant', grant);
    // The example's list has a further page.
    return { KeyId: arn, Limit: 1 };
  },
  ListKeyPolicies: withKey,
  ListKeyRotations: async (aws, input, _, pass) => {
    const prepared = await after(aws, await keyed(aws, input), 'RotateKeyOnDemand');
    pass(60_000);
    return prepared;
  },
  ListKeys: async (aws) => {
    await newKey(aws);
    return {};
  },
  ListResourceTags: async (aws) => ({ KeyId: (await newKey(aws, { Tags: [{ TagKey: 'a', TagValue: 'b' }] })).arn }),
  ListRetirableGrants: async (aws) => {
    const { arn } = await newKey(aws);
    await aws.call('CreateGrant', { KeyId: arn, ...GRANT, RetiringPrincipal: GRANT.GranteePrincipal });
    return { RetiringPrincipal: GRANT.GranteePrincipal };
  },
  PutKeyPolicy: async (aws, input) => {
    const { arn } = await newKey(aws);
    return { ...input, KeyId: arn, Policy: String(input['Policy']).replaceAll('111122223333', ACCOUNT) };
  },
  ReEncrypt: async (aws) => {
    const { CiphertextBlob } = await encrypted(aws, undefined);
    return { CiphertextBlob, DestinationKeyId: (await newKey(aws)).arn };
  },
  RetireGrant: granted,
  RevokeGrant: granted,
  RotateKeyOnDemand: withKey,
  ScheduleKeyDeletion: withKey,
  Sign: async (aws, input) => signInput(aws, input),
  TagResource: withKey,
  UntagResource: withKey,
  UpdateAlias: async (aws, input) => ({ ...(await aliased(aws, input)), TargetKeyId: (await newKey(aws)).arn }),
  UpdateKeyDescription: withKey,
  Verify: async (aws, input) => {
    const prepared = await signInput(aws, input);
    return { ...prepared, Signature: (await aws.call('Sign', prepared))['Signature'] };
  },
  VerifyMac: async (aws, { MacAlgorithm }) => {
    const prepared = await macInput(aws, MacAlgorithm);
    return { ...prepared, Mac: (await aws.call('GenerateMac', prepared))['Mac'] };
  },
};

export function exampleCases(): readonly RecordedCase[] {
  const { examples } = recordedFile('kms-recorded/aws-sdk-kms-examples.json');
  return Object.entries(examples as unknown as Readonly<Record<string, readonly Example[]>>).flatMap(
    ([operation, of]) => of.map((example) => caseOf(operation, example)),
  );
}

function caseOf(operation: string, { id, input, output }: Example): RecordedCase {
  return {
    name: `example ${operation} ${id}`,
    outOfScope: whyNot(operation, input ?? {}, output ?? {}),
    async check() {
      const kms = localKms();
      const aws = kms.as(administratorOf(ACCOUNT));
      const prepare = PREPARE[operation];
      if (!prepare) return ['no request is written for this operation'];
      const prepared = await prepare(aws, input ?? {}, output ?? {}, kms.pass);
      return shapeDifferences(
        { ...(output ?? {}), ResponseMetadata: { HTTPStatusCode: 200 } },
        await answer(aws, operation, prepared),
      );
    },
  };
}

function whyNot(operation: string, input: JsonObject, output: JsonObject): string | undefined {
  const { CustomKeyStoreId } = (output['KeyMetadata'] ?? {}) as JsonObject;
  if (operation.includes('CustomKeyStore') || CustomKeyStoreId !== undefined) return 'custom key stores are not built';
  if (input['Recipient'] !== undefined) return 'attestation is not built';
  if (operation === 'ReplicateKey') return 'shows an enabled replica and its tags at once, which recordings contradict';
  return operation === 'UpdatePrimaryRegion' ? 'UpdatePrimaryRegion is not built' : undefined;
}

async function after(aws: KmsClient, input: JsonObject, operation: string): Promise<JsonObject> {
  await aws.call(operation, { KeyId: input['KeyId'] });
  return input;
}

async function aliased(aws: KmsClient, input: JsonObject): Promise<JsonObject> {
  await aws.call('CreateAlias', { AliasName: input['AliasName'], TargetKeyId: (await newKey(aws)).arn });
  return input;
}

async function granted(aws: KmsClient): Promise<JsonObject> {
  const { arn } = await newKey(aws);
  const { GrantId } = await aws.call('CreateGrant', { KeyId: arn, ...GRANT });
  return { KeyId: arn, GrantId };
}

async function encrypted(aws: KmsClient, algorithm: JsonObject[string]): Promise<JsonObject> {
  const EncryptionAlgorithm = algorithm ?? 'SYMMETRIC_DEFAULT';
  const rsa = { KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' };
  const { arn } = await newKey(aws, algorithm && algorithm !== 'SYMMETRIC_DEFAULT' ? rsa : {});
  const input = { KeyId: arn, EncryptionAlgorithm };
  return { ...input, CiphertextBlob: (await aws.call('Encrypt', { ...input, Plaintext: MESSAGE }))['CiphertextBlob'] };
}

async function macInput(aws: KmsClient, algorithm: JsonObject[string]): Promise<JsonObject> {
  const KeySpec = `HMAC_${String(algorithm).slice(-3)}`;
  const { arn } = await newKey(aws, { KeySpec, KeyUsage: 'GENERATE_VERIFY_MAC' });
  return { KeyId: arn, MacAlgorithm: algorithm, Message: MESSAGE };
}

async function signInput(aws: KmsClient, { SigningAlgorithm, MessageType }: JsonObject): Promise<JsonObject> {
  const KeySpec = String(SigningAlgorithm).startsWith('RSA') ? 'RSA_2048' : 'ECC_NIST_P384';
  const { arn } = await newKey(aws, { KeySpec, KeyUsage: 'SIGN_VERIFY' });
  const digest = randomBytes(Number(String(SigningAlgorithm).slice(-3)) / 8).toString('base64');
  return { KeyId: arn, SigningAlgorithm, MessageType, Message: MessageType === 'DIGEST' ? digest : MESSAGE };
}

async function likeKey(aws: KmsClient, metadata: JsonObject): Promise<string> {
  const { arn } = await newKey(aws, {
    KeySpec: metadata['CustomerMasterKeySpec'],
    KeyUsage: metadata['KeyUsage'],
    MultiRegion: metadata['MultiRegion'],
  });
  const { MultiRegionConfiguration } = metadata;
  const replicas = ((MultiRegionConfiguration as JsonObject | undefined)?.['ReplicaKeys'] ??
    []) as readonly JsonObject[];
  for (const { Region } of replicas) await aws.call('ReplicateKey', { KeyId: arn, ReplicaRegion: Region });
  if (metadata['KeyState'] === 'Disabled') await aws.call('DisableKey', { KeyId: arn });
  return arn;
}
