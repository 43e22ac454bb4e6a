/** add-data-store: a place where a registered customer's data rests, and the KMS key that it depends on from now on. */
import { dataStoreAdded } from '../../../events/data-store-added';
import { invalid, refusal } from '../errors';
import { NEVER } from '../instants';
import { recounted } from '../keys/count-data-stores';
import { isFor, type KmsKey } from '../keys/kms-key';
import { newFact } from '../outbox/new-fact';
import type { Clock, ControlStore, Ids } from '../ports';
import { mustFind } from '../require-row';
import { retryOnConflict } from '../retry-on-conflict';
import { dataStoreKey } from '../rows';
import type { Customer, DataStore } from './customer';
import { checkCapabilities, checkDataStoreId } from './customer-names';

export interface DataStorePorts {
  readonly control: Pick<ControlStore, 'find' | 'commit'>;
  readonly clock: Clock;
  readonly ids: Ids;
}

export interface DataStoreRequest {
  readonly store: Omit<DataStore, 'revision'>;
  /** Who asks, as the event has it. */
  readonly by: string;
}

/**
 * Registers a data store of a customer. Safe to repeat: the same again is no error, whatever key a rotation gave it since.
 *
 * @returns whether it was registered now.
 * @throws KeywrightError `input.invalid`, `state.not-found`, `state.forbids`: nothing was touched; `state.changed-meanwhile` (retry).
 */
export async function addDataStore(request: DataStoreRequest, ports: DataStorePorts): Promise<boolean> {
  checkDataStoreId(request.store.dataStoreId);
  checkCapabilities(request.store.capabilities);
  return retryOnConflict(() => add(request, ports));
}

async function add({ store, by }: DataStoreRequest, ports: DataStorePorts): Promise<boolean> {
  const { control } = ports;
  const { customerId, dataStoreId, kind, kmsKeyArn } = store;
  const customer = await mustFind('customer', customerId, ports);
  const before = await control.find('data-store', dataStoreKey(customerId, dataStoreId));
  if (before) {
    refuseOther(before, store);
    return false;
  }
  const key = await mustFind('kms-key', kmsKeyArn, ports, 'key');
  refuseKey(key, customerId);
  const fact = newFact(dataStoreAdded, ports, { customerId, dataStoreId, kind, kmsKeyArn, addedBy: by });
  const writes = [
    { entityType: 'customer', row: counted(customer) } as const,
    { entityType: 'data-store', row: { ...store, revision: 0 } } as const,
    // The key is part of it: one that is retired meanwhile takes no data store.
    { entityType: 'kms-key', row: key } as const,
    ...(await recounted(kmsKeyArn, 1, ports)),
  ];
  await control.commit({ writes, facts: [fact] });
  return true;
}

/** Customers of an older build are listed from now on; how many data stores they had was not counted. */
const counted = ({ dataStores, ...customer }: Customer): Customer => ({
  ...customer,
  ...(dataStores !== undefined && { dataStores: dataStores + 1 }),
  dueAt: NEVER,
});

function refuseKey(key: KmsKey, customerId: string): void {
  if (!isFor(key, customerId)) throw invalid('key', 'is not a key of this customer. Name one of theirs.');
  if (key.isForDrills) throw invalid('key', 'is the key of drills, which is taken away every week. Name another.');
  if (key.state === 'active' && !key.compromise) return;
  const why = key.compromise ? 'was declared compromised' : `is ${key.state}`;
  throw refusal('state.forbids', 'key', `${why}. Name the key that takes its place.`);
}

/** @throws KeywrightError `state.forbids` where what is registered already differs. */
export function refuseOther(
  before: Pick<DataStore, 'dataStoreId' | 'kind' | 'capabilities'>,
  { kind, capabilities }: Pick<DataStore, 'kind' | 'capabilities'>,
): void {
  const isSame = before.kind === kind && before.capabilities.join('\n') === capabilities.join('\n');
  if (isSame) return;
  const is = `${before.kind} with ${before.capabilities.join(', ') || 'no capabilities'}`;
  throw refusal('state.forbids', 'dataStoreId', `${before.dataStoreId} is registered already, as ${is}. Take another.`);
}
