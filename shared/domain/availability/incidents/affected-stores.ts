/** The data stores that an impact names, each with what becomes of it without the key. */
import type { DataStore } from '../../customers/customer';
import type { ControlStore } from '../../ports';
import { dataStoreKey } from '../../rows';
import type { Impact } from './incident';
import { LOSS } from './store-loss';

export type AffectedStore = Impact['dataStores'][number] & {
  /** Absent: the data store is no longer registered. */
  readonly kind?: DataStore['kind'];
  readonly without: string;
  readonly back?: string;
};

/** As many as the impact names: `IMPACT_NAMED_MAX` at the most. */
export const affectedStores = (
  { dataStores }: Impact,
  { control }: { readonly control: Pick<ControlStore, 'find'> },
): Promise<readonly AffectedStore[]> =>
  Promise.all(
    dataStores.map(async (named) => {
      const store = await control.find('data-store', dataStoreKey(named.customerId, named.dataStoreId));
      return store ? { ...named, kind: store.kind, ...LOSS[store.kind] } : { ...named, ...LOSS.other };
    }),
  );
