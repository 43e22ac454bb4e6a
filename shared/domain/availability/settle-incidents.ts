/**
 * settle-incidents: what has been quiet is over.
 *
 * It is woken half a minute after a key changed, by a queue that waits, and every minute for what is quiet for longer.
 */
import { incidentClosed } from '../../../events/incident-closed';
import { newFact } from '../outbox/new-fact';
import { inParallel } from '../parallel-work';
import type { Clock, ControlStore, Ids, Log, Write } from '../ports';
import { retryOnConflict } from '../retry-on-conflict';
import { inTime } from '../time-limit';
import { closed } from './incidents/flaps';
import { isKeys, type KeyIncident } from './incidents/incident';
import { factFieldsOf } from './incidents/incident-fact-fields';
import type { KeyWatch } from './key-watch';
import { dueWhileOwed } from './paging/owed-page';

export interface SettlePorts {
  readonly control: ControlStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

/** Incidents read in one run; what is left is the longest due in the next one, a minute later. */
const SETTLED_MAX = 200;
const CONCURRENCY = 10;

/** None is begun later: half of what Lambda gives the function. */
const RUN_MS = 15_000;

/**
 * Closes the incidents whose key has stayed for as long as it has to. Costs what is due. Safe to repeat, also at the same time.
 *
 * @throws KeywrightError `store.unreachable`, `state.changed-meanwhile` (both retry) of the first that failed, after the others.
 */
export async function settleIncidents(ports: SettlePorts): Promise<void> {
  const due = await ports.control.due('incident', ports.clock.now(), SETTLED_MAX);
  const quiet = due.filter(({ state }) => state === 'recovering');
  const { failed } = await inParallel(inTime(quiet, RUN_MS, ports.clock), CONCURRENCY, ({ incidentId }) =>
    retryOnConflict(() => settle(incidentId, ports)),
  );
  for (const error of failed) throw error;
}

async function settle(incidentId: string, ports: SettlePorts): Promise<void> {
  const { control, clock } = ports;
  const incident = await control.find('incident', incidentId);
  const now = clock.now();
  if (!incident || !isKeys(incident) || !isQuiet(incident, now)) return;
  const over = dueWhileOwed(closed(incident), now);
  const watch = await control.find('key-watch', incident.kmsKeyArn);
  const writes: Write[] = [{ entityType: 'incident', row: over }];
  // The watch is part of it: a loss that is found meanwhile finds the incident that it knows.
  if (watch?.openIncidentId === incidentId) writes.push({ entityType: 'key-watch', row: withoutIncident(watch) });
  const fields = { ...factFieldsOf(over), at: now, recoveredAt: incident.recoveredAt ?? now };
  await control.commit({ writes, facts: [newFact(incidentClosed, ports, fields)] });
}

const isQuiet = ({ state, quietUntil }: KeyIncident, now: string): boolean =>
  state === 'recovering' && (quietUntil ?? '') <= now;

const withoutIncident = ({ openIncidentId: _over, ...watch }: KeyWatch): KeyWatch => watch;
