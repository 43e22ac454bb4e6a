/** The KMS keys that a customer's data depends on, or one key. */

import * as z from 'zod/mini';
import { availabilityOf, type KeyAvailability } from '../availability/key-availability';
import { type UnavailableStores, unavailableStores } from '../availability/unavailable-stores';
import { invalid } from '../errors';
import type { KmsKey } from '../keys/kms-key';
import { defined } from '../optional-fields';
import type { ControlStore } from '../ports';
import { nobodyWith } from '../require-row';
import { type BudgetLeft, type BudgetPorts, nearlyBurntBudget } from '../service-levels/read-budget';
import { id, keyName } from './fields';
import { type FindKeyPorts, findKey, keysOf } from './find-key';
import { defineOperation } from './operation';

/** What people see of a key, and whether it serves: how we reach it, external ids above all, stays inside. */
export type ShownKey = Omit<KmsKey, 'access' | 'observer' | 'loss' | 'revision'> &
  KeyAvailability & {
    /** Of a key that is lost: which data stores it stops, the customer’s alone where one was asked about. */
    readonly unavailableStores?: UnavailableStores;
    /** What is left of its customer’s budget, where that is nearly burnt and one key or customer was asked for. */
    readonly budget?: BudgetLeft;
  };

export const listKeys = defineOperation(
  'list-keys',
  { key: z.optional(keyName), customerId: z.optional(id) },
  async (input, _caller, ports: FindKeyPorts & BudgetPorts) => {
    const keys = await keysMeant(input, ports);
    return { keys: await withBudgets(await allShown(keys, ports, input.customerId), ports) };
  },
);

/** So many fit an answer, and are asked about one by one while their page is young. */
const PAGE = 100;

/** A page of all keys that have a rotation policy. One that is rotated meanwhile may be in two pages, or in none. */
export const listAllKeys = defineOperation(
  'list-all-keys',
  { after: z.optional(id) },
  async ({ after }, _caller, { control }: FindKeyPorts) => {
    const place = after === undefined ? {} : { after };
    const { rows, next } = await control.page('rotation-policy', { limit: PAGE, ...place });
    const keys = await Promise.all(rows.map(({ kmsKeyArn }) => control.find('kms-key', kmsKeyArn)));
    const known = keys.flatMap((key) => key ?? []);
    return { keys: await allShown(known, { control }), ...defined({ next }) };
  },
);

/**
 * The key or the customer's keys: one of the two is named.
 *
 * @throws KeywrightError `input.invalid`, `state.not-found`.
 */
export async function keysMeant(
  { key, customerId }: { readonly key?: string | undefined; readonly customerId?: string | undefined },
  ports: FindKeyPorts,
): Promise<readonly KmsKey[]> {
  if (key !== undefined && customerId !== undefined)
    throw invalid('customerId', 'goes without a key. Name a key or a customer.');
  if (key !== undefined) return [await findKey(key, ports)];
  if (customerId === undefined) throw invalid('key', 'is missing. Name a key or a customer.');
  const keys = await keysOf(customerId, ports.control);
  if (keys.length > 0) return keys;
  throw nobodyWith('a KMS key', customerId, 'customerId');
}

const allShown = (
  keys: readonly KmsKey[],
  { control }: { readonly control: ControlStore },
  customerId?: string,
): Promise<ShownKey[]> =>
  Promise.all(
    keys.map(async (key) => {
      const watch = await control.find('key-watch', key.kmsKeyArn);
      const stores = await unavailableStores(watch, { control }, customerId);
      return { ...shown(key), ...availabilityOf(watch), ...defined({ unavailableStores: stores }) };
    }),
  );

/** Each customer's once: keys of one customer have one budget. */
async function withBudgets(keys: readonly ShownKey[], ports: BudgetPorts): Promise<readonly ShownKey[]> {
  const customerIds = [...new Set(keys.map(({ customerId }) => customerId))];
  const budgets = await Promise.all(customerIds.map((customerId) => nearlyBurntBudget(customerId, ports)));
  return keys.map((key) => ({ ...key, ...defined({ budget: budgets[customerIds.indexOf(key.customerId)] }) }));
}

function shown({ access: _reach, observer: _reader, loss: _watch, revision: _store, ...key }: KmsKey) {
  return key;
}
