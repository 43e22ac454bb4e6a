/** What a key may be used for, beyond its state: its usage, its algorithms; and the end of a dry run. */
import { AwsError } from '../../call';
import { algorithmsOf, type KeyUsage } from './key-specs';
import { currentMaterial, type KeyMaterial, type KmsKey } from './kms-key';

/** @throws AwsError InvalidKeyUsageException */
export function requireUsage(key: KmsKey, usage: KeyUsage, operation: string): void {
  if (key.usage === usage) return;
  const text = `${key.arn} key usage is ${key.usage} which is not valid for ${operation}.`;
  throw new AwsError('InvalidKeyUsageException', text);
}

/** @throws AwsError InvalidKeyUsageException */
export function requireAlgorithm(key: KmsKey, algorithm: string): void {
  if (algorithmsOf(key.spec, key.usage).includes(algorithm)) return;
  throw new AwsError('InvalidKeyUsageException', `Algorithm ${algorithm} is incompatible with key spec ${key.spec}.`);
}

/** The key material that a key uses now. Its state has been checked, so it is there. */
export function usableMaterial(key: KmsKey): KeyMaterial {
  const material = currentMaterial(key);
  if (material?.secret === undefined) throw new AwsError('KMSInternalException', '', { status: 500 });
  return material;
}

/** Ends a dry run just before its effect. @throws AwsError DryRunOperationException: the call would have succeeded. */
export function endDryRun(dryRun: boolean | undefined): void {
  if (!dryRun) return;
  const text = 'The request would have succeeded, but the DryRun option is set.';
  throw new AwsError('DryRunOperationException', text);
}
