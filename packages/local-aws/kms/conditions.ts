/**
 * The condition keys that a KMS request carries into policies, beside those of its principal. Source: KMS developer
 * guide, "Condition keys for AWS KMS".
 */
import type { Call } from '../call';
import { isPrimary, type KmsKey } from './keys/kms-key';

export type Conditions = Readonly<Record<string, string | readonly string[]>>;

/** Input fields that are condition keys by another name. */
const OF_INPUT = {
  BypassPolicyLockoutSafetyCheck: 'kms:BypassPolicyLockoutSafetyCheck',
  EncryptionAlgorithm: 'kms:EncryptionAlgorithm',
  ExpirationModel: 'kms:ExpirationModel',
  GranteePrincipal: 'kms:GranteePrincipal',
  GranteeServicePrincipal: 'kms:GranteeServicePrincipal',
  KeyAgreementAlgorithm: 'kms:KeyAgreementAlgorithm',
  KeyPairSpec: 'kms:DataKeyPairSpec',
  MacAlgorithm: 'kms:MacAlgorithm',
  MessageType: 'kms:MessageType',
  Operations: 'kms:GrantOperations',
  PendingWindowInDays: 'kms:ScheduleKeyDeletionPendingWindowInDays',
  ReplicaRegion: 'kms:ReplicaRegion',
  RetiringPrincipal: 'kms:RetiringPrincipal',
  RetiringServicePrincipal: 'kms:RetiringServicePrincipal',
  RotationPeriodInDays: 'kms:RotationPeriodInDays',
  SigningAlgorithm: 'kms:SigningAlgorithm',
  ValidTo: 'kms:ValidTo',
  WrappingAlgorithm: 'kms:WrappingAlgorithm',
  WrappingKeySpec: 'kms:WrappingKeySpec',
} as const;

/** Operations on which `kms:GrantIsForAWSResource` exists. */
const ABOUT_GRANTS = new Set(['CreateGrant', 'ListGrants', 'RevokeGrant']);

/** The AWS service that calls for somebody, `s3` for example. CloudTrail and the door name it as the source address. */
export function viaService(call: Call): string | undefined {
  return /^([a-z0-9-]+)\.amazonaws\.com$/.exec(call.sourceIp)?.[1];
}

export function requestConditions(call: Call, input: Readonly<Record<string, unknown>>): Conditions {
  const service = viaService(call);
  const conditions: Record<string, string | readonly string[]> = { 'kms:CallerAccount': call.caller.accountId };
  if (service) conditions['kms:ViaService'] = `${service}.${call.region}.amazonaws.com`;
  if (ABOUT_GRANTS.has(call.operation)) {
    conditions['kms:GrantIsForAWSResource'] = String(service !== undefined || call.caller.type === 'AWSService');
  }
  for (const [name, condition] of Object.entries(OF_INPUT)) {
    const value = input[name];
    if (value !== undefined) conditions[condition] = Array.isArray(value) ? value : String(value);
  }
  return conditions;
}

export function keyConditions(key: KmsKey, aliasNames: readonly string[]): Conditions {
  return {
    'kms:KeySpec': key.spec,
    'kms:KeyUsage': key.usage,
    'kms:KeyOrigin': key.origin,
    'kms:MultiRegion': String(key.multiRegion !== undefined),
    ...(key.multiRegion ? { 'kms:MultiRegionKeyType': isPrimary(key) ? 'PRIMARY' : 'REPLICA' } : {}),
    ...(aliasNames.length > 0 ? { 'kms:ResourceAliases': aliasNames } : {}),
    ...Object.fromEntries(key.tags.map((tag) => [`aws:ResourceTag/${tag.TagKey}`, tag.TagValue])),
  };
}

export function contextConditions(context: Readonly<Record<string, string>> | undefined): Conditions {
  if (!context || Object.keys(context).length === 0) return {};
  return {
    ...Object.fromEntries(Object.entries(context).map(([name, value]) => [`kms:EncryptionContext:${name}`, value])),
    'kms:EncryptionContextKeys': Object.keys(context),
  };
}
