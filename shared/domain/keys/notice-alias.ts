/**
 * notice-alias: a customer pointed the alias of their key at another KMS key.
 *
 * That may be a rotation by hand, a test, or a mistake. It is asked about in their stream and never assumed: what the data
 * depends on is the key that they registered, by its ARN.
 */

import type { KmsRecord } from '../../../events/cloudtrail-kms-record';
import { customerAliasMoved } from '../../../events/customer-alias-moved';
import { keyUseOf } from '../../../events/kms-key-use';
import { atMost, FIRST } from '../instants';
import { newFact } from '../outbox/new-fact';
import type { Clock, ControlStore, Ids, Log } from '../ports';
import { retryOnConflict } from '../retry-on-conflict';
import { isOfOwnAccount } from './believed-account';
import type { CustomerAlias } from './customer-alias';

export interface AliasPorts {
  readonly control: ControlStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

export type Noticed = 'asked' | 'known' | 'ignored';

/**
 * Takes note of where an alias points, and asks about it once for each other key.
 *
 * Safe to repeat, in any order: an older event changes nothing.
 *
 * @param account The account that sent the event: it is believed about its own aliases only.
 */
export async function noticeAlias(record: KmsRecord, account: string, ports: AliasPorts): Promise<Noticed> {
  const use = keyUseOf(record);
  const aliasArn = record.resources?.find(({ ARN }) => ARN?.includes(':alias/'))?.ARN;
  const toKmsKeyArn = use.keys[0]?.kmsKeyArn;
  if (use.outcome !== 'ok' || !aliasArn || !toKmsKeyArn) return 'ignored';
  if (!isOfOwnAccount(account, record, aliasArn, toKmsKeyArn)) return 'ignored';
  // Nothing happens later than now: an event that says so comes before all others, or it would hide true ones.
  const at = atMost(use.at, ports.clock.now()) === use.at ? use.at : FIRST;
  return retryOnConflict(() => note(aliasArn, { toKmsKeyArn, at }, ports));
}

async function note(aliasArn: string, moved: NonNullable<CustomerAlias['moved']>, ports: AliasPorts): Promise<Noticed> {
  const alias = await ports.control.find('customer-alias', aliasArn);
  if (!alias) return 'ignored';
  const { kmsKeyArn, customerId } = alias;
  if (alias.moved && alias.moved.at >= moved.at) return 'known';
  const before = alias.moved?.toKmsKeyArn ?? kmsKeyArn;
  if (before === moved.toKmsKeyArn) return 'known';

  const row = { ...alias, moved };
  const isBack = moved.toKmsKeyArn === kmsKeyArn;
  await ports.control.commit({
    writes: [{ entityType: 'customer-alias', row }],
    facts: isBack ? [] : [askedFact(alias, moved.toKmsKeyArn, ports)],
  });
  ports.log.info('alias of a customer’s key moved', { customerId, kmsKeyArn, toKmsKeyArn: moved.toKmsKeyArn });
  return isBack ? 'known' : 'asked';
}

function askedFact({ aliasArn, kmsKeyArn, customerId }: CustomerAlias, toKmsKeyArn: string, ports: AliasPorts) {
  const alias = aliasArn.slice(aliasArn.indexOf(':alias/') + 1);
  return newFact(customerAliasMoved, ports, { kmsKeyArn, customerId, alias, toKmsKeyArn });
}
