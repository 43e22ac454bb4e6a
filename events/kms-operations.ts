/**
 * Every operation that CloudTrail records of KMS: what kind it is, and where its record names contexts and materials.
 *
 * Source: AWS KMS Developer Guide, "Logging AWS KMS API calls with AWS CloudTrail" and its pages per operation; the
 * list of operations is that of @aws-sdk/client-kms 3.1164.0, which a test compares with this table. AWS adds
 * operations: a name that is not here is still a KMS record, of the kind that its `readOnly` says.
 */

/** `crypto-use`: the key did work. `read`: somebody looked. `key-management`: a change was asked for. */
export type OperationKind = 'crypto-use' | 'read' | 'key-management' | 'service-event';

export interface KmsOperation {
  readonly kind: OperationKind;
  /** What `readOnly` says in its records. */
  readonly readOnly: boolean;
  /** Fields of `requestParameters` that hold an encryption context, one for each key touched: source before destination. */
  readonly contexts?: readonly string[];
  /** Fields that hold a key material id, one for each key touched; looked for in the places that `materialIn` names. */
  readonly materials?: readonly string[];
}

const use = { kind: 'crypto-use', readOnly: true } as const;
const symmetricUse = { ...use, contexts: ['encryptionContext'], materials: ['keyMaterialId'] } as const;
const read = { kind: 'read', readOnly: true } as const;
const change = { kind: 'key-management', readOnly: false } as const;
const byService = { kind: 'service-event', readOnly: false } as const;

export const KMS_OPERATIONS: Readonly<Record<string, KmsOperation>> = {
  Decrypt: symmetricUse,
  Encrypt: symmetricUse,
  GenerateDataKey: symmetricUse,
  GenerateDataKeyWithoutPlaintext: symmetricUse,
  GenerateDataKeyPair: symmetricUse,
  GenerateDataKeyPairWithoutPlaintext: symmetricUse,
  ReEncrypt: {
    ...use,
    contexts: ['sourceEncryptionContext', 'destinationEncryptionContext'],
    materials: ['sourceKeyMaterialId', 'destinationKeyMaterialId'],
  },
  Decapsulate: use,
  DeriveSharedSecret: use,
  Encapsulate: use,
  GenerateMac: use,
  GenerateRandom: use,
  Sign: use,
  Verify: use,
  VerifyMac: use,

  DescribeCustomKeyStores: read,
  DescribeKey: read,
  GetKeyLastUsage: read,
  GetKeyPolicy: read,
  GetKeyRotationStatus: read,
  GetParametersForImport: read,
  GetPublicKey: read,
  ListAliases: read,
  ListGrants: read,
  ListKeyPolicies: read,
  ListKeyRotations: read,
  ListKeys: read,
  ListResourceTags: read,
  ListRetirableGrants: read,

  CancelKeyDeletion: change,
  ConnectCustomKeyStore: change,
  CreateAlias: change,
  CreateCustomKeyStore: change,
  /** The grant may be bound to an encryption context: it is named by `constraints`, see kms-key-use.ts. */
  CreateGrant: change,
  CreateKey: change,
  DeleteAlias: change,
  DeleteCustomKeyStore: change,
  DeleteImportedKeyMaterial: { ...change, materials: ['keyMaterialId'] },
  DisableKey: change,
  DisableKeyRotation: change,
  DisconnectCustomKeyStore: change,
  EnableKey: change,
  EnableKeyRotation: change,
  ImportKeyMaterial: { ...change, materials: ['keyMaterialId'] },
  PutKeyPolicy: change,
  ReplicateKey: change,
  RetireGrant: change,
  RevokeGrant: change,
  /** The request. That it was done is the service event RotateKey. */
  RotateKeyOnDemand: change,
  ScheduleKeyDeletion: change,
  TagResource: change,
  UntagResource: change,
  UpdateAlias: change,
  UpdateCustomKeyStore: change,
  UpdateKeyDescription: change,
  UpdatePrimaryRegion: change,

  DeleteExpiredKeyMaterial: { ...byService, materials: ['keyMaterialId'] },
  DeleteKey: byService,
  RotateKey: { ...byService, materials: ['currentKeyMaterialId'] },
  /** Made by KMS, yet its record says `AwsApiCall`. Source: the operation's CloudTrail page. */
  SynchronizeMultiRegionKey: byService,
};

/** The row of an operation; for one that AWS added since, what its record says of itself. */
export function kmsOperation(eventName: string, readOnly: boolean | null | undefined): KmsOperation {
  const known = Object.hasOwn(KMS_OPERATIONS, eventName) ? KMS_OPERATIONS[eventName] : undefined;
  return known ?? (readOnly === true ? read : change);
}

/** Operations of one kind, by name. */
export function operationsOf(kind: OperationKind): readonly string[] {
  return Object.keys(KMS_OPERATIONS).filter((name) => KMS_OPERATIONS[name]?.kind === kind);
}
