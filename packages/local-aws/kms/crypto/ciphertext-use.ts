/** What Encrypt, Decrypt and ReEncrypt have in common: from a key and an algorithm to a ciphertext, and back. */
import type * as z from 'zod/mini';
import { AwsError } from '../../call';
import type * as field from '../fields';
import { validationError } from '../input';
import { requireAlgorithm, requireUsage, usableMaterial } from '../keys/key-usage';
import type { KmsKey } from '../keys/kms-key';
import type { Kms } from '../kms';
import type { Request } from '../operation';
import { resolveKey, useKey } from '../use-key';
import { type EncryptionContext, open, parseCiphertext, seal } from './ciphertext';
import { decryptOaep, encryptOaep, type OaepAlgorithm } from './rsa-encryption';

type Algorithm = z.output<typeof field.encryptionAlgorithm>;

export interface Source {
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

export interface Opened {
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

/** Decrypts what a caller sent, for Decrypt and for ReEncrypt alike. */
export function openCiphertext(kms: Kms, request: Request<OpeningInput>, source: Source): Opened {
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

/** Encrypts under a key's current key material. */
export function encryptWith(
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
