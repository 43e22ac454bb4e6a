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
   * The full ARN of the key behind an alias of our own account and region; undefined when there is none.
   *
   * @throws KeywrightError any code that begins with `kms.`.
   */
  keyOf(alias: string): Promise<string | undefined>;
}

/** A customer has a key and, while it is replaced, two. More than these are named by the first ones. */
const SHOWN_MAX = 5;

/**
 * The registered key that a full ARN, an alias or a customer id stands for. A customer's id names the one key that is
 * active for their data, be it theirs or one that they share.
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
  return keyOfCustomer(name, field, ports);
}

async function keyOfCustomer(customerId: string, field: string, ports: FindKeyPorts): Promise<KmsKey> {
  const keys = await keysOf(customerId, ports.control);
  const inUse = keys.filter(isInUse);
  const active = inUse.filter(({ state }) => state === 'active');
  const [only, ...others] = active.length > 0 ? active : inUse;
  if (only === undefined) throw nobodyWith('a key in use', customerId, field);
  if (others.length === 0) return only;
  const shown = [only, ...others].slice(0, SHOWN_MAX).map(({ kmsKeyArn }) => kmsKeyArn);
  throw invalid(field, `${customerId} has ${others.length + 1} active keys. Name one by its ARN: ${shown.join(', ')}.`);
}

/** The keys that are the customer's, and those that their data stores name. */
export async function keysOf(customerId: string, control: ControlStore): Promise<readonly KmsKey[]> {
  const arns = new Set<string>();
  for await (const { kmsKeyArn } of control.ofCustomer('kms-key', customerId)) arns.add(kmsKeyArn);
  for await (const { kmsKeyArn } of control.ofCustomer('data-store', customerId)) arns.add(kmsKeyArn);
  const found = await Promise.all([...arns].map((arn) => control.find('kms-key', arn)));
  return found.flatMap((key) => key ?? []);
}
