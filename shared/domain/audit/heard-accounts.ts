/** Which accounts of customers the events of a batch prove to reach us: each is believed about its own customer alone. */
import { isObject } from '../../../events/cloudtrail-shape';
import { HEARTBEAT_SOURCE, readHeartbeat } from '../../../events/forwarder-heartbeat';
import type { Heard } from '../availability/self-watch/note-forwarded';
import type { CustomerLookup } from '../customers/customer-lookup';

/** An event as it came, and the customers that an entry was made for: those of the account that sent it. */
export interface RecordedEvent {
  readonly event: unknown;
  readonly customerIds: readonly string[];
}

/** Each account once. Throws what the lookup throws. */
export async function heardAccounts(
  recorded: readonly RecordedEvent[],
  ownAccountId: string,
  customers: Pick<CustomerLookup, 'customer'>,
): Promise<readonly Heard[]> {
  const heard = new Map<string, Heard>();
  for (const { event, customerIds } of recorded) {
    if (!isObject(event) || typeof event['account'] !== 'string' || event['account'] === ownAccountId) continue;
    const accountId = event['account'];
    const isHeartbeat = event['source'] === HEARTBEAT_SOURCE;
    const customerId = isHeartbeat ? await beatingFor(event['detail'], accountId, customers) : customerIds[0];
    if (customerId === undefined || heard.get(accountId)?.isHeartbeat) continue;
    heard.set(accountId, { accountId, customerId, isHeartbeat });
  }
  return [...heard.values()];
}

/** The customer whose account it is; undefined where the sender says so of another's, or says nothing that can be read. */
async function beatingFor(
  detail: unknown,
  accountId: string,
  customers: Pick<CustomerLookup, 'customer'>,
): Promise<string | undefined> {
  const customerId =
    isObject(detail) && typeof detail['customerId'] === 'string' ? readHeartbeat(detail).customerId : '';
  const customer = customerId === '' ? undefined : await customers.customer(customerId);
  return customer?.accountId === accountId ? customerId : undefined;
}
