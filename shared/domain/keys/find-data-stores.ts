/**
 * Every data store of a customer. An index lists them, and is believed when it shows as many as the customer's own row counts:
 * that is read strongly consistent, and changes in one transaction with them. Costs what the customer has.
 */

import type { DataStoreName } from '../customers/customer';
import { KeywrightError } from '../errors';
import type { ControlStore } from '../ports';

/**
 * @returns their names, in the order of their ids. Those that the index shows, where nobody counted them.
 * @throws KeywrightError `store.index-behind`, `store.unreachable` (retry).
 */
export async function dataStoresOf(
  customerId: string,
  { control }: { readonly control: Pick<ControlStore, 'find' | 'ofCustomer'> },
): Promise<readonly DataStoreName[]> {
  const { dataStores: counted = 0 } = (await control.find('customer', customerId)) ?? {};
  const dataStores: DataStoreName[] = [];
  for await (const { dataStoreId } of control.ofCustomer('data-store', customerId))
    dataStores.push({ customerId, dataStoreId });
  if (dataStores.length < counted) {
    const shows = { customerId, dataStores: counted, shown: dataStores.length };
    throw new KeywrightError(
      'store.index-behind',
      'The index does not show every data store of the customer yet.',
      shows,
    );
  }
  return dataStores.sort((one, other) => (one.dataStoreId < other.dataStoreId ? -1 : 1));
}
