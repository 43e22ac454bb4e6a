/**
 * Request quotas: how many requests a second an account may make in a Region. The caller's account pays, also for a key
 * of another account. Source of every figure: KMS developer guide, "Request quotas" (requests-per-second).
 */
import { AwsError, type Call } from '../call';
import type { Clock } from '../clock';
import { own } from '../own-property';
import { factsOf, type KeySpec } from './keys/key-specs';
import type { Operation } from './operation';

export interface QuotaOptions {
  /** Every quota times this. */
  readonly multiplier?: number;
  /** Requests a second of single quotas, by their name below; the multiplier does not apply. */
  readonly perSecond?: Readonly<Record<string, number>>;
}

/** Regions whose symmetric quota is not the general 10,000. */
const SYMMETRIC_PER_SECOND: Readonly<Record<string, number>> = {
  'us-east-1': 100_000,
  'us-west-2': 100_000,
  'eu-west-1': 100_000,
  'us-east-2': 20_000,
  'ap-southeast-1': 20_000,
  'ap-southeast-2': 20_000,
  'ap-northeast-1': 20_000,
  'eu-central-1': 20_000,
  'eu-west-2': 20_000,
};

const PER_SECOND: Readonly<Record<string, number>> = {
  SymmetricCryptography: 10_000,
  RsaCryptography: 1000,
  EccCryptography: 1000,
  'GenerateDataKeyPair:ECC': 100,
  'GenerateDataKeyPair:RSA_2048': 20,
  'GenerateDataKeyPair:RSA_3072': 4,
  'GenerateDataKeyPair:RSA_4096': 1,
  DescribeKey: 2000,
  GetPublicKey: 2000,
  ListResourceTags: 2000,
  GetKeyPolicy: 1000,
  GetKeyRotationStatus: 1000,
  ListAliases: 500,
  ListKeys: 500,
  ListGrants: 100,
  ListKeyPolicies: 100,
  ListKeyRotations: 100,
  ListRetirableGrants: 100,
  CreateGrant: 50,
  RetireGrant: 50,
  RevokeGrant: 50,
  DeleteAlias: 15,
  DeleteImportedKeyMaterial: 15,
  EnableKeyRotation: 15,
  ImportKeyMaterial: 15,
  PutKeyPolicy: 15,
  ScheduleKeyDeletion: 15,
  TagResource: 10,
  GetParametersForImport: 1,
};

/** CreateKey, EnableKey, DisableKey, CreateAlias, UpdateAlias, RotateKeyOnDemand and the other operations not above. */
const OTHERS_PER_SECOND = 5;

export interface RequestQuotas {
  /** Counts one request. @throws AwsError ThrottlingException when the second's requests are used up. */
  take(call: Call, operation: Operation, spec: KeySpec | undefined): void;
}

export function requestQuotas(clock: Clock, options: QuotaOptions = {}): RequestQuotas {
  const buckets = new Map<string, { tokens: number; filledAtMs: number }>();

  return {
    take(call, operation, spec) {
      const name = quotaName(call, operation, spec);
      const rate = options.perSecond?.[name] ?? perSecond(name, call.region) * (options.multiplier ?? 1);
      const nowMs = clock.now();
      const id = `${call.caller.accountId}/${call.region}/${name}`;
      const size = Math.max(rate, 1);
      const bucket = buckets.get(id) ?? { tokens: size, filledAtMs: nowMs };
      buckets.set(id, bucket);
      bucket.tokens = Math.min(size, bucket.tokens + ((nowMs - bucket.filledAtMs) / 1000) * rate);
      bucket.filledAtMs = nowMs;
      if (bucket.tokens < 1) throw new AwsError('ThrottlingException', 'Rate exceeded');
      bucket.tokens -= 1;
    },
  };
}

function perSecond(name: string, region: string): number {
  if (name === 'SymmetricCryptography')
    return own(SYMMETRIC_PER_SECOND, region) ?? PER_SECOND[name] ?? OTHERS_PER_SECOND;
  return PER_SECOND[name] ?? OTHERS_PER_SECOND;
}

function quotaName(call: Call, operation: Operation, spec: KeySpec | undefined): string {
  if (operation.quota === 'own') return call.operation;
  if (operation.quota === 'cryptographic') return cryptographyOf(spec);
  const pair = String(call.input['KeyPairSpec']);
  return pair.startsWith('RSA') ? `GenerateDataKeyPair:${pair}` : 'GenerateDataKeyPair:ECC';
}

/** HMAC keys share the symmetric quota. */
function cryptographyOf(spec: KeySpec | undefined): string {
  const family = spec && factsOf(spec).family;
  if (family === 'rsa') return 'RsaCryptography';
  return family === 'ec' || family === 'ed25519' ? 'EccCryptography' : 'SymmetricCryptography';
}
