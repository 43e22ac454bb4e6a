/** The customers of a replay: customers.json, and the names of their folders. */
import { readFileSync } from 'node:fs';
import * as z from 'zod/mini';
import { readWith } from '../../events/define-event';
import { accountId, kmsKeyArn, text } from '../../events/fields';
import type { CustomerMarks } from '../../shared/domain/customer-index';

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

/**
 * @throws Error of node:fs, SyntaxError for what is no JSON, ContractViolation naming the field at fault.
 */
export function readCustomers(path: string): readonly CustomerMarks[] {
  const { customers } = readWith(customersFile, path, JSON.parse(readFileSync(path, 'utf8')));
  const ids = customers.map(({ customerId }) => customerId);
  const repeated = ids.find((id, at) => ids.indexOf(id) !== at);
  if (repeated !== undefined) throw new SyntaxError(`${path}: customer ${repeated} is listed twice; merge the two.`);
  return customers;
}

/** Most file systems take names of 255 bytes. */
const FOLDER_NAME_BYTES_MAX = 255;

/**
 * The folder of a customer: the id with everything percent-encoded that could lead elsewhere, hide the folder or be
 * reserved. Two ids never share a folder on a file system that tells capitals apart.
 *
 * @throws RangeError for an id too long to be a folder's name.
 */
export function folderOf(customerId: string): string {
  const name = encodeURIComponent(customerId).replace(/^\.|[!'()*~]/g, percent);
  if (name.length > FOLDER_NAME_BYTES_MAX)
    throw new RangeError(`The customer id ${customerId.slice(0, 40)}… is too long.`);
  return name;
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
