/** Encrypt, Decrypt and ReEncrypt. Plaintext passes through this file and is neither kept nor logged. */
import * as z from 'zod/mini';
import { AwsError } from '../call';
import { type EncryptionContext, open, parseCiphertext, seal } from './ciphertext';
import * as field from './fields';
import { validationError } from './input';
import { endDryRun, requireAlgorithm, requireUsage, usableMaterial } from './key-usage';
import type { Kms } from './kms';
import type { KmsKey } from './kms-key';
import { operation, type Request } from './operation';
import { decryptOaep, encryptOaep, type OaepAlgorithm } from './rsa-encryption';
import { resolveKey, useKey } from './use-key';

type Algorithm = z.output<typeof field.encryptionAlgorithm>;

/** A caller's ciphertext may be 6,144 bytes long, a plaintext 4,096. Source: botocore. */
const ciphertextBlob = field.blob(1, 6144);

export const encrypt = operation({
  readOnly: true,
  quota: 'cryptographic',
  state: 'use',
  crossAccount: true,
  alias: true,
  logs: ['KeyId', 'EncryptionAlgorithm', 'EncryptionContext', 'DryRun'],
  input: z.object({
    KeyId: field.keyId,
    Plaintext: field.blob(1, 4096),
    EncryptionContext: field.encryptionContext,
    EncryptionAlgorithm: field.encryptionAlgorithm,
    GrantTokens: field.grantTokens,
    DryRun: field.flag,
  }),
  run(kms, request) {
    const { KeyId, Plaintext, EncryptionContext: context, EncryptionAlgorithm, GrantTokens, DryRun } = request.input;
    const key = useKey(kms, request, { keyId: KeyId, context, tokens: GrantTokens });
    requireUsage(key, 'ENCRYPT_DECRYPT', 'Encrypt');
    const { blob, materialId } = encryptWith(key, EncryptionAlgorithm, Plaintext, context);
    if (materialId) request.notes.additional = { keyMaterialId: materialId };
    endDryRun(DryRun);
    return { CiphertextBlob: blob.toString('base64'), KeyId: key.arn, EncryptionAlgorithm };
  },
});

export const decrypt = operation({
  readOnly: true,
  quota: 'cryptographic',
  state: 'use',
  crossAccount: true,
  alias: true,
  logs: ['KeyId', 'EncryptionAlgorithm', 'EncryptionContext', 'DryRun'],
  input: z.object({
    KeyId: z.optional(field.keyId),
    CiphertextBlob: z.optional(ciphertextBlob),
    EncryptionContext: field.encryptionContext,
    EncryptionAlgorithm: field.encryptionAlgorithm,
    GrantTokens: field.grantTokens,
    DryRun: field.flag,
    DryRunModifiers: field.dryRunModifiers,
  }),
  run(kms, request) {
    const { input } = request;
    const opened = openCiphertext(kms, request, {
      keyId: input.KeyId,
      keyIdName: 'keyId',
      blob: input.CiphertextBlob,
      algorithm: input.EncryptionAlgorithm,
      context: input.EncryptionContext,
      action: 'Decrypt',
    });
    if (opened.materialId) request.notes.additional = { keyMaterialId: opened.materialId };
    endDryRun(input.DryRun);
    return {
      KeyId: opened.key.arn,
      Plaintext: opened.plaintext.toString('base64'),
      EncryptionAlgorithm: input.EncryptionAlgorithm,
      KeyMaterialId: opened.materialId,
    };
  },
});

export const reEncrypt = operation({
  readOnly: true,
  quota: 'cryptographic',
  state: 'use',
  crossAccount: true,
  alias: true,
  logs: [
    'SourceKeyId',
    'SourceEncryptionAlgorithm',
    'SourceEncryptionContext',
    'DestinationKeyId',
    'DestinationEncryptionAlgorithm',
    'DestinationEncryptionContext',
    'DryRun',
  ],
  input: z.object({
    CiphertextBlob: z.optional(ciphertextBlob),
    SourceKeyId: z.optional(field.keyId),
    SourceEncryptionContext: field.encryptionContext,
    SourceEncryptionAlgorithm: field.encryptionAlgorithm,
    DestinationKeyId: field.keyId,
    DestinationEncryptionContext: field.encryptionContext,
    DestinationEncryptionAlgorithm: field.encryptionAlgorithm,
    GrantTokens: field.grantTokens,
    DryRun: field.flag,
    DryRunModifiers: field.dryRunModifiers,
  }),
  run(kms, request) {
    const { input } = request;
    const destination = resolveKey(kms, request.call, input.DestinationKeyId, true);
    const opened = openCiphertext(kms, request, {
      keyId: input.SourceKeyId,
      keyIdName: 'sourceKeyId',
      blob: input.CiphertextBlob,
      algorithm: input.SourceEncryptionAlgorithm,
      context: input.SourceEncryptionContext,
      action: 'ReEncryptFrom',
      destination,
    });
    const context = input.DestinationEncryptionContext;
    const key = useKey(kms, request, {
      keyId: input.DestinationKeyId,
      action: 'ReEncryptTo',
      context,
      tokens: input.GrantTokens,
      conditions: {
        'kms:EncryptionAlgorithm': input.DestinationEncryptionAlgorithm,
        'kms:ReEncryptOnSameKey': String(opened.key.arn === destination.arn),
      },
    });
    requireUsage(key, 'ENCRYPT_DECRYPT', 'ReEncryptTo');
    const { blob, materialId } = encryptWith(key, input.DestinationEncryptionAlgorithm, opened.plaintext, context);
    request.notes.additional = {
      ...(opened.materialId ? { sourceKeyMaterialId: opened.materialId } : {}),
      ...(materialId ? { destinationKeyMaterialId: materialId } : {}),
    };
    endDryRun(input.DryRun);
    return {
      CiphertextBlob: blob.toString('base64'),
      SourceKeyId: opened.key.arn,
      KeyId: key.arn,
      SourceEncryptionAlgorithm: input.SourceEncryptionAlgorithm,
      DestinationEncryptionAlgorithm: input.DestinationEncryptionAlgorithm,
      SourceKeyMaterialId: opened.materialId,
      DestinationKeyMaterialId: materialId,
    };
  },
});

interface Source {
  readonly keyId: string | undefined;
  /** The field's name in AWS's texts. */
  readonly keyIdName: 'keyId' | 'sourceKeyId';
  readonly blob: Buffer | undefined;
  readonly algorithm: Algorithm;
  readonly context: EncryptionContext | undefined;
  readonly action: 'Decrypt' | 'ReEncryptFrom';
  /** The key that ReEncrypt wraps with. */
  readonly destination?: KmsKey;
}

interface Opened {
  readonly key: KmsKey;
  readonly plaintext: Buffer;
  /** Symmetric keys only. */
  readonly materialId?: string | undefined;
}

interface OpeningInput {
  readonly GrantTokens: readonly string[];
  readonly DryRun?: boolean | undefined;
  readonly DryRunModifiers: readonly string[];
}

function openCiphertext(kms: Kms, request: Request<OpeningInput>, source: Source): Opened {
  const ignoresCiphertext = request.input.DryRunModifiers.includes('IGNORE_CIPHERTEXT');
  requireSource(source, ignoresCiphertext, request.input.DryRun);
  const named = source.keyId
    ? resolveKey(kms, request.call, source.keyId, true)
    : keyOfCiphertext(kms, request, source);
  const { destination } = source;
  const key = useKey(kms, request, {
    keyId: source.keyId ?? named.arn,
    action: source.action,
    context: source.context,
    tokens: request.input.GrantTokens,
    conditions: {
      'kms:EncryptionAlgorithm': source.algorithm,
      ...(destination ? { 'kms:ReEncryptOnSameKey': String(named.arn === destination.arn) } : {}),
    },
    keyIsFromCiphertext: source.keyId === undefined,
  });
  if (ignoresCiphertext) return { key, plaintext: Buffer.alloc(0) };
  return decryptWith(key, source);
}

function requireSource(source: Source, ignoresCiphertext: boolean, dryRun: boolean | undefined): void {
  if (ignoresCiphertext && !dryRun) throw validationError('DryRunModifiers can only be used with DryRun.');
  const missing = !source.blob && !ignoresCiphertext ? 'ciphertextBlob' : undefined;
  const needsKeyId = ignoresCiphertext || source.algorithm !== 'SYMMETRIC_DEFAULT';
  const field = missing ?? (needsKeyId && source.keyId === undefined ? source.keyIdName : undefined);
  if (field === undefined) return;
  const text = `1 validation error detected: Value null at '${field}' failed to satisfy constraint`;
  throw validationError(`${text}: Member must not be null`);
}

/** The key that made a symmetric ciphertext. AWS does not tell a caller whether it exists elsewhere. */
function keyOfCiphertext(kms: Kms, request: Request, { blob }: Source): KmsKey {
  const parsed = blob && parseCiphertext(blob);
  if (!parsed) throw new AwsError('InvalidCiphertextException', '');
  const key = kms.keys.findInRegion(request.call.region, parsed.keyId);
  if (key) return key;
  const text =
    'The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.';
  throw new AwsError('AccessDeniedException', text);
}

/** @throws AwsError IncorrectKeyException for another key's ciphertext; InvalidCiphertextException for anything else. */
function decryptWith(key: KmsKey, { blob = Buffer.alloc(0), algorithm, context = {}, action }: Source): Opened {
  const parsed = algorithm === 'SYMMETRIC_DEFAULT' ? parseCiphertext(blob) : undefined;
  if (parsed && parsed.keyId !== key.keyId) {
    const text = 'The key ID in the request does not identify a CMK that can perform this operation.';
    throw new AwsError('IncorrectKeyException', text);
  }
  requireUsage(key, 'ENCRYPT_DECRYPT', action);
  requireAlgorithm(key, algorithm);

  const material = parsed && key.materials.find(({ id }) => id === parsed.materialId);
  const plaintext = parsed
    ? material && open(parsed, material, context)
    : algorithm === 'SYMMETRIC_DEFAULT'
      ? undefined
      : decryptOaep(key, algorithm as OaepAlgorithm, blob);
  if (!plaintext) throw new AwsError('InvalidCiphertextException', '');
  return { key, plaintext, materialId: material?.id };
}

function encryptWith(
  key: KmsKey,
  algorithm: Algorithm,
  plaintext: Buffer,
  context: EncryptionContext = {},
): { blob: Buffer; materialId?: string } {
  requireAlgorithm(key, algorithm);
  if (algorithm !== 'SYMMETRIC_DEFAULT') return { blob: encryptOaep(key, algorithm as OaepAlgorithm, plaintext) };
  const material = usableMaterial(key);
  return { blob: seal(key.keyId, material, plaintext, context), materialId: material.id };
}
