/** The data stores that an impact names, each with what becomes of it without the key, and when. */
import type { DataStore } from '../../customers/customer';
import { keptMsOf } from '../../customers/customer-window';
import { defined } from '../../optional-fields';
import type { ControlStore } from '../../ports';
import { dataStoreKey } from '../../rows';
import type { Impact } from './incident';
import { type KeyLoss, LOSS, type StoreStages, stagesOf } from './store-loss';

export type AffectedStore = Impact['dataStores'][number] &
  StoreStages & {
    /** Absent: the data store is no longer registered. */
    readonly kind?: DataStore['kind'];
    readonly without: string;
    /** What no longer works before it stops. */
    readonly degraded?: string;
    readonly back?: string;
  };

/** As many as the impact names: `IMPACT_NAMED_MAX` at the most. */
export const affectedStores = (
  { dataStores }: Pick<Impact, 'dataStores'>,
  loss: KeyLoss,
  { control }: { readonly control: Pick<ControlStore, 'find'> },
): Promise<readonly AffectedStore[]> =>
  Promise.all(
    dataStores.map(async (named) => {
      const [store, window] = await Promise.all([
        control.find('data-store', dataStoreKey(named.customerId, named.dataStoreId)),
        control.find('customer-window', named.customerId),
      ]);
      const kind = store?.kind ?? 'other';
      const { without, degraded, back } = LOSS[kind];
      const stages = stagesOf(kind, loss, keptMsOf(window));
      return { ...named, ...(store && { kind }), without, ...defined({ degraded, back }), ...stages };
    }),
  );
