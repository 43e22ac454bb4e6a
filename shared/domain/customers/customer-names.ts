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

/**
 * Of what people read. An incident names 50 customers and 50 data stores in one row of at most 400 KB, and a character takes
 * up to three bytes for each of its units: with ids that fill their keys these come to 350 KB.
 */
export const CUSTOMER_NAME_MAX = 200;
export const CAPABILITIES_MAX = 16;
export const CAPABILITY_MAX = 50;

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

/** @throws KeywrightError `input.invalid` naming the field. */
export function checkResource(resource: string): void {
  checkName('dataStores.resource', resource, DATA_STORE_BYTES_MAX);
}

/** @throws KeywrightError `input.invalid` naming the field. */
export function checkCustomerName(name: string): void {
  checkText('customer.name', name, CUSTOMER_NAME_MAX);
}

/** @throws KeywrightError `input.invalid` naming the field. */
export function checkCapabilities(capabilities: readonly string[]): void {
  const field = 'dataStores.capabilities';
  if (capabilities.length > CAPABILITIES_MAX)
    throw invalid(
      field,
      `holds ${capabilities.length}, and may hold ${CAPABILITIES_MAX}. Name the first to be missed.`,
    );
  for (const capability of capabilities) checkText(field, capability, CAPABILITY_MAX);
}

function checkText(field: string, text: string, max: number): void {
  checkWritable(field, text);
  if (text.length > max) throw invalid(field, `has ${text.length} characters, and may have ${max}. Shorten it.`);
}

function checkWritable(field: string, text: string): void {
  if (text === '') throw invalid(field, 'is empty. Give a name.');
  if (UNWRITABLE.test(text)) throw invalid(field, 'holds a control character or one that is no Unicode. Leave it out.');
}

function checkName(field: string, name: string, bytesMax: number): void {
  checkWritable(field, name);
  const sizeBytes = encodeURIComponent(name).length;
  if (sizeBytes > bytesMax)
    throw invalid(field, `takes ${sizeBytes} bytes percent-encoded, and may take ${bytesMax}. Shorten it.`);
}
