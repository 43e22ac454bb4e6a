/** What KMS allows, and what an encryption option allows, of rotating a key. */

import type { RotationStrategy } from '../../../events/fields';
import { isHeldByCustomer } from '../customers/encryption-options';
import { invalid } from '../errors';
import type { KmsKey } from '../keys/kms-key';
import type { KeyDescription } from '../keys/ports';

/** What EnableKeyRotation accepts. Source: KMS API reference, RotationPeriodInDays. */
export const AUTOMATIC_DAYS = { min: 90, max: 2560 };

/** Source: KMS developer guide, resource quotas: on-demand rotations of a key, for life; it cannot be raised. */
export const ON_DEMAND_MAX = 25;

/**
 * How many of them a schedule leaves: for a person in an emergency, and for one that was asked for twice because an
 * answer was lost.
 */
export const ON_DEMAND_KEPT = 2;

/**
 * AES-GCM under one key with random initialisation vectors is for at most so many encryptions. KMS derives a key for
 * each, so for KMS keys it is a limit of caution. Source: NIST SP 800-38D, 8.3.
 */
export const USES_MAX = 2 ** 32;

const OURS: readonly RotationStrategy[] = ['kms-automatic', 'kms-on-demand', 'replace', 'imported-material'];

/** Which strategies there are for an option: a key in a customer's account is rotated by the customer. */
export const STRATEGIES_OF: Readonly<Record<KmsKey['option'], readonly RotationStrategy[]>> = {
  managed: OURS,
  'customer-specific': OURS,
  'customer-managed': ['customer'],
};

/** @throws KeywrightError `input.invalid` for a strategy that the option does not have. */
export function refuseStrategy(strategy: RotationStrategy, option: KmsKey['option']): void {
  const strategies = STRATEGIES_OF[option];
  if (strategies.includes(strategy)) return;
  throw invalid('strategy', `${strategy} is not for ${option} keys. Use ${strategies.join(', ')}.`);
}

/**
 * Whether a rotation does without the key. KMS rotates enabled keys alone, and a customer is not asked to rotate a key that
 * they took away. Another key of ours takes the place of one that is away, and is made like it: not of one that is gone.
 */
export const doesWithout = (
  strategy: RotationStrategy,
  { option, isGone }: Pick<KmsKey, 'option'> & { readonly isGone: boolean },
): boolean => strategy === 'replace' && !isHeldByCustomer(option) && !isGone;

/** Whether a rotation that has not begun to take the key's place has to wait until the key is back. */
export const waitsForKey = (strategy: RotationStrategy, { state, loss, option }: KmsKey): boolean =>
  state === 'active' && loss !== undefined && !doesWithout(strategy, { option, isGone: loss.cause === 'key-deleted' });

type Kind = Pick<KeyDescription, 'keySpec' | 'origin' | 'multiRegion'>;

/** Why each strategy cannot do with a key, by the first line that applies. Source: KMS developer guide, "Rotate AWS KMS keys". */
const UNFIT: Readonly<Record<RotationStrategy, readonly (readonly [when: (kind: Kind) => boolean, why: string])[]>> = {
  'kms-automatic': [
    [notSymmetric, 'KMS rotates symmetric keys only. Use replace.'],
    [isImported, 'KMS rotates no imported material by itself. Use imported-material.'],
    [notOfKms, 'KMS rotates no key of a custom key store. Use replace.'],
    [isReplica, 'KMS rotates replicas with their primary key. Set the rule for the primary key.'],
  ],
  'kms-on-demand': [
    [notSymmetric, 'KMS rotates symmetric keys only. Use replace.'],
    [isImported, 'There is nothing to rotate to before new material is imported. Use imported-material.'],
    [notOfKms, 'KMS rotates no key of a custom key store. Use replace.'],
    [isReplica, 'KMS rotates replicas with their primary key. Set the rule for the primary key.'],
  ],
  replace: [],
  'imported-material': [
    [(kind) => !isImported(kind), 'KMS made the key’s material: nothing can be imported. Use kms-on-demand.'],
    [isReplica, 'Material is rotated with the primary key. Set the rule for the primary key.'],
  ],
  customer: [],
};

/** Why KMS cannot rotate such a key so, and what can; undefined when it can. */
export const unfitFor = (strategy: RotationStrategy, kind: Kind): string | undefined =>
  UNFIT[strategy].find(([when]) => when(kind))?.[1];

function notSymmetric({ keySpec }: Kind): boolean {
  return keySpec !== 'SYMMETRIC_DEFAULT';
}

function isImported({ origin }: Kind): boolean {
  return origin === 'EXTERNAL';
}

function notOfKms({ origin }: Kind): boolean {
  return origin !== 'AWS_KMS';
}

function isReplica({ multiRegion }: Kind): boolean {
  return multiRegion === 'replica';
}
