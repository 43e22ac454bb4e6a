/**
 * Data keys that somebody else may know.
 *
 * They are marked first, one by one: from then on no new data is protected with them, whatever becomes of the rest. What
 * is marked and listed by no compromise was left by a declaration that died on the way: the next one takes it up.
 */

import { KeywrightError } from '../errors';
import { later, NEVER } from '../instants';
import { type DataKey, type DataKeyName, OUT_OF_USE_MS } from '../keys/data-key';
import { transition } from '../legal-moves';
import { defined } from '../optional-fields';
import { retryOnConflict } from '../retry-on-conflict';
import { dataStoreKey } from '../rows';
import { type Compromise, compromiseTransition, EXPOSURE_MOVES, type Exposure } from './compromise';
import type { Declaration } from './declaration';
import { containedFact, exposedFact } from './facts';
import { markDataKey } from './mark-data-key';
import type { CompromisePorts } from './ports';

/** One transaction holds the compromise, and a row and a fact for each data store. */
export const DATA_KEYS_NAMED_MAX = 40;

export type DataKeysRequest = Declaration & { readonly dataKeys: readonly DataKeyName[] };

/**
 * Declares data keys compromised, and marks each. Safe to repeat.
 *
 * @throws KeywrightError `input.invalid`, `state.not-found`, `state.forbids` before anything is touched.
 */
export async function declareDataKeys(request: DataKeysRequest, ports: CompromisePorts): Promise<Compromise> {
  return retryOnConflict(async () => {
    const dataKeys = await namedDataKeys(request.dataKeys, ports);
    const before = await declaredBefore(dataKeys, ports);
    const [first] = before;
    if (first && before.length === dataKeys.length) return sameOf(before, first);
    if (first) throw alreadyCompromised(first);

    const left = dataKeys.find(({ compromised }) => compromised)?.compromised?.compromiseId;
    const isFree = left !== undefined && !(await ports.control.find('compromise', left));
    const row = compromiseOfDataKeys(dataKeys, isFree ? left : ports.ids.next(), request, ports);
    for (const dataKey of dataKeys) await markDataKey(dataKey, row.compromiseId, ports, { evenIfMarked: true });
    return commit(row, dataKeys, ports);
  });
}

/**
 * The data keys of these names.
 *
 * @throws KeywrightError `input.invalid`, `state.not-found`.
 */
export async function namedDataKeys(
  names: readonly DataKeyName[],
  { dataKeys }: Pick<CompromisePorts, 'dataKeys'>,
): Promise<readonly DataKey[]> {
  const ids = names.map(idOf);
  if (names.length === 0 || names.length > DATA_KEYS_NAMED_MAX) {
    const message = `dataKeys: names ${names.length} data keys. Name 1 to ${DATA_KEYS_NAMED_MAX} at once; declare the KMS key when it may be all of them.`;
    throw new KeywrightError('input.invalid', message, { field: 'dataKeys' });
  }
  const twice = ids.find((id, at) => ids.indexOf(id) !== at);
  if (twice) {
    throw new KeywrightError('input.invalid', `dataKeys: ${twice} is named twice. Name it once.`, {
      field: 'dataKeys',
    });
  }
  const found = new Map((await dataKeys.findAll(names)).map((dataKey) => [idOf(dataKey), dataKey]));
  return ids.map((id) => {
    const dataKey = found.get(id);
    if (dataKey) return dataKey;
    const message = `dataKeys: there is no data key ${id}. Name customer, data store and data key as the data’s container does.`;
    throw new KeywrightError('state.not-found', message, { field: 'dataKeys' });
  });
}

const idOf = (name: DataKeyName) => `${dataStoreKey(name.customerId, name.dataStoreId)}/${name.dataKeyId}`;

interface Owned {
  readonly dataKey: DataKey;
  readonly compromise: Compromise;
}

/** Those that are part of a compromise already. */
async function declaredBefore(dataKeys: readonly DataKey[], { control }: CompromisePorts): Promise<readonly Owned[]> {
  const ids = new Set(dataKeys.flatMap(({ compromised }) => compromised?.compromiseId ?? []));
  const rows = await Promise.all([...ids].map((id) => control.find('compromise', id)));
  const byId = new Map(rows.flatMap((row) => (row ? [[row.compromiseId, row] as const] : [])));
  return dataKeys.flatMap((dataKey) => {
    const compromise = byId.get(dataKey.compromised?.compromiseId ?? '');
    return compromise && holds(compromise, dataKey) ? [{ dataKey, compromise }] : [];
  });
}

const holds = ({ what, declared }: Compromise, dataKey: DataKey) =>
  what === 'kms-key' || declared?.some((name) => idOf(name) === idOf(dataKey)) === true;

function sameOf(owned: readonly Owned[], { compromise }: Owned): Compromise {
  const other = owned.find((one) => one.compromise.compromiseId !== compromise.compromiseId);
  if (other) throw alreadyCompromised(other);
  return compromise;
}

function alreadyCompromised({ dataKey, compromise: { compromiseId } }: Owned): KeywrightError {
  const message = `dataKeys: ${idOf(dataKey)} is part of the compromise ${compromiseId} already. Leave it out.`;
  return new KeywrightError('state.forbids', message, { field: 'dataKeys', compromiseId });
}

function compromiseOfDataKeys(
  dataKeys: readonly DataKey[],
  compromiseId: string,
  { reason, since, by }: DataKeysRequest,
  { clock }: CompromisePorts,
): Compromise {
  const now = clock.now();
  const dataStores = storesOf(dataKeys).size;
  const customerIds = new Set(dataKeys.map(({ customerId }) => customerId));
  const [customerId] = customerIds.size === 1 ? customerIds : [];
  return compromiseTransition(undefined, {
    compromiseId,
    what: 'data-keys',
    ...defined({ customerId }),
    declared: dataKeys.map((name) => ({
      customerId: name.customerId,
      dataStoreId: name.dataStoreId,
      dataKeyId: name.dataKeyId,
    })),
    reason,
    ...defined({ since }),
    declaredBy: by,
    declaredAt: now,
    replaceDataKeys: true,
    state: 'contained',
    stage: 'over',
    step: 0,
    dataStores,
    affected: dataStores,
    cleared: 0,
    dataKeys: dataKeys.length,
    containedAt: now,
    dueAt: NEVER,
    revision: 0,
  });
}

/** All are marked: whoever still has one in hand may use it for its window, and no longer. */
async function commit(marked: Compromise, dataKeys: readonly DataKey[], ports: CompromisePorts): Promise<Compromise> {
  const { control, clock, log } = ports;
  const row: Compromise = { ...marked, cleanFrom: later(clock.now(), OUT_OF_USE_MS) };
  const exposures = [...storesOf(dataKeys).values()].map((group) => exposureOf(group, row));
  await control.commit({
    writes: [
      { entityType: 'compromise', row },
      ...exposures.map((exposure) => ({ entityType: 'exposure', row: exposure }) as const),
    ],
    facts: [...exposures.map((exposure) => exposedFact(row, exposure, ports)), containedFact(row, ports)],
  });
  const { compromiseId, declaredBy } = row;
  log.warn('data keys declared compromised', { compromiseId, dataKeys: dataKeys.length, declaredBy });
  return { ...row, revision: 1 };
}

type Group = readonly [DataKey, ...DataKey[]];

function storesOf(dataKeys: readonly DataKey[]): ReadonlyMap<string, Group> {
  const groups = new Map<string, Group>();
  for (const dataKey of dataKeys) {
    const id = dataStoreKey(dataKey.customerId, dataKey.dataStoreId);
    groups.set(id, [dataKey, ...(groups.get(id) ?? [])]);
  }
  return groups;
}

function exposureOf(group: Group, { compromiseId, declaredAt, since }: Compromise): Exposure {
  const [{ customerId, dataStoreId, kmsKeyArn }] = group;
  const created = group.map(({ createdAt }) => createdAt).sort()[0] ?? declaredAt;
  return transition(EXPOSURE_MOVES, undefined, {
    compromiseId,
    customerId,
    dataStoreId,
    kmsKeyArn,
    dataKeys: group.length,
    from: since !== undefined && since > created ? since : created,
    until: declaredAt,
    state: 'exposed',
    countedIn: 0,
    revision: 0,
  });
}
