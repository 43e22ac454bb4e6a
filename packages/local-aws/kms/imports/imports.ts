/** Imported key material: GetParametersForImport, ImportKeyMaterial, DeleteImportedKeyMaterial. */
import { createPrivateKey, randomBytes } from 'node:crypto';
import * as z from 'zod/mini';
import { AwsError } from '../../call';
import { spkiOf } from '../crypto/private-keys';
import * as field from '../fields';
import { validationError } from '../input';
import { keyMaterialId } from '../keys/key-material';
import { seconds } from '../keys/key-metadata';
import { isSecretOf, newSecret } from '../keys/key-specs';
import { requireState } from '../keys/key-states';
import { currentMaterial, type KmsKey } from '../keys/kms-key';
import type { Kms } from '../kms';
import { operation, type Request } from '../operation';
import { humanInstant } from '../trail-notes';
import { useKey } from '../use-key';
import { incorrectMaterial, withExisting, withNew, withoutSecret } from './imported-material';
import { unwrap } from './wrapping';

/** Source: GetParametersForImport, SDK: "valid for 24 hours". */
const PARAMETERS_VALID_MS = 24 * 3_600_000;
/** Source: `ValidTo` of ImportKeyMaterial, SDK: at most 365 days. */
const EXPIRY_MAX_MS = 365 * 86_400_000;

export const getParametersForImport = operation({
  readOnly: true,
  quota: 'own',
  state: 'look',
  logs: ['KeyId', 'WrappingAlgorithm', 'WrappingKeySpec'],
  input: z.object({
    KeyId: field.keyId,
    WrappingAlgorithm: z.enum([
      'RSAES_OAEP_SHA_1',
      'RSAES_OAEP_SHA_256',
      'RSA_AES_KEY_WRAP_SHA_1',
      'RSA_AES_KEY_WRAP_SHA_256',
    ]),
    WrappingKeySpec: z.enum(['RSA_2048', 'RSA_3072', 'RSA_4096']),
  }),
  async run(kms, request) {
    const { KeyId, WrappingAlgorithm: algorithm, WrappingKeySpec } = request.input;
    const key = externalKey(kms, request, KeyId, 'importMaterial');
    const pkcs8 = await newSecret(WrappingKeySpec);
    const token = randomBytes(256).toString('base64');
    const validToMs = kms.clock.now() + PARAMETERS_VALID_MS;
    forgetOldParameters(kms, key);
    kms.imports.set(token, { keyArn: key.arn, algorithm, privateKey: pkcs8.toString('base64'), validToMs });
    return {
      KeyId: key.arn,
      ImportToken: token,
      PublicKey: spkiOf(createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })),
      ParametersValidTo: seconds(validToMs),
    };
  },
});

const importInput = z.object({
  KeyId: field.keyId,
  ImportToken: field.blob(1, 6144),
  EncryptedKeyMaterial: field.blob(1, 6144),
  ValidTo: z.optional(field.instant),
  ExpirationModel: z._default(z.enum(['KEY_MATERIAL_EXPIRES', 'KEY_MATERIAL_DOES_NOT_EXPIRE']), 'KEY_MATERIAL_EXPIRES'),
  ImportType: z.optional(z.enum(['NEW_KEY_MATERIAL', 'EXISTING_KEY_MATERIAL'])),
  KeyMaterialDescription: z.optional(z.string().check(z.maxLength(256))),
  KeyMaterialId: z.optional(field.materialId),
});
type ImportInput = z.output<typeof importInput>;

export const importKeyMaterial = operation({
  readOnly: false,
  quota: 'own',
  state: 'look',
  logs: ['KeyId', 'ExpirationModel', 'ValidTo', 'ImportType', 'KeyMaterialDescription', 'KeyMaterialId'],
  input: importInput,
  run(kms, request) {
    const { input, notes } = request;
    const key = externalKey(kms, request, input.KeyId, 'importMaterial');
    const type = input.ImportType ?? (key.materials.length === 0 ? 'NEW_KEY_MATERIAL' : 'EXISTING_KEY_MATERIAL');
    notes.input = {
      ...input,
      ImportType: type,
      ...(input.ValidTo ? { ValidTo: humanInstant(input.ValidTo * 1000) } : {}),
    };
    const expiresAtMs = expiryOf(kms, input);
    const secret = unwrapped(kms, key, input);
    const id = keyMaterialId(key.keyId, secret);
    if (input.KeyMaterialId !== undefined && input.KeyMaterialId !== id) throw incorrectMaterial(key);

    const facts = { id, secret: secret.toString('base64'), expiresAtMs, description: input.KeyMaterialDescription };
    const materials = type === 'NEW_KEY_MATERIAL' ? withNew(key, facts) : withExisting(key, facts);
    kms.keys.save({ ...key, materials });
    notes.response = { keyId: key.arn, keyMaterialId: id };
    return { KeyId: key.arn, KeyMaterialId: id };
  },
});

export const deleteImportedKeyMaterial = operation({
  readOnly: false,
  quota: 'own',
  state: 'look',
  logs: ['KeyId', 'KeyMaterialId'],
  input: z.object({ KeyId: field.keyId, KeyMaterialId: z.optional(field.materialId) }),
  run(kms, request) {
    const { KeyId, KeyMaterialId } = request.input;
    const key = externalKey(kms, request, KeyId, 'deleteMaterial');
    const id = KeyMaterialId ?? currentMaterial(key)?.id;
    if (KeyMaterialId !== undefined && !key.materials.some((material) => material.id === KeyMaterialId)) {
      throw new AwsError('NotFoundException', `Key material ${KeyMaterialId} of ${key.arn} does not exist.`);
    }
    if (id !== undefined) kms.keys.save({ ...key, materials: withoutSecret(key, id) });
    request.notes.response = { keyId: key.arn, ...(id ? { keyMaterialId: id } : {}) };
    return { KeyId: key.arn, KeyMaterialId: id };
  },
});

/** A key for imported material, in a state that allows the operation. Its origin is looked at first, as recorded. */
function externalKey(kms: Kms, request: Request, keyId: string, row: 'importMaterial' | 'deleteMaterial'): KmsKey {
  const key = useKey(kms, request, { keyId });
  if (key.origin !== 'EXTERNAL') {
    const text = `${key.arn} origin is ${key.origin} which is not valid for this operation.`;
    throw new AwsError('UnsupportedOperationException', text);
  }
  requireState(key, row);
  return key;
}

function forgetOldParameters(kms: Kms, key: KmsKey): void {
  const nowMs = kms.clock.now();
  for (const [token, { keyArn, validToMs }] of [...kms.imports.entries()]) {
    if (keyArn === key.arn && validToMs <= nowMs) kms.imports.delete(token);
  }
}

function expiryOf(kms: Kms, { ExpirationModel, ValidTo }: ImportInput): number | undefined {
  if (ExpirationModel === 'KEY_MATERIAL_DOES_NOT_EXPIRE') {
    if (ValidTo === undefined) return undefined;
    throw validationError('A validTo date cannot be set if the ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE');
  }
  if (ValidTo === undefined) {
    throw validationError('A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES');
  }
  const inMs = ValidTo * 1000 - kms.clock.now();
  if (inMs > 0 && inMs <= EXPIRY_MAX_MS) return ValidTo * 1000;
  throw validationError('ValidTo must be in the future and at most 365 days away.');
}

/** @throws AwsError InvalidImportTokenException, ExpiredImportTokenException, InvalidCiphertextException, IncorrectKeyMaterialException */
function unwrapped(kms: Kms, key: KmsKey, { ImportToken, EncryptedKeyMaterial }: ImportInput): Buffer {
  const parameters = kms.imports.get(ImportToken.toString('base64'));
  if (parameters?.keyArn !== key.arn) {
    throw new AwsError('InvalidImportTokenException', `The import token is not one for ${key.arn}.`);
  }
  if (parameters.validToMs <= kms.clock.now()) {
    throw new AwsError('ExpiredImportTokenException', 'The import token has expired. Get new parameters for import.');
  }
  const secret = unwrap(EncryptedKeyMaterial, parameters.algorithm, parameters.privateKey);
  if (!secret) throw new AwsError('InvalidCiphertextException', '');
  if (!isSecretOf(key.spec, secret)) throw incorrectMaterial(key);
  return secret;
}
