/**
 * The data stores of a customer: those that the index shows. None is missing where the index shows as many as the
 * customer's own row counts, which is read strongly consistent and changes in one transaction with them. Costs what the customer has.
 */
import type { DataStoreName } from './customer';
import { KeywrightError } from './errors';
import type { ControlStore } from './ports';

export interface DataStoresOf {
  /** In the order of their ids. */
  readonly dataStores: readonly DataStoreName[];
  /** Whether the customer's row counts them. */
  readonly isCounted: boolean;
}

/** @throws KeywrightError `store.index-behind`, `store.unreachable` (retry). */
export async function dataStoresOf(
  customerId: string,
  { control }: { readonly control: Pick<ControlStore, 'find' | 'ofCustomer'> },
): Promise<DataStoresOf> {
  const counted = (await control.find('customer', customerId))?.dataStores;
  const dataStores: DataStoreName[] = [];
  for await (const { dataStoreId } of control.ofCustomer('data-store', customerId))
    dataStores.push({ customerId, dataStoreId });
  if (dataStores.length < (counted ?? 0)) {
    const shows = { customerId, dataStores: counted, shown: dataStores.length };
    throw new KeywrightError(
      'store.index-behind',
      'The index does not show every data store of the customer yet.',
      shows,
    );
  }
  dataStores.sort((one, other) => (one.dataStoreId < other.dataStoreId ? -1 : 1));
  return { dataStores, isCounted: counted !== undefined };
}
