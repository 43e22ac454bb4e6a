/** Data stores that cannot be used because their KMS key is lost: worked out from the key's watch whenever somebody asks. */
import type { DataStoreName } from '../customers/customer';
import type { ControlStore } from '../ports';
import type { KeyWatch } from './key-watch';
import type { Cause } from './verdict';

/** How many of a key are named. */
export const STORES_NAMED_MAX = 20;

export interface UnavailableStore extends DataStoreName {
  readonly state: 'KEY_UNAVAILABLE';
  /** When the key was confirmed to be lost, and by which cause. */
  readonly since: string;
  readonly cause: Cause;
  /** They serve again by themselves once the key is back. */
  readonly retryable: true;
}

export interface UnavailableStores {
  readonly first: readonly UnavailableStore[];
  /** There are others. */
  readonly more: boolean;
}

/**
 * The first data stores that the key stops; undefined of a key that can be used. Costs one page of an index.
 *
 * @param within One customer's alone.
 */
export async function unavailableStores(
  watch: KeyWatch | undefined,
  { control }: { readonly control: Pick<ControlStore, 'ofKmsKey'> },
  within?: string,
): Promise<UnavailableStores | undefined> {
  if (watch?.availability !== 'unavailable') return undefined;
  const { since, verdict } = watch;
  const { cause = 'unconfirmed' } = verdict;
  const first: UnavailableStore[] = [];
  for await (const { customerId, dataStoreId } of control.ofKmsKey('data-store', watch.kmsKeyArn)) {
    if (within !== undefined && customerId !== within) continue;
    if (first.length === STORES_NAMED_MAX) return { first, more: true };
    first.push({ customerId, dataStoreId, state: 'KEY_UNAVAILABLE', since, cause, retryable: true });
  }
  return { first, more: false };
}
