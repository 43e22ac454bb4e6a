/** Whom a KMS key stops when it is not available. */
import type { DataStore } from '../../customers/customer';
import { CAPABILITIES_MAX, CAPABILITY_MAX, CUSTOMER_NAME_MAX } from '../../customers/customer-names';
import { keptMsOf } from '../../customers/customer-window';
import { KeywrightError } from '../../errors';
import type { KmsKey } from '../../keys/kms-key';
import type { ControlStore, Log } from '../../ports';
import { cutText } from '../paging/cut-text';
import { IMPACT_NAMED_MAX, type Impact } from './incident';
import type { KindCount } from './store-loss';

export interface ImpactPorts {
  readonly control: ControlStore;
  readonly log: Log;
}

/** Who and what depends on the key, by the index of data stores. What names it takes no more room than onboarding allows. */
export async function impactOf(kmsKeyArn: string, control: ControlStore): Promise<Impact> {
  const named: DataStore[] = [];
  const customerIds = new Set<string>();
  const kinds = new Map<string, KindCount>();
  const keptMs = keptWindows(control);
  let dataStoreCount = 0;
  for await (const store of control.ofKmsKey('data-store', kmsKeyArn)) {
    dataStoreCount += 1;
    customerIds.add(store.customerId);
    const kept = store.kind === 'application' ? await keptMs(store.customerId) : 0;
    kinds.set(`${store.kind} ${kept}`, counted(kinds.get(`${store.kind} ${kept}`), store, kept));
    if (named.length < IMPACT_NAMED_MAX) named.push(store);
  }
  const firstIds = [...customerIds].slice(0, IMPACT_NAMED_MAX);
  const customers = await Promise.all(firstIds.map((customerId) => control.find('customer', customerId)));
  return {
    customerCount: customerIds.size,
    dataStoreCount,
    customers: firstIds.map((customerId, at) => ({
      customerId,
      name: cutText(customers[at]?.name ?? customerId, CUSTOMER_NAME_MAX),
    })),
    dataStores: named.map(({ customerId, dataStoreId, capabilities }) => ({
      customerId,
      dataStoreId,
      capabilities: capabilities.slice(0, CAPABILITIES_MAX).map((capability) => cutText(capability, CAPABILITY_MAX)),
    })),
    kinds: [...kinds.values()],
  };
}

/**
 * The same for a page, which waits for no index: where one cannot be read, what the rows of the key itself tell.
 *
 * @throws KeywrightError `store.unreachable` (retry) where those cannot be read, either.
 */
export async function impactForPage(key: KmsKey, { control, log }: ImpactPorts): Promise<Impact> {
  try {
    return await impactOf(key.kmsKeyArn, control);
  } catch (error) {
    if (!(error instanceof KeywrightError)) throw error;
    log.warn('what depends on the key is not read', { kmsKeyArn: key.kmsKeyArn, reason: error.message });
    return impactOfRows(key, control);
  }
}

/** Of a key that was registered without a count something depends on it as far as is known. */
async function impactOfRows({ kmsKeyArn, customerId }: KmsKey, control: Pick<ControlStore, 'find'>): Promise<Impact> {
  const [count, customer] = await Promise.all([
    control.find('data-store-count', kmsKeyArn),
    customerId === undefined ? undefined : control.find('customer', customerId),
  ]);
  const customers =
    customerId === undefined ? [] : [{ customerId, name: cutText(customer?.name ?? customerId, CUSTOMER_NAME_MAX) }];
  const dataStoreCount = count?.dataStores ?? 1;
  return { isPartial: true, customerCount: customers.length, dataStoreCount, customers, dataStores: [] };
}

/**
 * How long each customer lets applications go on. Of a key that many share those of the first are read: as many as an incident
 * names. The others count as stopped at once.
 */
function keptWindows(control: Pick<ControlStore, 'find'>): (customerId: string) => Promise<number> {
  const known = new Map<string, Promise<number>>();
  const read = async (customerId: string) => keptMsOf(await control.find('customer-window', customerId));
  return (customerId) => {
    const kept = known.get(customerId) ?? (known.size < IMPACT_NAMED_MAX ? read(customerId) : Promise.resolve(0));
    if (known.size < IMPACT_NAMED_MAX) known.set(customerId, kept);
    return kept;
  };
}

const counted = (before: KindCount | undefined, { kind, capabilities }: DataStore, keptMs: number): KindCount => ({
  kind,
  ...(keptMs > 0 && { keptMs }),
  dataStores: (before?.dataStores ?? 0) + 1,
  customerFacing: (before?.customerFacing ?? 0) + (capabilities.length > 0 ? 1 : 0),
});
