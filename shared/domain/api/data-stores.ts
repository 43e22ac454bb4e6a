/** Data stores of a customer: registers and lists them. */
import * as z from 'zod/mini';
import { addDataStore } from '../customers/add-data-store';
import type { DataStore } from '../customers/customer';
import type { Clock, Ids } from '../ports';
import { mustFind } from '../require-row';
import { dataStoreFields } from './customers';
import { id, keyName } from './fields';
import { type FindKeyPorts, findKey } from './find-key';
import { listed } from './list';
import { defineOperation } from './operation';

export interface AddedDataStore {
  readonly added: boolean;
  readonly dataStore: Omit<DataStore, 'revision'>;
}

/** Under the customer's active key, unless another of theirs is named. */
export const addDataStoreOperation = defineOperation(
  'add-data-store',
  { customerId: id, ...dataStoreFields, key: z.optional(keyName) },
  async (
    { key: name, ...rest },
    { principal: by },
    ports: FindKeyPorts & { readonly clock: Clock; readonly ids: Ids },
  ): Promise<AddedDataStore> => {
    await mustFind('customer', rest.customerId, ports);
    const { kmsKeyArn } = await findKey(name ?? rest.customerId, ports);
    const dataStore = { ...rest, kmsKeyArn };
    return { added: await addDataStore({ store: dataStore, by }, ports), dataStore };
  },
);

export interface DataStoreList {
  readonly dataStores: readonly Omit<DataStore, 'revision'>[];
  readonly more: boolean;
}

export const listDataStores = defineOperation(
  'list-data-stores',
  { customerId: id },
  async ({ customerId }, _caller, ports: FindKeyPorts): Promise<DataStoreList> => {
    await mustFind('customer', customerId, ports);
    const { rows, more } = await listed(ports.control.ofCustomer('data-store', customerId));
    return { dataStores: rows.map(({ revision: _store, ...row }) => row), more };
  },
);
