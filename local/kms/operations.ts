/** The operations of local KMS. Custom key stores, ML-DSA, ML-KEM and attestation are not among them. */
import * as aliases from './aliases';
import { createGrant } from './create-grant';
import { createKey } from './create-key';
import * as dataKeys from './data-keys';
import * as deletion from './deletion';
import * as encryption from './encryption';
import * as grantEnds from './grant-ends';
import * as grantLists from './grant-lists';
import * as imports from './imports';
import * as keys from './keys';
import * as mac from './mac';
import type { Operation } from './operation';
import * as policies from './policies';
import * as replication from './replication';
import * as rotation from './rotation';
import * as sharedSecret from './shared-secret';
import * as signing from './signing';
import * as tags from './tags';

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
