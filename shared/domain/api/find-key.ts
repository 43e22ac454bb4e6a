/** Which KMS key a person means. */

import { invalid, KeywrightError } from '../errors';
import { isInUse, type KmsKey } from '../keys/kms-key';
import type { ControlStore } from '../ports';
import { mustFind, nobodyWith } from '../require-row';

export interface FindKeyPorts {
  readonly control: ControlStore;
  readonly aliases: Aliases;
}

export interface Aliases {
  /**
   * The full ARN of the key behind an alias, or with an id, of our own account and region; undefined when there is none.
   *
   * @throws KeywrightError any code that begins with `kms.`.
   */
  keyOf(aliasOrId: string): Promise<string | undefined>;
}

/** What KMS calls a key within an account and region. Source: KMS API reference, DescribeKey, KeyId. */
const KEY_ID = /^(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** A customer has a key and, while it is replaced, two. More than these are named by the first ones. */
const SHOWN_MAX = 5;

/**
 * The registered key that a full ARN, an alias, a key id of our account or a customer id stands for. A customer's id names the
 * one key that is active for their data, be it theirs or one that they share; one that looks like a key's id is theirs first.
 *
 * @throws KeywrightError `state.not-found`; `input.invalid` when several keys could be meant, naming them.
 */
export async function findKey(name: string, ports: FindKeyPorts, field = 'key'): Promise<KmsKey> {
  if (name.startsWith('arn:')) return mustFind('kms-key', name, ports, field);
  if (name.startsWith('alias/')) {
    const kmsKeyArn = await ports.aliases.keyOf(name);
    if (kmsKeyArn !== undefined) return mustFind('kms-key', kmsKeyArn, ports, field);
    const message = `${field}: our account has no ${name}. A customer’s own alias is not seen from here: name the key by its ARN or the customer by their id.`;
    throw new KeywrightError('state.not-found', message, { field });
  }
  const keys = await keysOf(name, ports.control);
  return keys.length === 0 && KEY_ID.test(name) ? keyWithId(name, field, ports) : onlyActive(keys, name, field);
}

/** Ids of other accounts' keys say too little: a table is not read through for them. */
async function keyWithId(keyId: string, field: string, { aliases, control }: FindKeyPorts): Promise<KmsKey> {
  const kmsKeyArn = await aliases.keyOf(keyId);
  const key = kmsKeyArn === undefined ? undefined : await control.find('kms-key', kmsKeyArn);
  if (key !== undefined) return key;
  const message = `${field}: no key ${keyId} of our account and region is registered. Name a key that a customer holds by its full ARN, or the customer by their id.`;
  throw new KeywrightError('state.not-found', message, { field });
}

function onlyActive(keys: readonly KmsKey[], customerId: string, field: string): KmsKey {
  const inUse = keys.filter(isInUse);
  const active = inUse.filter(({ state }) => state === 'active');
  const [only, ...others] = active.length > 0 ? active : inUse;
  if (only === undefined) throw nobodyWith('a key in use', customerId, field);
  if (others.length === 0) return only;
  const shown = [only, ...others].slice(0, SHOWN_MAX).map(({ kmsKeyArn }) => kmsKeyArn);
  throw invalid(field, `${customerId} has ${others.length + 1} active keys. Name one by its ARN: ${shown.join(', ')}.`);
}

/** So many keys that took each other's place are looked back at: a shared key that is replaced each month, for four years. */
const REPLACED_MAX = 48;

/**
 * The keys that are the customer's, those that their data stores name, and those whose place these took: of a shared key that was replaced
 * nothing else tells that it was theirs. Who came later sees it as well.
 */
export async function keysOf(customerId: string, control: ControlStore): Promise<readonly KmsKey[]> {
  const arns = new Set<string>();
  for await (const { kmsKeyArn } of control.ofCustomer('kms-key', customerId)) arns.add(kmsKeyArn);
  for await (const { kmsKeyArn } of control.ofCustomer('data-store', customerId)) arns.add(kmsKeyArn);
  const found = await Promise.all([...arns].map((arn) => control.find('kms-key', arn)));
  const now = found.flatMap((key) => key ?? []);
  const before = await Promise.all(now.map((key) => replacedBefore(key, control)));
  return [...new Map([...now, ...before.flat()].map((key) => [key.kmsKeyArn, key])).values()];
}

async function replacedBefore({ replaces }: KmsKey, control: ControlStore): Promise<readonly KmsKey[]> {
  const found: KmsKey[] = [];
  for (let arn = replaces; arn !== undefined && found.length < REPLACED_MAX; arn = found.at(-1)?.replaces) {
    const key = await control.find('kms-key', arn);
    if (!key) break;
    found.push(key);
  }
  return found;
}
