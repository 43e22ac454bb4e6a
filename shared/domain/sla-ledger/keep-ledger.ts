/**
 * keep-ledger: writes what an incident takes of each customer whom it concerns, as their contract accounts for it.
 *
 * A fact about an incident begins a round through the customers of its key, in batches; how far it is stands on the round's own
 * row and moves in one transaction with each batch. What dies on the way is due, and goes on where it was.
 */
import { slaIntervalRecorded } from '../../../events/sla-interval-recorded';
import { type Incident, isKeys, type KeyIncident } from '../availability/incidents/incident';
import type { DataStore } from '../customers/customer';
import { keptMsOf } from '../customers/customer-window';
import { elapsedMs, later, MINUTE_MS } from '../instants';
import { defined } from '../optional-fields';
import { newFact } from '../outbox/new-fact';
import type { Clock, ControlStore, Ids, Log } from '../ports';
import { retryOnConflict } from '../retry-on-conflict';
import { intervalKey, noticeKey } from '../rows';
import { effectiveLevel } from '../service-levels/service-level';
import type { SlaInterval } from '../service-levels/sla-interval';
import { workDue } from '../work-due-rows';
import { type CustomerStores, intervalAfter, storesIn, withStore } from './interval-after';
import type { LedgerRound } from './ledger-round';

export interface LedgerPorts {
  readonly control: ControlStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

/** What tells that an incident changed. */
export interface IncidentFact {
  readonly incidentId: string;
  /** `incident-opened.v1` */
  readonly fact: string;
  readonly factId: string;
}

/** Each takes a row and a fact of a change, which has 90. */
const BATCH = 40;
/** No batch is begun later: half of what Lambda gives the function. */
const RUN_MS = 15_000;
const ROUNDS_MAX = 100;
/** While an incident is open its intervals are held against it so often: not every change of it is told by a fact. */
const AGAIN_MS = 5 * MINUTE_MS;
/** An interval rests on so many facts at the most: the first, and the last. */
const FACTS_MAX = 20;

/**
 * Writes the intervals of an incident of which a fact tells. Safe to repeat, also at the same time: an interval that says so already
 * is left alone.
 *
 * @throws KeywrightError `state.changed-meanwhile`, `store.unreachable` (both retry).
 */
export async function keepLedger(told: IncidentFact, ports: LedgerPorts): Promise<void> {
  const round = await retryOnConflict(() => begin(told, ports));
  if (round) await work(round, ports);
}

/**
 * Goes on with rounds that are due. Costs what is due. One that fails keeps no other back.
 *
 * @throws KeywrightError `store.unreachable` (retry).
 */
export async function keepDueLedgers(ports: LedgerPorts): Promise<void> {
  const bounds = { max: ROUNDS_MAX, concurrency: 4, forMs: RUN_MS };
  const { failed } = await workDue('ledger-round', bounds, (round) => work(round, ports), ports);
  for (const error of failed) ports.log.error('intervals of an incident are not written', { reason: String(error) });
}

/** The round after a fact; undefined when an earlier delivery of the fact has begun one that is through. */
async function begin(
  { incidentId, fact, factId }: IncidentFact,
  { control, clock }: LedgerPorts,
): Promise<LedgerRound | undefined> {
  const before = await control.find('ledger-round', incidentId);
  const isKnown = before?.restsOn.some((one) => one.factId === factId);
  const now = clock.now();
  if (before && isKnown) return before.dueAt !== undefined && before.dueAt <= now ? before : undefined;
  const { after: _anew, ...kept } = before ?? { incidentId, restsOn: [], revision: 0 };
  const [first, ...rest] = [...kept.restsOn, { fact, factId }];
  const restsOn = first ? [first, ...rest.slice(1 - FACTS_MAX)] : [];
  const row: LedgerRound = { ...kept, restsOn, dueAt: now };
  await control.commit({ writes: [{ entityType: 'ledger-round', row }], facts: [] });
  return { ...row, revision: row.revision + 1 };
}

/** Batch after batch, until the round is through or its time is over. */
async function work(begun: LedgerRound, ports: LedgerPorts): Promise<void> {
  const { control, clock } = ports;
  const startedAt = clock.now();
  const incident = await control.find('incident', begun.incidentId);
  // Trouble of our own is accounted for by the keys that it takes from customers.
  if (!incident || !isKeys(incident)) return drop(begun, ports);
  const { followedBy } = incident;
  const successor = followedBy === undefined ? undefined : await control.find('incident', followedBy);
  const about = { incident, ...(successor && isKeys(successor) && { followedBy: successor }), restsOn: begun.restsOn };
  let round = begun;
  for await (const { customers, after, isLast } of batchesOf(incident, begun.after, control)) {
    const next = isLast ? throughWith(round, incident, clock.now()) : { ...round, ...defined({ after }) };
    round = await record(customers, about, next, ports);
    if (elapsedMs(startedAt, clock.now()) > RUN_MS) return;
  }
}

/** Nothing is to be accounted for. */
async function drop({ dueAt: _due, ...round }: LedgerRound, { control, log }: LedgerPorts): Promise<void> {
  log.warn('no intervals: there is no such incident of a key', { incidentId: round.incidentId });
  await control.commit({ writes: [{ entityType: 'ledger-round', row: round }], facts: [] });
}

/** The round that is through: nobody is left to be written. */
function throughWith(
  { after: _place, dueAt: _due, ...round }: LedgerRound,
  { state }: Incident,
  now: string,
): LedgerRound {
  return state === 'closed' ? round : { ...round, dueAt: later(now, AGAIN_MS) };
}

type About = Omit<Parameters<typeof intervalAfter>[2], 'terms' | 'keptMs' | 'toldAt'>;

/** @returns the round as it is committed. */
async function record(
  customers: readonly CustomerStores[],
  about: About,
  round: LedgerRound,
  ports: LedgerPorts,
): Promise<LedgerRound> {
  const { control } = ports;
  const intervals = await Promise.all(customers.map((stores) => changedInterval(stores, about, control)));
  const changed = intervals.flatMap((interval) => interval ?? []);
  await control.commit({
    writes: [
      { entityType: 'ledger-round', row: round },
      ...changed.map((row) => ({ entityType: 'sla-interval' as const, row })),
    ],
    facts: changed.map((interval) => recordedFact(interval, ports)),
  });
  return { ...round, revision: round.revision + 1 };
}

/** Undefined: it says so already. */
async function changedInterval(
  stores: CustomerStores,
  about: About,
  control: ControlStore,
): Promise<SlaInterval | undefined> {
  const { customerId } = stores;
  const { incidentId } = about.incident;
  const [before, notice, level, window] = await Promise.all([
    control.find('sla-interval', intervalKey(incidentId, customerId)),
    control.find('customer-notice', noticeKey({ incidentId, customerId, about: 'opened' })),
    control.find('service-level', customerId),
    control.find('customer-window', customerId),
  ]);
  const after = intervalAfter(before, stores, {
    ...about,
    toldAt: notice?.toldAt ?? before?.toldAt,
    terms: effectiveLevel(level).terms,
    keptMs: keptMsOf(window),
  });
  return before && isSame(before, after) ? undefined : after;
}

/** Which facts it rests on is no news by itself. */
const isSame = ({ restsOn: _facts, ...one }: SlaInterval, { restsOn: _others, ...other }: SlaInterval): boolean =>
  sorted(one) === sorted(other);

const sorted = (fields: object): string =>
  JSON.stringify(Object.entries(fields).sort(([one], [other]) => (one < other ? -1 : 1)));

function recordedFact({ dataStores: _named, restsOn: _facts, revision, ...interval }: SlaInterval, ports: LedgerPorts) {
  return newFact(slaIntervalRecorded, ports, { ...interval, recording: revision + 1 });
}

interface CustomerBatch {
  readonly customers: readonly CustomerStores[];
  /** How far the round is with them: a place in the order of the index. */
  readonly after?: string;
  readonly isLast: boolean;
}

/**
 * Customers of the incident's key after a place, in the order of the index, with what of theirs depends on it. Once the incident is over
 * also those whose data stores name another key by now, and whose time would never end otherwise.
 */
async function* batchesOf(
  incident: KeyIncident,
  after: string | undefined,
  control: ControlStore,
): AsyncIterable<CustomerBatch> {
  for await (const customers of chunked(customersOf(incident.kmsKeyArn, control))) {
    const left = customers.filter((one) => after === undefined || placeOf(one) > after);
    const last = left.at(-1);
    if (last) yield { customers: left, after: placeOf(last), isLast: false };
  }
  if (incident.state === 'closed')
    for await (const customers of chunked(unendedOf(incident, control))) yield { customers, isLast: false };
  yield { customers: [], isLast: true };
}

async function* chunked(all: AsyncIterable<CustomerStores>): AsyncIterable<readonly CustomerStores[]> {
  let some: CustomerStores[] = [];
  for await (const one of all) {
    some.push(one);
    if (some.length < BATCH) continue;
    yield some;
    some = [];
  }
  if (some.length > 0) yield some;
}

/** By the index, so one that has just ended may be among them: it is read again before it is written. Costs what the key has had. */
async function* unendedOf(
  { incidentId, kmsKeyArn }: KeyIncident,
  control: ControlStore,
): AsyncIterable<CustomerStores> {
  for await (const interval of control.ofKmsKey('sla-interval', kmsKeyArn))
    if (interval.incidentId === incidentId && interval.servingAt === undefined) yield storesIn(interval);
}

/** The rows of one customer lie together in the index. */
async function* customersOf(kmsKeyArn: string, control: ControlStore): AsyncIterable<CustomerStores> {
  let current: CustomerStores | undefined;
  for await (const store of control.ofKmsKey('data-store', kmsKeyArn)) {
    if (current && isOf(current, store)) current = withStore(current, store);
    else {
      if (current) yield current;
      current = withStore(undefined, store);
    }
  }
  if (current) yield current;
}

const isOf = ({ customerId }: CustomerStores, store: DataStore): boolean => store.customerId === customerId;

/** Where a customer's rows are in the index: what their ids begin with. */
const placeOf = ({ customerId }: Pick<CustomerStores, 'customerId'>): string => `${encodeURIComponent(customerId)}/`;
