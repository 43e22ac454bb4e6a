/** The customers of a replay: customers.json, and the names of their folders. */

import { readFileWithin } from 'safe-files/read-file';
import * as z from 'zod/mini';
import { ContractViolation, readWith } from '../../events/define-event';
import { accountId, kmsKeyArn, text } from '../../events/fields';
import { afterSpaces, scanValue } from '../../shared/adapters/log-files/json-scan';
import { OPERATOR_ID } from '../../shared/domain/customers/customer';
import type { CustomerMarks } from '../../shared/domain/customers/customer-index';

const customersFile = z.looseObject({
  customers: z.array(
    z.looseObject({
      customerId: text,
      kmsKeys: z._default(z.array(kmsKeyArn), []),
      accounts: z._default(z.array(accountId), []),
      encryptionContext: z._default(z.record(z.string(), z.string()), {}),
    }),
  ),
});

/** Some hundred thousand customers, each with a key and an account. */
const CUSTOMERS_BYTES_MAX = 64 * 1024 * 1024;

/**
 * @throws Error of node:fs, FileRefused for what is no file, SyntaxError for what is no JSON, ContractViolation naming the
 *   field at fault.
 */
export function readCustomers(path: string): readonly CustomerMarks[] {
  const { customers } = readWith(customersFile, path, parsed(path));
  const ids = new Set<string>();
  for (const { customerId } of customers) {
    if (customerId === OPERATOR_ID) throw new SyntaxError(`${path}: ${OPERATOR_ID} is no customer; leave it out.`);
    if (ids.has(customerId)) throw new SyntaxError(`${path}: customer ${customerId} is listed twice; merge the two.`);
    ids.add(customerId);
  }
  return customers;
}

/** Its own shape has five levels; others may keep more in it. Whoever walks through it calls itself for each. */
const CUSTOMERS_DEPTH_MAX = 256;

function parsed(path: string): unknown {
  const bytes = readFileWithin(path, CUSTOMERS_BYTES_MAX);
  const { depth } = scanValue(bytes, afterSpaces(bytes, 0), false);
  if (depth > CUSTOMERS_DEPTH_MAX) {
    throw new SyntaxError(`${path} is nested deeper than ${CUSTOMERS_DEPTH_MAX} levels.`);
  }
  try {
    return JSON.parse(bytes.toString('utf8'), refusePrototype);
  } catch (error) {
    if (error instanceof SyntaxError) throw new SyntaxError(`${path} is no JSON: ${error.message}`);
    throw error;
  }
}

/** It would be left out of an encryption context unsaid, so that the context fits others' records. */
function refusePrototype(name: string, value: unknown): unknown {
  if (name === '__proto__') throw new SyntaxError('no member may be named __proto__');
  return value;
}

/** Most file systems take names of 255 bytes. */
const FOLDER_NAME_BYTES_MAX = 255;

/** What else lies in an output folder, also while it is written; and what a folder that is itself a log has. */
const OWN_NAMES = ['summary.json', 'summary.json.new', 'public-keys', 'public-keys.new', 'checkpoint', 'tile'];

/**
 * The folder of a customer: the id with everything percent-encoded that could lead elsewhere, hide the folder, be a name
 * of our own, or tell it from another by capitals alone. Decoding gives the id. Two ids never share a folder.
 *
 * @throws ContractViolation for an id that cannot be a folder's name.
 */
export function folderOf(customerId: string): string {
  const name = encoded(customerId).replace(/%[0-9A-F]{2}|^\.|[!'()*~A-Z]/g, percent);
  const folder = OWN_NAMES.includes(name) ? name.replace(/^./, percent) : name;
  if (folder.length <= FOLDER_NAME_BYTES_MAX) return folder;
  throw new ContractViolation('customerId', `${customerId.slice(0, 40)}… is too long to be the name of a folder`);
}

function encoded(customerId: string): string {
  try {
    return encodeURIComponent(customerId);
  } catch {
    throw new ContractViolation('customerId', 'holds half of a character');
  }
}

/** What is encoded already stays so. */
function percent(text: string): string {
  return text.length > 1 ? text : `%${text.charCodeAt(0).toString(16).toUpperCase()}`;
}
