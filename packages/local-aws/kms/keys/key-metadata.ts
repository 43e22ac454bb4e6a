/** `KeyMetadata`, as CreateKey, DescribeKey and ReplicateKey answer it. */
import type { JsonObject } from '../../call';
import type { Kms } from '../kms';
import { algorithmsOf, type KeyUsage } from './key-specs';
import { currentMaterial, isPrimary, type KmsKey, keyArn, stateOf } from './kms-key';

/** The member that lists the algorithms of keys with that usage. */
const MEMBER: Readonly<Record<KeyUsage, string>> = {
  ENCRYPT_DECRYPT: 'EncryptionAlgorithms',
  SIGN_VERIFY: 'SigningAlgorithms',
  GENERATE_VERIFY_MAC: 'MacAlgorithms',
  KEY_AGREEMENT: 'KeyAgreementAlgorithms',
};

export function algorithmsMember(key: KmsKey): JsonObject {
  return { [MEMBER[key.usage]]: algorithmsOf(key.spec, key.usage) };
}

export function metadataOf(kms: Kms, key: KmsKey): JsonObject {
  const state = stateOf(key);
  const current = currentMaterial(key);
  return {
    AWSAccountId: key.accountId,
    KeyId: key.keyId,
    Arn: key.arn,
    CreationDate: seconds(key.createdAtMs),
    Enabled: state === 'Enabled',
    Description: key.description,
    KeyUsage: key.usage,
    KeyState: state,
    Origin: key.origin,
    KeyManager: 'CUSTOMER',
    CustomerMasterKeySpec: key.spec,
    KeySpec: key.spec,
    ...algorithmsMember(key),
    MultiRegion: key.multiRegion !== undefined,
    ...(key.multiRegion ? { MultiRegionConfiguration: multiRegionConfiguration(kms, key) } : {}),
    ...deletionMembers(key),
    ...(state === 'PendingImport' ? {} : importMembers(key)),
    // A replica that is still being created has none yet, as recorded.
    ...(current && key.spec === 'SYMMETRIC_DEFAULT' && state !== 'Creating'
      ? { CurrentKeyMaterialId: current.id }
      : {}),
  };
}

/** AWS's JSON has instants in seconds. */
export function seconds(ms: number): number {
  return ms / 1000;
}

function deletionMembers({ deletion }: KmsKey): JsonObject {
  if (!deletion) return {};
  return deletion.atMs === undefined
    ? { PendingDeletionWindowInDays: deletion.windowDays }
    : { DeletionDate: seconds(deletion.atMs) };
}

function importMembers(key: KmsKey): JsonObject {
  if (key.origin !== 'EXTERNAL') return {};
  const expiresAtMs = currentMaterial(key)?.expiresAtMs;
  return expiresAtMs === undefined
    ? { ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE' }
    : { ExpirationModel: 'KEY_MATERIAL_EXPIRES', ValidTo: seconds(expiresAtMs) };
}

function multiRegionConfiguration(kms: Kms, key: KmsKey): JsonObject {
  const primaryRegion = key.multiRegion?.primaryRegion ?? key.region;
  const replicas = kms.keys.related(key).filter((other) => !isPrimary(other));
  return {
    MultiRegionKeyType: isPrimary(key) ? 'PRIMARY' : 'REPLICA',
    PrimaryKey: { Arn: keyArn(primaryRegion, key.accountId, key.keyId), Region: primaryRegion },
    ReplicaKeys: replicas.map((replica) => ({ Arn: replica.arn, Region: replica.region })),
  };
}
