/**
 * run-drill: takes the key of drills away, follows what we make of it, gives the key back, and judges how long it took.
 *
 * What is done to the key follows the commit that says so: of two runs one commits, and one acts. What dies in between is found by its
 * due date: a drill goes on to `returning` whatever came of it, and there the key is given back until it is.
 */
import { drillEnded } from '../../../events/drill-ended';
import { isKeys, isOver, type KeyIncident } from '../availability/incidents/incident';
import { later, MINUTE_MS } from '../instants';
import type { KmsKey } from '../keys/kms-key';
import { transition } from '../legal-moves';
import { defined } from '../optional-fields';
import { newFact } from '../outbox/new-fact';
import type { Log, Write } from '../ports';
import { mustFind } from '../require-row';
import { retryOnConflict } from '../retry-on-conflict';
import { workDue } from '../work-due-rows';
import { DRILL_MOVES, type Drill, type DrillState, figuresOf, missedTargets } from './drill';
import { warningOf } from './drill-warning';
import { planDrills } from './plan-drills';
import { type RegisterPorts, registerDrillKey } from './register-drill-key';
import { giveKeyBack, type TakePorts, takeKeyAway } from './take-key-away';

export interface DrillPorts extends RegisterPorts, TakePorts {
  readonly log: Log;
}

/** A drill that cannot begin is looked at so often, and given up after two hours: twenty of them wait for less. */
const AGAIN_MS = 30_000;
const BEGINS_WITHIN_MS = 120 * MINUTE_MS;

/** What is neither detected nor paged by then will not be: the key is given back. Longer than the targets, so that lateness is measured. */
const AWAY_MAX_MS = 3 * MINUTE_MS;

/** A key that is not seen to be back by then is no longer waited for. */
const RETURN_MAX_MS = 5 * MINUTE_MS;

/** Whoever took the key away is dead by then, and its act with it: Lambda gives the function 30 seconds. No drill ends before. */
const ACT_MS = 45_000;

const DUE_MAX = 20;
/** No drill is begun or taken further later: a third of what Lambda gives the function. */
const RUN_MS = 10_000;

/** Moves of one run: a drill has three of them. */
const MOVES_MAX = 5;

/**
 * Takes a drill as far as it goes now. Safe to repeat, at any time and at the same time.
 *
 * @throws KeywrightError `state.not-found`; `state.changed-meanwhile`, `store.unreachable` (both retry); what KMS refuses: any code that
 *   begins with `kms.`, and the drill is due still.
 */
export async function runDrill(drillId: string, ports: DrillPorts): Promise<void> {
  for (let move = 0; move < MOVES_MAX; move += 1) {
    const after = await retryOnConflict(async () => step(await mustFind('drill', drillId, ports), ports));
    if (!after) return;
    ports.log.info('drill', { drillId, cause: after.cause, state: after.state, missed: after.missed });
    await actAfter(after, ports);
  }
}

/** Takes the drill further that is under way with this key, if there is one. Safe to repeat. Throws as `runDrill` does. */
export async function followDrill(kmsKeyArn: string, ports: DrillPorts): Promise<void> {
  if (kmsKeyArn !== ports.drillKeyArn) return;
  const drillId = (await ports.control.find('kms-key', kmsKeyArn))?.openDrillId;
  if (drillId !== undefined) await runDrill(drillId, ports);
}

/**
 * Plans the drills of the week, and looks after those that are due, one after the other. One that fails keeps no other back. Safe to
 * repeat.
 *
 * @returns how many failed to be looked after.
 * @throws KeywrightError `store.unreachable` (retry).
 */
export async function runDueDrills(ports: DrillPorts): Promise<number> {
  await planDrills(ports);
  const bounds = { max: DUE_MAX, concurrency: 1, forMs: RUN_MS };
  const { failed } = await workDue('drill', bounds, ({ drillId }) => runDrill(drillId, ports), ports);
  for (const error of failed) ports.log.error('a drill could not be taken further', { reason: String(error) });
  return failed.length;
}

/** What is done to the key once it is said. */
async function actAfter({ state, cause, kmsKeyArn }: Drill, ports: DrillPorts): Promise<void> {
  if (state !== 'provoked' && state !== 'returning') return;
  const key = await mustFind('kms-key', kmsKeyArn, ports);
  await (state === 'provoked' ? takeKeyAway : giveKeyBack)(key, cause, ports);
}

type Step = (drill: Drill, ports: DrillPorts) => Promise<Drill | undefined>;

const STEPS: Readonly<Record<DrillState, Step>> = {
  due: begin,
  provoked: noteDetection,
  lost: notePage,
  returning: end,
  passed: async () => undefined,
  failed: async () => undefined,
};

/** @returns the drill as it was committed; undefined where there is nothing to do yet. */
const step: Step = (drill, ports) => STEPS[drill.state](drill, ports);

/** Only a key that is well, and of which no incident is open, shows how long anything takes. */
async function begin(drill: Drill, ports: DrillPorts): Promise<Drill | undefined> {
  const { control, clock } = ports;
  const key = await registerDrillKey(ports);
  const watch = await control.find('key-watch', key.kmsKeyArn);
  const now = clock.now();
  const isReady = key.state === 'active' && watch?.availability === 'available' && watch.openIncidentId === undefined;
  if (key.openDrillId === undefined && isReady) {
    const dueAt = later(now, ACT_MS);
    const provoked = transition(DRILL_MOVES, drill, { ...drill, state: 'provoked', provokedAt: now, dueAt });
    return moved(provoked, ports, [{ entityType: 'kms-key', row: { ...key, openDrillId: drill.drillId } }]);
  }
  if (now > later(drill.requestedAt, BEGINS_WITHIN_MS)) return over(drill, drill, ports);
  if (drill.dueAt === undefined || drill.dueAt <= now)
    await control.commit({
      writes: [{ entityType: 'drill', row: { ...drill, dueAt: later(now, AGAIN_MS) } }],
      facts: [],
    });
  return undefined;
}

async function noteDetection(drill: Drill, ports: DrillPorts): Promise<Drill | undefined> {
  const [incident, key] = await Promise.all([incidentOf(drill, ports), keyOf(drill, ports)]);
  if (!incident) return isAwayTooLong(drill, ports) ? giveBack(drill, drill, ports) : putOff(drill, ports);
  const { incidentId, detectedAt, cause: foundCause } = incident;
  const seen = { incidentId, detectedAt, foundCause, ...defined({ containedAt: key.loss?.since }) };
  return moved(transition(DRILL_MOVES, drill, { ...drill, ...seen, state: 'lost' }), ports);
}

async function notePage(drill: Drill, ports: DrillPorts): Promise<Drill | undefined> {
  const incident = await incidentOf(drill, ports);
  if (incident?.pagedAt !== undefined) return giveBack(drill, { ...drill, pagedAt: incident.pagedAt }, ports);
  return isAwayTooLong(drill, ports) ? giveBack(drill, drill, ports) : putOff(drill, ports);
}

/** Over once the key is seen to be back, or is no longer waited for; and whoever took it away can do so no more. */
async function end(drill: Drill, ports: DrillPorts): Promise<Drill | undefined> {
  const { provokedAt = '', restoredAt = '' } = drill;
  const now = ports.clock.now();
  const recoveredAt = await recoveredAtOf(drill, ports);
  const isSeen = recoveredAt !== undefined || drill.incidentId === undefined || now > later(restoredAt, RETURN_MAX_MS);
  if (isSeen && now >= later(provokedAt, ACT_MS)) {
    // Once more: what was taken away late is given back now.
    await giveKeyBack(await keyOf(drill, ports), drill.cause, ports);
    return over(drill, { ...drill, ...defined({ recoveredAt }) }, ports);
  }
  if ((drill.dueAt ?? '') > now) return undefined;
  await giveKeyBack(await keyOf(drill, ports), drill.cause, ports);
  return putOff(drill, ports);
}

/** When its incident saw the key back, if it is. */
async function recoveredAtOf({ incidentId }: Drill, { control }: DrillPorts): Promise<string | undefined> {
  const incident = incidentId === undefined ? undefined : await control.find('incident', incidentId);
  return incident?.state === 'open' ? undefined : incident?.recoveredAt;
}

/** The incident of the key, if this drill caused it. */
async function incidentOf({ drillId, kmsKeyArn }: Drill, { control }: DrillPorts): Promise<KeyIncident | undefined> {
  const id = (await control.find('key-watch', kmsKeyArn))?.openIncidentId;
  const incident = id === undefined ? undefined : await control.find('incident', id);
  return incident && isKeys(incident) && !isOver(incident) && incident.drillId === drillId ? incident : undefined;
}

const keyOf = ({ kmsKeyArn }: Drill, ports: DrillPorts): Promise<KmsKey> => mustFind('kms-key', kmsKeyArn, ports);

const isAwayTooLong = ({ provokedAt = '' }: Drill, { clock }: DrillPorts): boolean =>
  clock.now() > later(provokedAt, AWAY_MAX_MS);

/** The key is given back after this: the date by which it is begins just before. */
function giveBack(before: Drill, drill: Drill, ports: DrillPorts): Promise<Drill> {
  const now = ports.clock.now();
  const dueAt = later(now, AGAIN_MS);
  return moved(transition(DRILL_MOVES, before, { ...drill, state: 'returning', restoredAt: now, dueAt }), ports);
}

/** Nothing to do until a fact comes, or its date does. */
async function putOff(drill: Drill, { control, clock }: DrillPorts): Promise<undefined> {
  const now = clock.now();
  if ((drill.dueAt ?? '') > now) return undefined;
  const row = { ...drill, dueAt: later(now, AGAIN_MS) };
  await control.commit({ writes: [{ entityType: 'drill', row }], facts: [] });
  return undefined;
}

async function moved(row: Drill, ports: DrillPorts, writes: readonly Write[] = []): Promise<Drill> {
  await ports.control.commit({ writes: [{ entityType: 'drill', row }, ...writes], facts: [] });
  return row;
}

/** Ends it: the next may begin, and on-call is owed a word where a target was missed. */
async function over(before: Drill, { dueAt: _over, ...drill }: Drill, ports: DrillPorts): Promise<Drill> {
  const { control, clock } = ports;
  const now = clock.now();
  const missed = missedTargets(drill);
  const state = missed.length === 0 ? 'passed' : 'failed';
  const row: Drill = transition(DRILL_MOVES, before, { ...drill, state, missed, endedAt: now });
  const writes: Write[] = [{ entityType: 'drill', row }];
  const key = await control.find('kms-key', drill.kmsKeyArn);
  if (key?.openDrillId === drill.drillId) writes.push({ entityType: 'kms-key', row: withoutDrill(key) });
  if (state === 'failed') writes.push({ entityType: 'early-warning', row: warningOf(row, now) });
  await control.commit({ writes, facts: [factOf(row, ports)] });
  return row;
}

const withoutDrill = ({ openDrillId: _over, ...key }: KmsKey): KmsKey => key;

function factOf(drill: Drill, ports: DrillPorts) {
  const { drillId, customerId, cause, state, missed = [], requestedBy } = drill;
  return newFact(drillEnded, ports, {
    drillId,
    ...defined({ customerId }),
    cause,
    outcome: state === 'passed' ? 'passed' : 'failed',
    missed: [...missed],
    ...figuresOf(drill),
    requestedBy,
    at: ports.clock.now(),
  });
}
