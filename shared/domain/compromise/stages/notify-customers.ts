/**
 * First stage: whoever's data stores name the key is notified, before the key is replaced and they name another one.
 *
 * Data stores that do not name it any more, but hold data keys that were under it, are found by the listing.
 */

import type { DataStore } from '../../customers/customer';
import { transition } from '../../legal-moves';
import { exposureKey } from '../../rows';
import { type Compromise, compromiseTransition, EXPOSURE_MOVES, type Exposure } from '../compromise';
import { exposedFact } from '../facts';
import type { CompromisePorts } from '../ports';
import type { StageOf } from './stage';

/** So many data stores are notified in one step. */
const NOTIFIED_MAX = 1_000;

/** So many together: a row and a fact each, in one transaction. */
const TOGETHER = 40;

/** Notifies a bounded number of data stores' customers. Safe to repeat: who was notified is not notified again. */
export const notifyCustomers: StageOf = async (compromise, { kmsKeyArn }, ports) => {
  const unnotified = await unnotifiedStores(compromise, kmsKeyArn, ports);
  let notified = compromise;
  for (let at = 0; at < unnotified.length; at += TOGETHER)
    notified = await commit(notified, unnotified.slice(at, at + TOGETHER), ports);
  const stage = unnotified.length < NOTIFIED_MAX ? 'replace' : 'notify';
  return { kind: 'on', compromise: compromiseTransition(notified, { ...notified, stage }) };
};

/** The index may not show yet who was notified a moment ago: each that it does not show is read. */
async function unnotifiedStores({ compromiseId }: Compromise, kmsKeyArn: string, { control }: CompromisePorts) {
  const notified = new Set<string>();
  for await (const exposure of control.ofKmsKey('exposure', kmsKeyArn))
    notified.add(exposureKey(exposure.compromiseId, exposure));
  const unnotified: DataStore[] = [];
  for await (const dataStore of control.ofKmsKey('data-store', kmsKeyArn)) {
    const id = exposureKey(compromiseId, dataStore);
    if (notified.has(id) || (await control.find('exposure', id))) continue;
    unnotified.push(dataStore);
    if (unnotified.length === NOTIFIED_MAX) break;
  }
  return unnotified;
}

async function commit(compromise: Compromise, dataStores: readonly DataStore[], ports: CompromisePorts) {
  const row: Compromise = { ...compromise, dataStores: compromise.dataStores + dataStores.length };
  const exposures = dataStores.map((dataStore) => newExposure(compromise, dataStore));
  await ports.control.commit({
    writes: [
      { entityType: 'compromise', row },
      ...exposures.map((exposure) => ({ entityType: 'exposure', row: exposure }) as const),
    ],
    facts: exposures.map((exposure) => exposedFact(compromise, exposure, ports)),
  });
  return { ...row, revision: row.revision + 1 };
}

/** Nothing counted yet. */
export function newExposure(
  { compromiseId, kmsKeyArn = '' }: Compromise,
  { customerId, dataStoreId }: Pick<DataStore, 'customerId' | 'dataStoreId'>,
): Exposure {
  const what = { compromiseId, customerId, dataStoreId, kmsKeyArn };
  const row = { ...what, dataKeys: 0, countedIn: -1, revision: 0 };
  return transition(EXPOSURE_MOVES, undefined, { ...row, state: 'exposed' });
}
