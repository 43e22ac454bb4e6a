/**
 * Third stage: every data key that was under the key while somebody else may have used it, by consistent reads of the whole
 * base table. With `replaceDataKeys` each is marked before it is counted.
 *
 * The key is not used for new data keys any more, so a data key is found now or never. The segments of the table are read
 * side by side, and a round of reads is counted once: each data store's row says which round counted it last.
 */

import { hasCode } from '../../errors';
import { type DataKey, SHARDS } from '../../keys/data-key';
import { transition } from '../../legal-moves';
import { inParallel } from '../../parallel-work';
import { type ReadPage, scanning } from '../../reencryption/scan-data-keys';
import { dataStoreKey, exposureKey } from '../../rows';
import { type Compromise, compromiseTransition, EXPOSURE_MOVES, type Exposure, type Segment } from '../compromise';
import { exposedFact } from '../facts';
import { markDataKey } from '../mark-data-key';
import type { CompromisePorts } from '../ports';
import { newExposure } from './notify-customers';
import type { StageOf } from './stage';

/** Rounds of one run, data keys of one segment in a round, and data stores that are counted together. */
const ROUNDS_MAX = 20;
const PAGE = 250;
const TOGETHER = 40;
const CONCURRENCY = 16;

/** The compromise at the beginning of a listing: nothing is counted. */
export function restartInventory(before: Compromise): Compromise {
  const { scanCursor: _over, ...compromise } = before;
  return compromiseTransition(before, {
    ...compromise,
    stage: 'inventory',
    segments: Array.from({ length: SHARDS }, (): Segment => ({})),
    listedFrom: compromise.step + 1,
    dataKeys: 0,
    affected: 0,
    cleared: 0,
    misplaced: 0,
  });
}

/** The same for one whose listing has begun or ended: what was counted is counted anew. */
export function listedAnew(compromise: Compromise, { clock }: Pick<CompromisePorts, 'clock'>): Compromise {
  if (compromise.stage === 'notify' || compromise.stage === 'replace') return compromise;
  const { containedAt: _contained, endedAt: _ended, ...listed } = restartInventory(compromise);
  return compromiseTransition(compromise, { ...listed, step: listed.step + 1, state: 'open', dueAt: clock.now() });
}

/** Counts, and marks where that was asked for, a bounded number of pages of every segment. Safe to repeat: a page counted is not counted twice. */
export const inventoryDataKeys: StageOf = async (compromise, key, ports) => {
  const read = scanning({ key, evenFormerly: true }, ports);
  let listed = compromise;
  for (let round = 0; round < ROUNDS_MAX && !isOver(listed); round += 1) listed = await listRound(listed, read, ports);
  if (!isOver(listed)) return { kind: 'on', compromise: listed };
  const { segments: _read, ...whole } = listed;
  return { kind: 'on', compromise: compromiseTransition(listed, { ...whole, stage: 'verify' }) };
};

const isOver = ({ segments = [] }: Compromise) => segments.every((segment) => segment === 'over');

async function listRound(compromise: Compromise, read: ReadPage, ports: CompromisePorts): Promise<Compromise> {
  const pages = await Promise.all((compromise.segments ?? []).map((segment, at) => pageOf(segment, at, read)));
  const exposed = pages.flatMap(({ dataKeys }) => dataKeys).filter((dataKey) => isExposed(dataKey, compromise));
  if (compromise.replaceDataKeys) await markAll(exposed, compromise, ports);
  const { registered, misplaced } = await byRegistration(groupsOf(exposed), ports);
  let counted = compromise;
  for (const groups of together(registered)) counted = await count(counted, groups, ports);
  const row = {
    ...counted,
    step: counted.step + 1,
    segments: pages.map(({ segment }) => segment),
    misplaced: (counted.misplaced ?? 0) + misplaced,
  };
  await ports.control.commit({ writes: [{ entityType: 'compromise', row }], facts: [] });
  return { ...row, revision: row.revision + 1 };
}

async function pageOf(segment: Segment, at: number, read: ReadPage) {
  if (segment === 'over') return { dataKeys: [], segment };
  const { dataKeys: found, next } = await read(at, { limit: PAGE, ...segment });
  return { dataKeys: found, segment: next === undefined ? ('over' as const) : { after: next } };
}

/** Until when it was under the key; absent while it is still. */
const leftAt = ({ kmsKeyArn: under, formerly }: DataKey, { kmsKeyArn = '' }: Compromise) =>
  under === kmsKeyArn ? undefined : formerly?.[kmsKeyArn];

function isExposed(dataKey: DataKey, compromise: Compromise): boolean {
  const left = leftAt(dataKey, compromise);
  return left === undefined || compromise.since === undefined || left >= compromise.since;
}

/** What cannot be marked is counted all the same: its row is for somebody to look at, and keeps no other back. */
async function markAll(dataKeys: readonly DataKey[], { compromiseId }: Compromise, ports: CompromisePorts) {
  const { failed } = await inParallel(dataKeys, CONCURRENCY, (dataKey) => markDataKey(dataKey, compromiseId, ports));
  const first = failed.find((error) => !hasCode(error, 'store.row-refused'));
  if (first) throw first;
}

type Group = readonly [DataKey, ...DataKey[]];

function groupsOf(dataKeys: readonly DataKey[]): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const dataKey of dataKeys) {
    const id = exposureKey('', dataKey);
    groups.set(id, [dataKey, ...(groups.get(id) ?? [])]);
  }
  return [...groups.values()];
}

/** Whoever puts rows can put them where nobody has a data store: no customer is notified of what is kept there. */
async function byRegistration(groups: readonly Group[], { control }: CompromisePorts) {
  const { succeeded, failed } = await inParallel(groups, CONCURRENCY, async (group) => {
    const [{ customerId, dataStoreId }] = group;
    return { group, dataStore: await control.find('data-store', dataStoreKey(customerId, dataStoreId)) };
  });
  if (failed.length > 0) throw failed[0];
  return {
    registered: succeeded.flatMap(({ group, dataStore }) => (dataStore ? [group] : [])),
    misplaced: succeeded.reduce((sum, { group, dataStore }) => sum + (dataStore ? 0 : group.length), 0),
  };
}

const together = (groups: readonly Group[]): readonly (readonly Group[])[] =>
  Array.from({ length: Math.ceil(groups.length / TOGETHER) }, (_, at) =>
    groups.slice(at * TOGETHER, (at + 1) * TOGETHER),
  );

/** Counts the data keys of some data stores, all but those that this round has counted before it died. */
async function count(compromise: Compromise, groups: readonly Group[], ports: CompromisePorts): Promise<Compromise> {
  const { control } = ports;
  const { compromiseId, step, listedFrom = 0 } = compromise;
  const rows = await Promise.all(
    groups.map(([dataKey]) => control.find('exposure', exposureKey(compromiseId, dataKey))),
  );
  const open = groups.flatMap((group, at) => (rows[at]?.countedIn === step ? [] : [{ group, before: rows[at] }]));
  if (open.length === 0) return compromise;

  const fresh = open.filter(({ before }) => before === undefined);
  const first = open.filter(({ before }) => before === undefined || before.countedIn < listedFrom);
  const row: Compromise = {
    ...compromise,
    dataStores: compromise.dataStores + fresh.length,
    affected: compromise.affected + first.length,
    dataKeys: compromise.dataKeys + open.reduce((sum, { group }) => sum + group.length, 0),
  };
  const exposures = open.map(({ group, before }) =>
    grown(before ?? newExposure(compromise, group[0]), group, compromise, ports),
  );
  await control.commit({
    writes: [
      { entityType: 'compromise', row },
      ...exposures.map((exposure) => ({ entityType: 'exposure', row: exposure }) as const),
    ],
    facts: exposures.flatMap((exposure) => (exposure.revision === 0 ? [exposedFact(compromise, exposure, ports)] : [])),
  });
  return { ...row, revision: row.revision + 1 };
}

function grown(before: Exposure, group: Group, compromise: Compromise, { clock }: CompromisePorts): Exposure {
  const { step, since, listedFrom = 0 } = compromise;
  const { scan: _old, from: wasFrom, until: wasUntil, ...exposure } = before;
  const goesOn = before.countedIn >= listedFrom;
  const from = least([...group.map(({ createdAt }) => createdAt), ...(goesOn && wasFrom ? [wasFrom] : [])]);
  const until = greatest([
    ...group.map((dataKey) => leftAt(dataKey, compromise) ?? clock.now()),
    ...(goesOn && wasUntil ? [wasUntil] : []),
  ]);
  return transition(EXPOSURE_MOVES, before, {
    ...exposure,
    state: 'exposed',
    dataKeys: (goesOn ? exposure.dataKeys : 0) + group.length,
    from: since !== undefined && since > from ? since : from,
    until,
    countedIn: step,
  });
}

const least = (instants: readonly string[]) => instants.reduce((a, b) => (a < b ? a : b));
const greatest = (instants: readonly string[]) => instants.reduce((a, b) => (a > b ? a : b));
