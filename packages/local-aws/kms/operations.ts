/** The operations of local KMS. Custom key stores, ML-DSA, ML-KEM and attestation are not among them. */

import * as dataKeys from './crypto/data-keys';
import * as encryption from './crypto/encryption';
import * as mac from './crypto/mac';
import * as sharedSecret from './crypto/shared-secret';
import * as signing from './crypto/signing';
import { createGrant } from './grants/create-grant';
import * as grantEnds from './grants/grant-ends';
import * as grantLists from './grants/grant-lists';
import * as imports from './imports/imports';
import * as aliases from './keys/aliases';
import { createKey } from './keys/create-key';
import * as deletion from './keys/deletion';
import * as keys from './keys/keys';
import * as policies from './keys/policies';
import * as replication from './keys/replication';
import * as rotation from './keys/rotation';
import * as tags from './keys/tags';
import type { Operation } from './operation';

export const OPERATIONS: Readonly<Record<string, Operation>> = {
  CancelKeyDeletion: deletion.cancelKeyDeletion,
  CreateAlias: aliases.createAlias,
  CreateGrant: createGrant,
  CreateKey: createKey,
  Decrypt: encryption.decrypt,
  DeleteAlias: aliases.deleteAlias,
  DeleteImportedKeyMaterial: imports.deleteImportedKeyMaterial,
  DeriveSharedSecret: sharedSecret.deriveSharedSecret,
  DescribeKey: keys.describeKey,
  DisableKey: keys.disableKey,
  DisableKeyRotation: rotation.disableKeyRotation,
  EnableKey: keys.enableKey,
  EnableKeyRotation: rotation.enableKeyRotation,
  Encrypt: encryption.encrypt,
  GenerateDataKey: dataKeys.generateDataKey,
  GenerateDataKeyPair: dataKeys.generateDataKeyPair,
  GenerateDataKeyPairWithoutPlaintext: dataKeys.generateDataKeyPairWithoutPlaintext,
  GenerateDataKeyWithoutPlaintext: dataKeys.generateDataKeyWithoutPlaintext,
  GenerateMac: mac.generateMac,
  GenerateRandom: dataKeys.generateRandom,
  GetKeyLastUsage: keys.getKeyLastUsage,
  GetKeyPolicy: policies.getKeyPolicy,
  GetKeyRotationStatus: rotation.getKeyRotationStatus,
  GetParametersForImport: imports.getParametersForImport,
  GetPublicKey: signing.getPublicKey,
  ImportKeyMaterial: imports.importKeyMaterial,
  ListAliases: aliases.listAliases,
  ListGrants: grantLists.listGrants,
  ListKeyPolicies: policies.listKeyPolicies,
  ListKeyRotations: rotation.listKeyRotations,
  ListKeys: keys.listKeys,
  ListResourceTags: tags.listResourceTags,
  ListRetirableGrants: grantLists.listRetirableGrants,
  PutKeyPolicy: policies.putKeyPolicy,
  ReEncrypt: encryption.reEncrypt,
  ReplicateKey: replication.replicateKey,
  RetireGrant: grantEnds.retireGrant,
  RevokeGrant: grantEnds.revokeGrant,
  RotateKeyOnDemand: rotation.rotateKeyOnDemand,
  ScheduleKeyDeletion: deletion.scheduleKeyDeletion,
  Sign: signing.sign,
  TagResource: tags.tagResource,
  UntagResource: tags.untagResource,
  UpdateAlias: aliases.updateAlias,
  UpdateKeyDescription: keys.updateKeyDescription,
  Verify: signing.verify,
  VerifyMac: mac.verifyMac,
};
