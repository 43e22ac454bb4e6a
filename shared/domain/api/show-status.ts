/** Whether anything is wrong, in one answer: never healthy while a key is not. Costs what is wrong. */

import type { BlindSpot } from '../availability/blind-spot';
import { unsettledIncidents } from '../availability/incidents/find-incidents';
import { isDrill, isOver } from '../availability/incidents/incident';
import {
  type IncidentSummary,
  type KeyIncidentSummary,
  type OperatorIncidentSummary,
  summaryOf,
} from '../availability/incidents/incident-summary';
import { SEVERITIES, type Severity } from '../availability/incidents/severity-level';
import { availabilityOf, type KeyAvailability } from '../availability/key-availability';
import type { ChannelFailure } from '../availability/paging/channel';
import { owedSince as owedSinceOf } from '../availability/paging/owed-page';
import type { IgnoredSender } from '../availability/self-watch/ignored-sender';
import { type UnavailableStores, unavailableStores } from '../availability/unavailable-stores';
import type { Drill } from '../drills/drill';
import { openDrills } from '../drills/start-drill';
import { later, MINUTE_MS, NEVER } from '../instants';
import { defined } from '../optional-fields';
import type { Clock, ControlStore } from '../ports';
import { idOf, type Rows } from '../rows';
import { type BudgetLeft, nearlyBurntBudget } from '../service-levels/read-budget';
import type { DisabledSubscription } from '../subscriptions/subscription';
import { INCIDENTS_READ_MAX } from './list-incidents';
import { defineOperation } from './operation';

/** How many of each kind the answer names; the counts are whole, up to the bounds below. */
const NAMED_MAX = 20;

/** How many of each kind are counted. */
const COUNTED_MAX = 1_000;

/** What the schedule works is late when two of its runs, a minute apart, have passed it by. */
const LATE_MS = 2 * MINUTE_MS;

/** Later than the date of all that is ever due. */
const BEFORE_NEVER = later(NEVER, -1);

/** What a schedule works every minute, and no other count tells of. */
const LATE_WORK = ['early-warning', 'page-delivery', 'notice-round', 'customer-notice', 'ledger-round'] as const;
type LateWork = (typeof LATE_WORK)[number];

interface Counted<Row> {
  readonly count: number;
  /** There are more than were counted. */
  readonly more: boolean;
  /** The first of them. */
  readonly first: readonly Row[];
}

export type UnavailableKey = KeyAvailability &
  Pick<KeyIncidentSummary, 'kmsKeyArn' | 'customerId' | 'severity' | 'acknowledgedBy'> & {
    /** Of a key that is lost: which data stores it stops. */
    readonly unavailableStores?: UnavailableStores;
    /** What is left of the budget of the customer whom it weighs on most, where that is nearly burnt. */
    readonly budget?: BudgetLeft;
  };

export interface ProductStatus {
  readonly at: string;
  /** Nothing of what follows is there. */
  readonly healthy: boolean;
  readonly openIncidents: { readonly count: number; readonly more: boolean } & Readonly<Record<Severity, number>>;
  /** Trouble of our own that is open, the gravest first. */
  readonly troubles: readonly OperatorIncidentSummary[];
  /** Keys with an open incident, the gravest first. */
  readonly keys: readonly UnavailableKey[];
  /** Incidents about which on-call should have been paged, or told that they are over, and retirements that stopped. */
  readonly latePages: Counted<{ readonly incidentId: string; readonly owedSince: string }>;
  /** Keys that nobody has looked at although it is time. */
  readonly lateProbes: Counted<{ readonly kmsKeyArn: string; readonly customerId?: string; readonly dueAt: string }>;
  /** Keys at which looks have told nothing for a while: what is believed of them stands, and may be wrong. */
  readonly unseenKeys: Counted<Pick<BlindSpot, 'kmsKeyArn' | 'since' | 'evidence'>>;
  /** Notices, warnings, entries of the ledger and escalations that nobody has seen to although it is time. */
  readonly lateWork: Counted<{ readonly what: LateWork; readonly id: string; readonly dueAt: string }>;
  /** Re-encryption jobs that wait for a key or a quota, among the first of those that are not over. */
  readonly parkedJobs: Counted<{ readonly jobId: string; readonly kmsKeyArn: string; readonly parkedBy?: string }>;
  /** Channels of on-call and of customers’ contacts that did not take the last page that they were sent. */
  readonly failingChannels: Counted<{ readonly owner: string; readonly channel: string } & ChannelFailure>;
  /** Other accounts that send what is left out, and why: nothing is wrong where they mean nothing to us. */
  readonly ignoredSenders: Counted<Pick<IgnoredSender, 'accountId' | 'since' | 'lastAt' | 'reason'>>;
  /** Subscriptions that were given up: their destination is gone, or took nothing for three days. */
  readonly disabledSubscriptions: Counted<Pick<DisabledSubscription, 'customerId' | 'name' | 'since' | 'reason'>>;
  /** Drills that are under way. What they take away and who is told of it is nothing wrong, and counted nowhere above. */
  readonly drills: readonly Pick<Drill, 'drillId' | 'cause' | 'state'>[];
}

interface StatusPorts {
  readonly control: ControlStore;
  readonly clock: Clock;
}

export const showStatus = defineOperation('show-status', {}, (_input, _caller, ports: StatusPorts) => statusOf(ports));

async function statusOf(ports: StatusPorts): Promise<ProductStatus> {
  const at = ports.clock.now();
  const [
    { open, owed, more },
    stops,
    lateProbes,
    unseenKeys,
    lateWork,
    parkedJobs,
    failingChannels,
    ignoredSenders,
    disabledSubscriptions,
    drills,
  ] = await Promise.all([
    readIncidents(at, ports),
    stopsOwed(at, ports),
    probesLate(at, ports),
    keysUnseen(at, ports),
    workLate(at, ports),
    jobsParked(ports),
    channelsFailing(ports),
    sendersIgnored(ports),
    subscriptionsDisabled(ports),
    openDrills(ports),
  ]);
  const latePages = counted([...owed, ...stops], more || stops.length === COUNTED_MAX);
  const openIncidents = { ...bySeverity(open), count: open.length, more };
  const counts = [
    ...[openIncidents, latePages, lateProbes, unseenKeys, lateWork],
    ...[parkedJobs, failingChannels, disabledSubscriptions],
  ];
  return {
    at,
    healthy: counts.every(({ count }) => count === 0),
    openIncidents,
    troubles: open.filter((one) => one.kind === 'operator').slice(0, NAMED_MAX),
    keys: await Promise.all(
      open
        .filter((one) => one.kind === 'key')
        .slice(0, NAMED_MAX)
        .map((one) => keyOf(one, ports)),
    ),
    latePages,
    lateProbes,
    unseenKeys,
    lateWork,
    parkedJobs,
    failingChannels,
    ignoredSenders,
    disabledSubscriptions,
    drills: drills
      .filter(({ state }) => state !== 'due')
      .map(({ drillId, cause, state }) => ({ drillId, cause, state })),
  };
}

/** The open ones, the gravest first and of those the longest open; and those whose page is late. */
async function readIncidents(now: string, ports: StatusPorts) {
  const open: IncidentSummary[] = [];
  const owed: ProductStatus['latePages']['first'][number][] = [];
  let read = 0;
  for await (const incident of unsettledIncidents(ports)) {
    if (isDrill(incident)) continue;
    if (!isOver(incident)) open.push(summaryOf(incident));
    const { incidentId } = incident;
    const owedSince = owedSinceOf(incident);
    if (owedSince !== undefined && owedSince < later(now, -LATE_MS)) owed.push({ incidentId, owedSince });
    read += 1;
    if (read === INCIDENTS_READ_MAX) break;
  }
  const more = read === INCIDENTS_READ_MAX;
  const rank = ({ severity, incidentId }: IncidentSummary) => `${SEVERITIES.indexOf(severity)}${incidentId}`;
  open.sort((one, other) => (rank(one) < rank(other) ? -1 : 1));
  return { open, owed, more };
}

/** The row of a stop is due for as long as its page is owed. */
async function stopsOwed(now: string, { control }: StatusPorts) {
  const stops = await control.due('retirement-stop', BEFORE_NEVER, COUNTED_MAX);
  return stops.flatMap(({ stopId, at }) => (at < later(now, -LATE_MS) ? [{ incidentId: stopId, owedSince: at }] : []));
}

function bySeverity(incidents: readonly IncidentSummary[]): Record<Severity, number> {
  const counts = { critical: 0, warning: 0, info: 0 };
  for (const { severity } of incidents) counts[severity] += 1;
  return counts;
}

async function keyOf(incident: KeyIncidentSummary, ports: StatusPorts): Promise<UnavailableKey> {
  const { kmsKeyArn, customerId, severity, acknowledgedBy, incidentId, weighsOn } = incident;
  const watch = await ports.control.find('key-watch', kmsKeyArn);
  const [stores, budget] = await Promise.all([unavailableStores(watch, ports), nearlyBurntBudget(weighsOn, ports)]);
  return {
    kmsKeyArn,
    ...(customerId !== undefined && { customerId }),
    severity,
    ...(acknowledgedBy !== undefined && { acknowledgedBy }),
    ...availabilityOf(watch),
    ...(stores && { unavailableStores: stores }),
    incidentId,
    ...defined({ budget }),
  };
}

async function probesLate(now: string, { control }: StatusPorts): Promise<ProductStatus['lateProbes']> {
  const watches = await control.due('key-watch', later(now, -LATE_MS), COUNTED_MAX);
  const shown = watches.map(({ kmsKeyArn, customerId, dueAt }) => ({
    kmsKeyArn,
    ...(customerId !== undefined && { customerId }),
    dueAt,
  }));
  return counted(shown, watches.length === COUNTED_MAX);
}

/** The row of a key that looks tell nothing of is due since it is so. */
async function keysUnseen(now: string, { control }: StatusPorts): Promise<ProductStatus['unseenKeys']> {
  const spots = await control.due('blind-spot', later(now, -LATE_MS), COUNTED_MAX);
  const shown = spots.map(({ kmsKeyArn, since, evidence }) => ({ kmsKeyArn, since, evidence }));
  return counted(shown, spots.length === COUNTED_MAX);
}

async function workLate(now: string, { control }: StatusPorts): Promise<ProductStatus['lateWork']> {
  const lateOf = async <What extends LateWork>(what: What) => {
    const rows = await control.due(what, later(now, -LATE_MS), COUNTED_MAX);
    const nameOf = idOf[what] as (row: Rows[What]) => string;
    return rows.map((row) => ({ what, id: nameOf(row), dueAt: row.dueAt ?? now }));
  };
  const late = await Promise.all(LATE_WORK.map(lateOf));
  return counted(
    late.flat(),
    late.some(({ length }) => length === COUNTED_MAX),
  );
}

/** Jobs that are paused or over are never due, and so not among them. */
async function jobsParked({ control }: StatusPorts): Promise<ProductStatus['parkedJobs']> {
  const underWay = await control.due('reencryption-job', BEFORE_NEVER, COUNTED_MAX);
  const jobs = underWay.filter(({ state }) => state === 'parked');
  const shown = jobs.map(({ jobId, kmsKeyArn, parkedBy }) => ({
    jobId,
    kmsKeyArn,
    ...(parkedBy !== undefined && { parkedBy }),
  }));
  return counted(shown, underWay.length === COUNTED_MAX);
}

/** An owner’s row is due while one of their channels fails. */
async function channelsFailing({ control }: StatusPorts): Promise<ProductStatus['failingChannels']> {
  const rows = await control.due('page-channels', BEFORE_NEVER, COUNTED_MAX);
  const failing = rows.flatMap(({ owner, failing: ofOwner = {} }) =>
    Object.entries(ofOwner).map(([channel, failure]) => ({ owner, channel, ...failure })),
  );
  return counted(failing, rows.length === COUNTED_MAX);
}

/** A row is due for as long as it is shown. */
async function sendersIgnored({ control }: StatusPorts): Promise<ProductStatus['ignoredSenders']> {
  const rows = await control.due('ignored-sender', BEFORE_NEVER, COUNTED_MAX);
  const shown = rows.map(({ accountId, since, lastAt, reason }) => ({ accountId, since, lastAt, reason }));
  return counted(shown, rows.length === COUNTED_MAX);
}

/** Due since it is disabled, and no more once it goes on. */
async function subscriptionsDisabled({ control }: StatusPorts): Promise<ProductStatus['disabledSubscriptions']> {
  const rows = await control.due('disabled-subscription', BEFORE_NEVER, COUNTED_MAX);
  const shown = rows.map(({ customerId, name, since, reason }) => ({ customerId, name, since, reason }));
  return counted(shown, rows.length === COUNTED_MAX);
}

const counted = <Row>(rows: readonly Row[], more: boolean): Counted<Row> => ({
  count: rows.length,
  more,
  first: rows.slice(0, NAMED_MAX),
});
