/** DeriveSharedSecret: ECDH between a KMS key and somebody's public key. */
import { createPublicKey, diffieHellman, type KeyObject } from 'node:crypto';
import * as z from 'zod/mini';
import * as field from '../fields';
import { validationError } from '../input';
import { endDryRun, requireUsage } from '../keys/key-usage';
import type { KmsKey } from '../keys/kms-key';
import { operation } from '../operation';
import { CRYPTOGRAPHIC_USE } from '../operation-facts';
import { useKey } from '../use-key';
import { privateKeyOf } from './private-keys';

export const deriveSharedSecret = operation({
  ...CRYPTOGRAPHIC_USE,
  logs: ['KeyId', 'KeyAgreementAlgorithm', 'DryRun'],
  input: z.object({
    KeyId: field.keyId,
    KeyAgreementAlgorithm: z.enum(['ECDH']),
    PublicKey: field.blob(1, 8192),
    GrantTokens: field.grantTokens,
    DryRun: field.flag,
  }),
  run(kms, request) {
    const { KeyId, KeyAgreementAlgorithm, PublicKey, GrantTokens, DryRun } = request.input;
    const key = useKey(kms, request, { keyId: KeyId, tokens: GrantTokens });
    requireUsage(key, 'KEY_AGREEMENT', 'DeriveSharedSecret');
    const secret = agree(key, PublicKey);
    endDryRun(DryRun);
    return { KeyId: key.arn, SharedSecret: secret.toString('base64'), KeyAgreementAlgorithm, KeyOrigin: key.origin };
  },
});

/** @throws AwsError ValidationException, with no text as recorded, for a public key that does not fit the KMS key. */
function agree(key: KmsKey, spki: Buffer): Buffer {
  try {
    const publicKey: KeyObject = createPublicKey({ key: spki, format: 'der', type: 'spki' });
    return diffieHellman({ privateKey: privateKeyOf(key), publicKey });
  } catch {
    throw validationError('');
  }
}
