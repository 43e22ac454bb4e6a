/** Encrypt, Decrypt and ReEncrypt. Plaintext passes through this file and is neither kept nor logged. */
import * as z from 'zod/mini';
import * as field from '../fields';
import { endDryRun, requireUsage } from '../keys/key-usage';
import { operation } from '../operation';
import { CRYPTOGRAPHIC_USE } from '../operation-facts';
import { resolveKey, useKey } from '../use-key';
import { encryptWith, openCiphertext } from './ciphertext-use';

/** A caller's ciphertext may be 6,144 bytes long, a plaintext 4,096. Source: botocore. */
const ciphertextBlob = field.blob(1, 6144);

export const encrypt = operation({
  ...CRYPTOGRAPHIC_USE,
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
  ...CRYPTOGRAPHIC_USE,
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
  ...CRYPTOGRAPHIC_USE,
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
