/**
 * What would stop if a KMS key went away now, along the whole dependency: the key, its data keys, the data stores, what customers
 * lose with them, and what those customers were promised. Costs what depends on the key, up to the bounds below.
 */

import { type AffectedStore, affectedStores } from '../availability/incidents/affected-stores';
import type { Impact } from '../availability/incidents/incident';
import { impactOf } from '../availability/incidents/key-impact';
import { type Stopping, stoppingOf } from '../availability/incidents/loss-outlook';
import { WINDOW_MINUTES } from '../availability/incidents/store-loss';
import { availabilityOf, type KeyAvailability } from '../availability/key-availability';
import { COUNTED_MAX, dataKeysOf } from '../compromise/protected-data';
import type { DataStoreName } from '../customers/customer';
import type { DataKeyStore } from '../keys/ports';
import type { Clock, ControlStore } from '../ports';
import { dataStoreKey } from '../rows';
import { type BudgetLeft, readBudget } from '../service-levels/read-budget';
import { keyName } from './fields';
import { type FindKeyPorts, findKey } from './find-key';
import { defineOperation } from './operation';

/** A customer, and what they were promised. */
export type CustomerAtStake = Impact['customers'][number] & BudgetLeft;

/** A data store, and how many of the data keys that were counted are its own. */
export type StoreAtStake = AffectedStore & { readonly dataKeys: number };

export interface KeyImpact extends KeyAvailability {
  readonly kmsKeyArn: string;
  /** The moment from which the instants below are worked out. */
  readonly at: string;
  readonly customerCount: number;
  readonly dataStoreCount: number;
  /** When how many data stores stop, the first first. */
  readonly stopping: readonly Stopping[];
  /** The first of them. */
  readonly customers: readonly CustomerAtStake[];
  /** The first of them, each with what becomes of it. */
  readonly dataStores: readonly StoreAtStake[];
  /** The first of those that name another key, or none, and have data keys under this one all the same. */
  readonly alsoUnder: readonly (DataStoreName & { readonly dataKeys: number })[];
  /** Data keys of applications that only this key opens, by the index. Counted up to a bound: `more` says that there are others. */
  readonly dataKeys: { readonly count: number; readonly more: boolean };
  /** How long applications hold data keys: unless their customer chose otherwise, and at the most. */
  readonly windowMinutes: typeof WINDOW_MINUTES;
}

type ImpactPorts = FindKeyPorts & {
  readonly control: ControlStore;
  readonly dataKeys: DataKeyStore;
  readonly clock: Clock;
};

export const showImpact = defineOperation(
  'show-impact',
  { key: keyName },
  async (input, _caller, ports: ImpactPorts): Promise<KeyImpact> => {
    const key = await findKey(input.key, ports);
    const { kmsKeyArn } = key;
    const at = ports.clock.now();
    const [watch, impact, under] = await Promise.all([
      ports.control.find('key-watch', kmsKeyArn),
      impactOf(kmsKeyArn, ports.control),
      dataKeysOf(key, ports),
    ]);
    const { customers, dataStores: named, customerCount, dataStoreCount, kinds = [] } = impact;
    const dataKeys = countByStore(under);
    const [atStake, dataStores, alsoUnder] = await Promise.all([
      Promise.all(customers.map((customer) => promisedTo(customer, ports))),
      affectedStores({ dataStores: named }, { lostAt: at }, ports),
      storesOfOthers(dataKeys, named, kmsKeyArn, ports),
    ]);
    return {
      kmsKeyArn,
      at,
      ...availabilityOf(watch),
      customerCount,
      dataStoreCount,
      stopping: stoppingOf(kinds, { lostAt: at }),
      customers: atStake,
      dataStores: dataStores.map((store) => ({ ...store, dataKeys: dataKeys.get(keyOf(store))?.dataKeys ?? 0 })),
      alsoUnder,
      dataKeys: { count: under.length, more: under.length === COUNTED_MAX },
      windowMinutes: WINDOW_MINUTES,
    };
  },
);

async function promisedTo(customer: Impact['customers'][number], ports: ImpactPorts): Promise<CustomerAtStake> {
  const { terms, isDefault, budgetMs, leftMs, isNearlyBurnt } = await readBudget(customer.customerId, ports);
  return { ...customer, terms, isDefault, budgetMs, leftMs, isNearlyBurnt };
}

const keyOf = ({ customerId, dataStoreId }: DataStoreName): string => dataStoreKey(customerId, dataStoreId);

type StoreCount = DataStoreName & { readonly dataKeys: number };

function countByStore(dataKeys: readonly DataStoreName[]): ReadonlyMap<string, StoreCount> {
  const counts = new Map<string, StoreCount>();
  for (const dataKey of dataKeys) {
    const { customerId, dataStoreId } = dataKey;
    const before = counts.get(keyOf(dataKey))?.dataKeys ?? 0;
    counts.set(keyOf(dataKey), { customerId, dataStoreId, dataKeys: before + 1 });
  }
  return counts;
}

/** So many data stores that the impact does not name are looked at. */
const OTHERS_MAX = 50;

/** A data store that moved to another key leaves its data keys behind until they are re-encrypted. */
async function storesOfOthers(
  counts: ReadonlyMap<string, StoreCount>,
  named: readonly DataStoreName[],
  kmsKeyArn: string,
  { control }: ImpactPorts,
): Promise<readonly StoreCount[]> {
  const known = new Set(named.map(keyOf));
  const others = [...counts].filter(([key]) => !known.has(key)).slice(0, OTHERS_MAX);
  const stores = await Promise.all(others.map(([key]) => control.find('data-store', key)));
  return others.flatMap(([, count], at) => (stores[at]?.kmsKeyArn === kmsKeyArn ? [] : [count]));
}
