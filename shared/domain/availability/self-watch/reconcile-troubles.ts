/** reconcile-troubles: from the troubles that are found to incidents: opened once, kept up to date, and closed once they are over. */
import { incidentClosed } from '../../../../events/incident-closed';
import { incidentOpened } from '../../../../events/incident-opened';
import { elapsedMs, later, MINUTE_MS, NEVER } from '../../instants';
import { transition } from '../../legal-moves';
import { newFact } from '../../outbox/new-fact';
import { inParallel } from '../../parallel-work';
import type { Change, Clock, ControlStore, Ids, Log } from '../../ports';
import { retryOnConflict } from '../../retry-on-conflict';
import { INCIDENT_MOVES, isOperators, type OperatorIncident } from '../incidents/incident';
import { factFieldsOf } from '../incidents/incident-fact-fields';
import type { Trouble } from '../incidents/trouble';
import { dueWhileOwed } from '../paging/owed-page';
import { type FoundTrouble, type TroubleWatch, troubleWatchId } from './trouble-watch';

export interface ReconcilePorts {
  readonly control: ControlStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

/** A trouble is over once it was not found for so long: one that comes and goes is one incident. */
const QUIET_MS = 5 * MINUTE_MS;

const CONCURRENCY = 10;

/** Incidents of our own that are open at the same time, at the most, as far as a run reads. */
const OPEN_MAX = 1_000;

/** Later than the date of all that is ever due. */
const BEFORE_NEVER = later(NEVER, -1);

export interface Found {
  /** What is looked for: of these troubles, what is not found is over. */
  readonly speaksFor: readonly Trouble[];
  readonly found: readonly FoundTrouble[];
  /** Nothing was left out. */
  readonly isWhole: boolean;
}

/**
 * Opens, updates and closes. Safe to repeat, also at the same time: of a trouble at one place one incident is open.
 *
 * @throws KeywrightError `store.unreachable`, `state.changed-meanwhile` (both retry) of the first that failed, after the others.
 */
export async function reconcileTroubles({ speaksFor, found, isWhole }: Found, ports: ReconcilePorts): Promise<void> {
  const foundIds = new Set(found.map(troubleWatchId));
  const open = isWhole ? await ports.control.due('trouble-watch', BEFORE_NEVER, OPEN_MAX) : [];
  const missing = open.filter((watch) => speaksFor.includes(watch.trouble) && !foundIds.has(troubleWatchId(watch)));
  const steps = [
    ...found.map((one) => () => openOrUpdate(one, ports)),
    ...missing.map((watch) => () => closeOnceQuiet(watch, ports)),
  ];
  const { failed } = await inParallel(steps, CONCURRENCY, (step) => retryOnConflict(step));
  for (const error of failed) throw error;
}

/** The incident that the watch names, if it is open. */
async function openIncident(
  watch: TroubleWatch | undefined,
  { control }: ReconcilePorts,
): Promise<OperatorIncident | undefined> {
  const id = watch?.openIncidentId;
  const incident = id === undefined ? undefined : await control.find('incident', id);
  return incident && isOperators(incident) ? incident : undefined;
}

async function openOrUpdate(found: FoundTrouble, ports: ReconcilePorts): Promise<void> {
  const { control } = ports;
  const watch = await control.find('trouble-watch', troubleWatchId(found));
  const open = await openIncident(watch, ports);
  const change = open && watch ? updated(open, watch, found) : opened(found, watch, ports);
  if (change) await control.commit(change);
}

function opened(found: FoundTrouble, watch: TroubleWatch | undefined, ports: ReconcilePorts): Change {
  const { trouble, subject, evidence, since, kmsKeyArns = [], keyCount = 0 } = found;
  const now = ports.clock.now();
  const incident = transition<OperatorIncident>(INCIDENT_MOVES, undefined, {
    kind: 'operator',
    incidentId: ports.ids.next(),
    trouble,
    subject,
    kmsKeyArns,
    keyCount,
    state: 'open',
    evidence,
    signalledAt: since,
    detectedAt: now,
    revision: 0,
  });
  const { incidentId } = incident;
  const row = { trouble, subject, openIncidentId: incidentId, dueAt: now, revision: watch?.revision ?? 0 };
  ports.log.warn('trouble of our own', { incidentId, trouble, subject, keyCount });
  return {
    writes: [
      { entityType: 'trouble-watch', row },
      { entityType: 'incident', row: dueWhileOwed(incident, now) },
    ],
    facts: [newFact(incidentOpened, ports, { ...factFieldsOf(incident), at: now })],
  };
}

/** What has grown is noted, and that it was quiet for a while forgotten; nothing else is written again. */
function updated(open: OperatorIncident, watch: TroubleWatch, found: FoundTrouble): Change | undefined {
  const { kmsKeyArns = [], keyCount = 0, evidence } = found;
  const { quietSince, ...row } = watch;
  const writes: Change['writes'] = [
    ...(quietSince === undefined ? [] : [{ entityType: 'trouble-watch', row } as const]),
    ...(keyCount > open.keyCount
      ? [{ entityType: 'incident', row: { ...open, kmsKeyArns, keyCount, evidence } } as const]
      : []),
  ];
  return writes.length === 0 ? undefined : { writes, facts: [] };
}

async function closeOnceQuiet(seen: TroubleWatch, ports: ReconcilePorts): Promise<void> {
  const { control, clock } = ports;
  const watch = await control.find('trouble-watch', troubleWatchId(seen));
  const open = await openIncident(watch, ports);
  if (!watch || !open) return;
  const now = clock.now();
  const { quietSince = now } = watch;
  if (elapsedMs(quietSince, now) >= QUIET_MS) return control.commit(closed(open, watch, quietSince, ports));
  if (watch.quietSince !== undefined) return;
  await control.commit({ writes: [{ entityType: 'trouble-watch', row: { ...watch, quietSince } }], facts: [] });
}

function closed(open: OperatorIncident, watch: TroubleWatch, recoveredAt: string, ports: ReconcilePorts): Change {
  const now = ports.clock.now();
  const { trouble, subject, revision } = watch;
  const over = transition<OperatorIncident>(INCIDENT_MOVES, open, { ...open, state: 'closed', recoveredAt });
  return {
    writes: [
      { entityType: 'trouble-watch', row: { trouble, subject, revision } },
      { entityType: 'incident', row: dueWhileOwed(over, now) },
    ],
    facts: [newFact(incidentClosed, ports, { ...factFieldsOf(over), at: now, recoveredAt })],
  };
}
