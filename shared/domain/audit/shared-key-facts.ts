/**
 * A fact about a key that customers share reaches each of them: rotations, certificates, losses. Their entry is built from a list of
 * what concerns the key alone, so that it names nobody else, whatever fields the fact gets later. The operator's entry has all of it.
 */
import type { Fact } from '../../../events/define-event';
import type { ControlStore } from '../ports';

/** Of the key, its material, its state and the work on it; never of a customer, a person's words or another's data store. */
const KEY_FIELDS = [
  ...['factId', 'at', 'kmsKeyArn', 'toKmsKeyArn', 'fromKeyMaterialId', 'toKeyMaterialId', 'keyMaterialId', 'expiresAt'],
  ...['rotationId', 'strategy', 'startedBy', 'reencrypt', 'jobId', 'from', 'to', 'priority'],
  ...['stage', 'verdict', 'certificateHash', 'compromiseId'],
  ...['incidentId', 'follows', 'cause', 'party', 'confidence', 'recoverableUntil', 'recoveredAt'],
] as const;

/** Who depends on the key, and with what. */
export interface Dependent {
  readonly customerId: string;
  readonly dataStoreIds: readonly string[];
}

/**
 * Customers whose data stores stand on the key of a fact that names none. None for a fact that names its customer, or no key.
 *
 * @throws KeywrightError `store.unreachable` (retry).
 */
export async function dependentsOf(
  { detail }: Fact,
  control: Pick<ControlStore, 'ofKmsKey'>,
): Promise<readonly Dependent[]> {
  if (detail['customerId'] !== undefined) return [];
  const arns = new Set([detail['kmsKeyArn'], detail['toKmsKeyArn']].filter((arn) => typeof arn === 'string'));
  const stores = new Map<string, Set<string>>();
  for (const arn of arns) {
    for await (const { customerId, dataStoreId } of control.ofKmsKey('data-store', arn)) {
      stores.set(customerId, (stores.get(customerId) ?? new Set()).add(dataStoreId));
    }
  }
  return [...stores].map(([customerId, ids]) => ({ customerId, dataStoreIds: [...ids].sort() }));
}

/** An entry has 64 KiB: of a customer with more, the first are named. */
const STORES_NAMED_MAX = 50;

/** What one of them is told. */
export function partOfFact(fact: Fact, { customerId, dataStoreIds }: Dependent): Fact {
  const { detail } = fact;
  const shown = KEY_FIELDS.filter((name) => detail[name] !== undefined).map((name) => [name, detail[name]]);
  const theirs = { dataStoreCount: dataStoreIds.length, dataStoreIds: dataStoreIds.slice(0, STORES_NAMED_MAX) };
  return { ...fact, detail: { ...Object.fromEntries(shown), customerId, ...theirs } };
}
