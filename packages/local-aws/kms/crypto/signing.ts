/** Sign, Verify and GetPublicKey. */
import { createHash, type KeyObject, sign as signMessage, verify as verifyMessage } from 'node:crypto';
import * as z from 'zod/mini';
import { AwsError } from '../../call';
import * as field from '../fields';
import { validationError } from '../input';
import { algorithmsMember } from '../keys/key-metadata';
import { endDryRun, requireAlgorithm, requireUsage } from '../keys/key-usage';
import type { KmsKey } from '../keys/kms-key';
import type { Kms } from '../kms';
import { operation, type Request } from '../operation';
import { CRYPTOGRAPHIC_USE } from '../operation-facts';
import { useKey } from '../use-key';
import * as ecdsa from './ecdsa';
import { privateKeyOf, spkiOf } from './private-keys';
import { type HashName, signPkcs1, signPss, verifyPkcs1, verifyPss } from './rsa-signature';

const facts = {
  ...CRYPTOGRAPHIC_USE,
  logs: ['KeyId', 'MessageType', 'SigningAlgorithm', 'DryRun'],
} as const;

const common = {
  KeyId: field.keyId,
  Message: field.blob(1, 4096),
  MessageType: field.messageType,
  SigningAlgorithm: field.signingAlgorithm,
  GrantTokens: field.grantTokens,
  DryRun: field.flag,
};
const commonInput = z.object(common);

export const sign = operation({
  ...facts,
  input: commonInput,
  run(kms, request) {
    const { SigningAlgorithm, DryRun } = request.input;
    const { key, digest } = prepare(kms, request);
    endDryRun(DryRun);
    const signature = signatureOf(privateKeyOf(key), SigningAlgorithm, digest);
    return { KeyId: key.arn, Signature: signature.toString('base64'), SigningAlgorithm };
  },
});

export const verify = operation({
  ...facts,
  input: z.object({ ...common, Signature: field.blob(1, 6144) }),
  run(kms, request) {
    const { SigningAlgorithm, Signature, DryRun } = request.input;
    const { key, digest } = prepare(kms, request);
    endDryRun(DryRun);
    if (!isSignature(privateKeyOf(key), SigningAlgorithm, digest, Signature)) {
      throw new AwsError('KMSInvalidSignatureException', '');
    }
    return { KeyId: key.arn, SignatureValid: true, SigningAlgorithm };
  },
});

export const getPublicKey = operation({
  readOnly: true,
  quota: 'own',
  state: 'use',
  crossAccount: true,
  alias: true,
  logs: ['KeyId'],
  input: z.object({ KeyId: field.keyId, GrantTokens: field.grantTokens }),
  run(kms, request) {
    const { KeyId, GrantTokens } = request.input;
    const key = useKey(kms, request, { keyId: KeyId, tokens: GrantTokens });
    if (key.spec === 'SYMMETRIC_DEFAULT' || key.spec.startsWith('HMAC')) {
      const text = `${key.arn} key spec is ${key.spec} which is not valid for GetPublicKey.`;
      throw new AwsError('UnsupportedOperationException', text);
    }
    return {
      KeyId: key.arn,
      PublicKey: spkiOf(privateKeyOf(key)),
      CustomerMasterKeySpec: key.spec,
      KeySpec: key.spec,
      KeyUsage: key.usage,
      ...algorithmsMember(key),
    };
  },
});

/** What is signed: the digest of the message, or the message itself for Ed25519. */
function prepare(kms: Kms, request: Request<z.output<typeof commonInput>>): { key: KmsKey; digest: Buffer } {
  const { KeyId, GrantTokens, SigningAlgorithm, MessageType, Message } = request.input;
  const key = useKey(kms, request, { keyId: KeyId, tokens: GrantTokens });
  requireUsage(key, 'SIGN_VERIFY', request.call.operation);
  requireAlgorithm(key, SigningAlgorithm);
  return { key, digest: digestOf(SigningAlgorithm, MessageType, Message) };
}

function digestOf(algorithm: field.SigningAlgorithm, messageType: 'RAW' | 'DIGEST', message: Buffer): Buffer {
  if (algorithm === 'ED25519_SHA_512') {
    if (messageType === 'RAW') return message;
    throw validationError('MessageType DIGEST is not valid for algorithm ED25519_SHA_512.');
  }
  if (messageType === 'RAW') return createHash(hashOf(algorithm)).update(message).digest();
  if (message.length * 8 === Number(algorithm.slice(-3))) return message;
  throw validationError(`Digest is invalid length for algorithm ${algorithm}.`);
}

const hashOf = (algorithm: field.SigningAlgorithm) => `sha${algorithm.slice(-3)}` as HashName;

function signatureOf(privateKey: KeyObject, algorithm: field.SigningAlgorithm, digest: Buffer): Buffer {
  if (algorithm === 'ED25519_SHA_512') return signMessage(null, digest, privateKey);
  if (algorithm.startsWith('ECDSA')) return ecdsa.signDigest(privateKey, digest);
  const signRsa = algorithm.includes('PSS') ? signPss : signPkcs1;
  return signRsa(privateKey, hashOf(algorithm), digest);
}

function isSignature(
  privateKey: KeyObject,
  algorithm: field.SigningAlgorithm,
  digest: Buffer,
  signature: Buffer,
): boolean {
  if (algorithm === 'ED25519_SHA_512') return verifyMessage(null, digest, privateKey, signature);
  if (algorithm.startsWith('ECDSA')) return ecdsa.verifyDigest(privateKey, digest, signature);
  const verifyRsa = algorithm.includes('PSS') ? verifyPss : verifyPkcs1;
  return verifyRsa(privateKey, hashOf(algorithm), digest, signature);
}
