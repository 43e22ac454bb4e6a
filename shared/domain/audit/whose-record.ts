/**
 * Whose stream a KMS record belongs in.
 *
 * Each key that the record touches is decided for itself, by the first rule that settles it: the customer who holds the
 * key; the customer whose encryption context it carries; the customer whose data store called, as the service that called says; the
 * customer in whose account the key is. A rule that names
 * several customers leaves the choice among them to the next rule, and what no rule settles belongs to nobody: a record
 * is never given to a customer by guess.
 */

import { type KeyUse, ownerAccountOf, type TouchedKey } from '../../../events/kms-key-use';
import type { CustomerIndex } from '../customers/customer-index';
import { storeResourceOf } from '../customers/store-resource';

/** A customer whom a record concerns, and the keys of the record that are theirs. */
export interface Attribution {
  readonly customerId: string;
  readonly keys: readonly TouchedKey[];
  /** The record also touches a key that is not theirs: their entry must not show it. */
  readonly isPartial: boolean;
  /** Of a fact about a key that customers share: theirs that stand on it. */
  readonly dataStoreIds?: readonly string[];
}

/** The customers a record concerns, in the order of its keys; empty when it belongs to nobody. */
export function attribute(use: KeyUse, index: CustomerIndex): readonly Attribution[] {
  const [first, second] = use.keys;
  if (first === undefined) return [];
  if (second === undefined) {
    const customerId = customerOf(first, use, index);
    return customerId === undefined ? [] : [{ customerId, keys: use.keys, isPartial: false }];
  }
  const keysOf = new Map<string, TouchedKey[]>();
  for (const key of use.keys) {
    const customerId = customerOf(key, use, index);
    if (customerId !== undefined) keysOf.set(customerId, [...(keysOf.get(customerId) ?? []), key]);
  }
  return [...keysOf].map(([customerId, keys]) => ({ customerId, keys, isPartial: keys.length < use.keys.length }));
}

function customerOf(key: TouchedKey, use: KeyUse, index: CustomerIndex): string | undefined {
  const { kmsKeyArn, encryptionContext } = key;
  let candidates: readonly string[] = kmsKeyArn ? index.ofKey(kmsKeyArn) : [];
  if (candidates.length !== 1 && encryptionContext)
    candidates = narrowed(candidates, index.ofContext(encryptionContext, kmsKeyArn));
  if (candidates.length !== 1) candidates = narrowed(candidates, ofStore(key, use, index));
  if (candidates.length !== 1 && kmsKeyArn)
    candidates = narrowed(candidates, index.ofAccount(ownerAccountOf(kmsKeyArn)));
  return candidates.length === 1 ? candidates[0] : undefined;
}

function ofStore({ kmsKeyArn, encryptionContext }: TouchedKey, use: KeyUse, index: CustomerIndex): readonly string[] {
  const resource = storeResourceOf(use, kmsKeyArn, encryptionContext);
  return resource === undefined ? [] : (index.ofResource?.(resource) ?? []);
}

function narrowed(candidates: readonly string[], fitting: readonly string[]): readonly string[] {
  if (candidates.length === 0) return fitting;
  const both = candidates.filter((customerId) => fitting.includes(customerId));
  return both.length > 0 ? both : candidates;
}

/** Without a list of customers, the account that owns a key is the customer. */
export const ownerAccountIsCustomer: CustomerIndex = {
  ofKey: () => [],
  ofContext: () => [],
  ofAccount: (accountId) => [accountId],
};
