/**
 * notice-alias: a customer pointed the alias of their key at another KMS key.
 *
 * That may be a rotation by hand, a test, or a mistake. It is asked about in their stream and never assumed: what the data
 * depends on is the key that they registered, by its ARN.
 */
import type { KmsRecord } from '../../../events/cloudtrail-kms-record';
import { customerAliasMoved } from '../../../events/customer-alias-moved';
import { keyUseOf } from '../../../events/kms-key-use';
import { atMost } from '../instants';
import type { Clock, ControlStore, Ids, Log } from '../ports';
import { decideAnew } from '../retry-on-conflict';
import type { KmsKey } from './kms-key';
import { isOfOwnAccount } from './own-account';

/** The alias of a key in a customer's account, as an account's trail names it. */
export interface CustomerAlias {
  /** `arn:aws:kms:<region>:<account>:alias/<name>` */
  readonly aliasArn: string;
  readonly kmsKeyArn: string;
  readonly customerId: string;
  /** Where it points instead, and since when; absent while it points at the key. */
  readonly moved?: { readonly toKmsKeyArn: string; readonly at: string };
  readonly revision: number;
}

export interface AliasPorts {
  readonly control: ControlStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

/** The row by which moves of a key's alias are noticed; undefined for keys of ours, whose aliases we move ourselves. */
export function aliasOf(key: Pick<KmsKey, 'kmsKeyArn' | 'option' | 'alias' | 'customerId'>): CustomerAlias | undefined {
  const { kmsKeyArn, option, alias, customerId } = key;
  if (option !== 'customer-managed' || alias === undefined || customerId === undefined) return undefined;
  return { aliasArn: kmsKeyArn.replace(/:key\/.*$/, `:${alias}`), kmsKeyArn, customerId, revision: 0 };
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
  // Nothing happens later than now: an event that says so would hide every true one until then.
  const at = atMost(use.at, ports.clock.now());
  return decideAnew(() => note(aliasArn, { toKmsKeyArn, at }, ports));
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
    writes: [{ noun: 'customer-alias', row }],
    facts: isBack ? [] : [askedFact(alias, moved.toKmsKeyArn, ports)],
  });
  ports.log.info('alias of a customer’s key moved', { customerId, kmsKeyArn, toKmsKeyArn: moved.toKmsKeyArn });
  return isBack ? 'known' : 'asked';
}

function askedFact({ aliasArn, kmsKeyArn, customerId }: CustomerAlias, toKmsKeyArn: string, ports: AliasPorts) {
  const { ids, clock } = ports;
  const alias = aliasArn.slice(aliasArn.indexOf(':alias/') + 1);
  return customerAliasMoved.of({ factId: ids.next(), at: clock.now(), kmsKeyArn, customerId, alias, toKmsKeyArn });
}
