/** GenerateDataKey, GenerateDataKeyPair, each also without plaintext, and GenerateRandom. */
import { createPrivateKey, randomBytes } from 'node:crypto';
import * as z from 'zod/mini';
import * as field from '../fields';
import { validationError } from '../input';
import { type KeySpec, newSecret } from '../keys/key-specs';
import { endDryRun, requireAlgorithm, requireUsage, usableMaterial } from '../keys/key-usage';
import type { KeyMaterial, KmsKey } from '../keys/kms-key';
import type { Kms } from '../kms';
import { operation, type Request } from '../operation';
import { useKey } from '../use-key';
import { seal } from './ciphertext';
import { spkiOf } from './private-keys';

const DATA_KEY_BYTES = { AES_128: 16, AES_256: 32 } as const;

const use = { readOnly: true, state: 'use', crossAccount: true, alias: true } as const;

/** What every request for a data key carries. */
const common = {
  KeyId: field.keyId,
  EncryptionContext: field.encryptionContext,
  GrantTokens: field.grantTokens,
  DryRun: field.flag,
};

const dataKeyInput = z.object({
  ...common,
  KeySpec: z.optional(z.enum(['AES_256', 'AES_128'])),
  NumberOfBytes: z.optional(z.int().check(z.minimum(1), z.maximum(1024))),
});
const pairInput = z.object({
  ...common,
  KeyPairSpec: z.enum([
    'RSA_2048',
    'RSA_3072',
    'RSA_4096',
    'ECC_NIST_P256',
    'ECC_NIST_P384',
    'ECC_NIST_P521',
    'ECC_SECG_P256K1',
    'ECC_NIST_EDWARDS25519',
  ]),
});

const dataKeyFacts = {
  ...use,
  quota: 'cryptographic',
  logs: ['KeyId', 'KeySpec', 'NumberOfBytes', 'EncryptionContext', 'DryRun'],
  input: dataKeyInput,
} as const;
const pairFacts = {
  ...use,
  quota: 'data-key-pair',
  logs: ['KeyId', 'KeyPairSpec', 'EncryptionContext', 'DryRun'],
  input: pairInput,
} as const;

export const generateDataKey = operation({ ...dataKeyFacts, run: newDataKey });

export const generateDataKeyWithoutPlaintext = operation({
  ...dataKeyFacts,
  run: (kms, request) => ({ ...newDataKey(kms, request), Plaintext: undefined }),
});

export const generateDataKeyPair = operation({ ...pairFacts, run: newDataKeyPair });

export const generateDataKeyPairWithoutPlaintext = operation({
  ...pairFacts,
  run: async (kms, request) => ({ ...(await newDataKeyPair(kms, request)), PrivateKeyPlaintext: undefined }),
});

export const generateRandom = operation({
  readOnly: true,
  quota: 'cryptographic',
  logs: [],
  input: z.object({ NumberOfBytes: z.optional(z.int().check(z.minimum(1), z.maximum(1024))) }),
  run(kms, { call, input, notes }) {
    notes.resources = [];
    kms.iam.require(call.caller, {
      action: 'kms:GenerateRandom',
      resource: '*',
      resourceAccountId: call.caller.accountId,
    });
    if (input.NumberOfBytes === undefined) throw validationError('NumberOfBytes is required.');
    return { Plaintext: randomBytes(input.NumberOfBytes).toString('base64') };
  },
});

function newDataKey(kms: Kms, request: Request<z.output<typeof dataKeyInput>>) {
  const { KeySpec: spec, NumberOfBytes: bytes, EncryptionContext: context = {}, DryRun } = request.input;
  if ((spec === undefined) === (bytes === undefined)) {
    throw validationError('Please specify either number of bytes or key spec.');
  }
  const { key, material } = wrappingKey(kms, request);
  endDryRun(DryRun);
  const plaintext = randomBytes(spec ? DATA_KEY_BYTES[spec] : (bytes ?? 0));
  return {
    CiphertextBlob: seal(key.keyId, material, plaintext, context).toString('base64'),
    Plaintext: plaintext.toString('base64'),
    KeyId: key.arn,
    KeyMaterialId: material.id,
  };
}

async function newDataKeyPair(kms: Kms, request: Request<z.output<typeof pairInput>>) {
  const { KeyPairSpec, EncryptionContext: context = {}, DryRun } = request.input;
  const { key, material } = wrappingKey(kms, request);
  endDryRun(DryRun);
  const pkcs8 = await newSecret(KeyPairSpec satisfies KeySpec);
  return {
    PrivateKeyCiphertextBlob: seal(key.keyId, material, pkcs8, context).toString('base64'),
    PrivateKeyPlaintext: pkcs8.toString('base64'),
    PublicKey: spkiOf(createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })),
    KeyId: key.arn,
    KeyPairSpec,
    KeyMaterialId: material.id,
  };
}

/** The symmetric key that wraps the new data key, and its current key material, noted for CloudTrail. */
function wrappingKey(
  kms: Kms,
  request: Request<z.output<z.ZodMiniObject<typeof common>>>,
): { key: KmsKey; material: KeyMaterial } {
  const { KeyId, EncryptionContext: context, GrantTokens: tokens } = request.input;
  const key = useKey(kms, request, { keyId: KeyId, context, tokens });
  requireUsage(key, 'ENCRYPT_DECRYPT', request.call.operation);
  requireAlgorithm(key, 'SYMMETRIC_DEFAULT');
  const material = usableMaterial(key);
  request.notes.additional = { keyMaterialId: material.id };
  return { key, material };
}
