/** What kept a look at a key from telling anything, and what has that trouble. */
import type { KmsKey } from '../keys/kms-key';
import { TROUBLES, type Trouble } from './incidents/trouble';
import type { Finding } from './key-evidence';

/** Causes by a policy of our own: they are about us, whatever the key is. */
const isOurPolicy = (cause: string | undefined): boolean => cause?.startsWith('own-') === true;

/**
 * What kept a look from telling anything of the key; undefined of a look that told. A policy of our own that refuses us says no
 * more of the key than an outage does. @param finding Undefined: looks that never agreed.
 */
export function troubleIn(finding: Finding | undefined): Trouble | undefined {
  if (!finding) return 'cannot-tell';
  if (isOurPolicy(finding.cause)) return 'own-permissions';
  if (finding.availability !== 'unknown') return undefined;
  return TROUBLES.find((trouble) => trouble === finding.cause) ?? 'cannot-tell';
}

/** What has the trouble: the key's region; the account too whose request quota a customer's role uses up. */
export function subjectOf(trouble: Trouble, { kmsKeyArn, access }: Pick<KmsKey, 'kmsKeyArn' | 'access'>): string {
  const region = kmsKeyArn.split(':')[3] ?? '';
  const caller = access.via === 'role' ? access.roleArn.split(':')[4] : undefined;
  return trouble === 'throttled' && caller !== undefined ? `${region} of account ${caller}` : region;
}
