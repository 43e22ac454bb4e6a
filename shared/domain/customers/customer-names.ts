/**
 * What customers and their data stores may be called. Their names stand in DynamoDB's keys, in folders, in encryption
 * contexts and on pages, so they are bounded and hold what can be written everywhere.
 */

import { invalid } from '../errors';
import { OPERATOR_ID } from './customer';

/**
 * Of an id, percent-encoded. A file system's names have 255 bytes. The sort keys of DynamoDB's indexes have 1,024, and one
 * of them holds a compromise, a customer and a data store.
 */
const CUSTOMER_BYTES_MAX = 255;
const DATA_STORE_BYTES_MAX = 512;

/** Control characters, halves of surrogate pairs, and what Unicode says is no character. */
const UNWRITABLE = /[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/u;

/** @throws KeywrightError `input.invalid` naming the field. */
export function checkCustomerId(customerId: string): void {
  checkName('customer.customerId', customerId, CUSTOMER_BYTES_MAX);
  if (customerId === OPERATOR_ID) throw invalid('customer.customerId', `${OPERATOR_ID} is reserved. Take another.`);
  if (/^\.+$/.test(customerId))
    throw invalid('customer.customerId', 'is points alone, which name no folder. Take another.');
}

/** @throws KeywrightError `input.invalid` naming the field. */
export function checkDataStoreId(dataStoreId: string): void {
  checkName('dataStores.dataStoreId', dataStoreId, DATA_STORE_BYTES_MAX);
}

function checkName(field: string, name: string, bytesMax: number): void {
  if (name === '') throw invalid(field, 'is empty. Give a name.');
  if (UNWRITABLE.test(name)) throw invalid(field, 'holds a control character or one that is no Unicode. Leave it out.');
  const sizeBytes = encodeURIComponent(name).length;
  if (sizeBytes > bytesMax)
    throw invalid(field, `takes ${sizeBytes} bytes percent-encoded, and may take ${bytesMax}. Shorten it.`);
}
