/**
 * settle-incidents: what has been quiet is over, and a storm is gathered under the incident that leads it.
 *
 * It is woken half a minute after a key changed or an incident opened, by a queue that waits, and every minute for the rest.
 */
import { incidentClosed } from '../../../events/incident-closed';
import { newFact } from '../outbox/new-fact';
import { inParallel } from '../parallel-work';
import type { Clock, ControlStore, Ids, Log, Write } from '../ports';
import { retryOnConflict } from '../retry-on-conflict';
import { inTime } from '../time-limit';
import { unsettledIncidents } from './incidents/find-incidents';
import { closed } from './incidents/flaps';
import { type Incident, isKeys, isOver, type KeyIncident } from './incidents/incident';
import { factFieldsOf } from './incidents/incident-fact-fields';
import { withMembers } from './incidents/incident-group';
import { speaksFor } from './incidents/speaks-for';
import type { KeyWatch } from './key-watch';
import { dueWhileOwed } from './paging/owed-page';

export interface SettlePorts {
  readonly control: ControlStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

/** Incidents that are open at the same time, as far as a run reads. */
const READ_MAX = 10_000;
const CONCURRENCY = 10;

/** No step is begun later: half of what Lambda gives the function. */
const RUN_MS = 15_000;

/**
 * Gathers storms, gives what lost its leader another, and closes what has stayed for as long as it has to. Costs what is open.
 * Safe to repeat, also at the same time.
 *
 * @throws KeywrightError `store.unreachable`, `state.changed-meanwhile` (both retry) of the first that failed, after the others.
 */
export async function settleIncidents(ports: SettlePorts): Promise<void> {
  const open = await openKeyIncidents(ports);
  const now = ports.clock.now();
  const byId = new Map(open.map((incident) => [incident.incidentId, incident]));
  const isLed = (incident: KeyIncident) => isSpokenFor(incident, byId.get(incident.partOf ?? ''), now);
  const byLeader = membersByLeader(open.filter(isLed));
  const steps = [
    ...[...byLeader].map(
      ([leaderId, members]) =>
        () =>
          gather(leaderId, members, ports),
    ),
    ...open
      .filter((incident) => incident.partOf !== undefined && !isLed(incident))
      .map(
        ({ incidentId }) =>
          () =>
            giveLeader(incidentId, ports),
      ),
    ...open
      .filter((incident) => isQuiet(incident, now) && !byLeader.has(incident.incidentId))
      .map(
        ({ incidentId }) =>
          () =>
            settle(incidentId, ports),
      ),
  ];
  await run(steps, ports);
}

/** Half a minute after an incident opened: gathers what has opened like it since. Safe to repeat. Throws as `settleIncidents` does. */
export async function gatherStorm(leaderId: string, ports: SettlePorts): Promise<void> {
  const members = membersByLeader(await openKeyIncidents(ports)).get(leaderId);
  if (members) await run([() => gather(leaderId, members, ports)], ports);
}

/** Half a minute after a key came back: closes its incident, if it stayed. Safe to repeat. Throws as `settleIncidents` does. */
export async function settleKey(kmsKeyArn: string, ports: SettlePorts): Promise<void> {
  const incidentId = (await ports.control.find('key-watch', kmsKeyArn))?.openIncidentId;
  const incident = incidentId === undefined ? undefined : await ports.control.find('incident', incidentId);
  // Who leads others waits for them, and the next run of the schedule knows whether they are over.
  if (!incident || !isKeys(incident) || incident.members) return;
  await run([() => settle(incident.incidentId, ports)], ports);
}

async function run(steps: readonly (() => Promise<void>)[], ports: SettlePorts): Promise<void> {
  const { failed } = await inParallel(inTime(steps, RUN_MS, ports.clock), CONCURRENCY, (step) => retryOnConflict(step));
  for (const error of failed) throw error;
}

async function openKeyIncidents(ports: SettlePorts): Promise<readonly KeyIncident[]> {
  const open: KeyIncident[] = [];
  for await (const incident of unsettledIncidents(ports)) {
    if (isKeys(incident) && !isOver(incident)) open.push(incident);
    if (open.length === READ_MAX) break;
  }
  return open;
}

function membersByLeader(open: readonly KeyIncident[]): ReadonlyMap<string, readonly KeyIncident[]> {
  const members = new Map<string, KeyIncident[]>();
  for (const incident of open) {
    if (incident.partOf === undefined) continue;
    const others = members.get(incident.partOf) ?? [];
    others.push(incident);
    members.set(incident.partOf, others);
  }
  return members;
}

/** Whether the leader tells on-call of it. What is back only just needs somebody who is not over, and no more. */
const isSpokenFor = (incident: KeyIncident, leader: KeyIncident | undefined, now: string): boolean =>
  leader !== undefined && !isOver(leader) && (incident.state === 'recovering' || speaksFor(leader, incident, now));

/** The leader knows its members, and the row of the group when one last joined. */
async function gather(leaderId: string, members: readonly KeyIncident[], ports: SettlePorts): Promise<void> {
  const { control, clock } = ports;
  const leader = await keyIncident(leaderId, ports);
  // What came and went with it is not told: somebody is to look after what is still lost.
  const isOn = [leader, ...members].some((one) => one?.state === 'open');
  const grown = isOn && leader && withMembers(leader, members, clock.now());
  if (!grown) return;
  const writes: Write[] = [{ entityType: 'incident', row: dueWhileOwed(grown, clock.now()) }];
  const group = grown.groupId === undefined ? undefined : await control.find('incident-group', grown.groupId);
  const lastJoinedAt = members.reduce(
    (last, one) => (one.detectedAt > last ? one.detectedAt : last),
    leader.detectedAt,
  );
  if (group?.leaderId === leaderId && group.lastJoinedAt < lastJoinedAt)
    writes.push({ entityType: 'incident-group', row: { ...group, lastJoinedAt } });
  await control.commit({ writes, facts: [] });
}

/** Its leader is over, or speaks for less: the next leads, and is paged. The first that comes here leads the others. */
async function giveLeader(incidentId: string, ports: SettlePorts): Promise<void> {
  const { control, clock } = ports;
  const incident = await keyIncident(incidentId, ports);
  if (!incident?.partOf || isOver(incident) || incident.groupId === undefined) return;
  const before = await keyIncident(incident.partOf, ports);
  const { groupId } = incident;
  const now = clock.now();
  if (isSpokenFor(incident, before, now)) return;
  const group = await control.find('incident-group', groupId);
  const leader = group && (await keyIncident(group.leaderId, ports));
  const { partOf: _over, ...alone } = incident;
  if (leader && leader.incidentId !== incidentId && isSpokenFor(incident, leader, now))
    return control.commit({
      writes: [{ entityType: 'incident', row: { ...alone, partOf: leader.incidentId } }],
      facts: [],
    });
  const row = { groupId, leaderId: incidentId, lastJoinedAt: now, revision: group?.revision ?? 0 };
  await control.commit({
    writes: [
      { entityType: 'incident', row: dueWhileOwed(alone, now) },
      { entityType: 'incident-group', row },
    ],
    facts: [],
  });
}

async function keyIncident(id: string, { control }: SettlePorts): Promise<KeyIncident | undefined> {
  const incident: Incident | undefined = await control.find('incident', id);
  return incident && isKeys(incident) ? incident : undefined;
}

async function settle(incidentId: string, ports: SettlePorts): Promise<void> {
  const { control, clock } = ports;
  const incident = await keyIncident(incidentId, ports);
  const now = clock.now();
  if (!incident || !isQuiet(incident, now)) return;
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
