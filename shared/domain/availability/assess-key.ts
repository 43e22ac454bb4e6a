/**
 * assess-key: from a signal to a verdict, and from a verdict to an incident.
 *
 * A signal only makes us look. What we find twice in a row is believed; then the watch, what applications are told, the
 * incident and the facts change together or not at all. Nothing here disables, deletes or re-enables anything.
 */

import { incidentClosed } from '../../../events/incident-closed';
import { incidentOpened } from '../../../events/incident-opened';
import { keyAvailabilityChanged } from '../../../events/key-availability-changed';
import type { KeySignalReceived } from '../../../events/key-signal-received';
import { later } from '../instants';
import { isInUse, type KmsKey } from '../keys/kms-key';
import { transition } from '../legal-moves';
import { defined } from '../optional-fields';
import { type FactPorts, newFact } from '../outbox/new-fact';
import type { Change, Clock, ControlStore, Ids, Log, Write } from '../ports';
import { retryOnConflict } from '../retry-on-conflict';
import { type ConfirmPorts, confirmFinding } from './confirm-finding';
import { endWatch } from './end-watch';
import { openIncidentOf } from './incidents/find-incidents';
import { INCIDENT_MOVES, isKeys, isOver, type KeyIncident } from './incidents/incident';
import { incidentAfter } from './incidents/incident-after';
import { factFieldsOf, stakesOf } from './incidents/incident-fact-fields';
import { joinGroup } from './incidents/join-group';
import { speaksFor } from './incidents/speaks-for';
import { type Evidence, type Finding, findingOf, isSame } from './key-evidence';
import { type KeyWatch, WATCH_MOVES } from './key-watch';
import { isNoticed, withNotice } from './loss-notice';
import { actorWrites } from './name-actor';
import { type NotedLook, noteLook } from './note-look';
import { dueWhileOwed, owedPage } from './paging/owed-page';
import { isByRole } from './policy/loss-in-words';
import { SESSION_MS } from './role-lost';
import { troubleIn } from './trouble-in-look';
import type { Verdict } from './verdict';
import { noteSafeguards } from './warnings/note-safeguards';

export interface AssessPorts extends ConfirmPorts {
  readonly control: ControlStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

/** A change that no look confirms yet is looked for once more after so long, by the probe. */
const AGAIN_MS = 30_000;

/** What is assessed, by whose word, and since when somebody has told of it. */
export type Hint = Pick<KeySignalReceived, 'kmsKeyArn' | 'signal' | 'signalledAt'>;

/**
 * Confirms a signal and records what follows from it.
 *
 * Safe to repeat: a verdict that is already recorded changes nothing but when the probe comes.
 *
 * @throws KeywrightError `state.changed-meanwhile` (retry), `store.unreachable` (retry).
 */
export async function assessKey(signal: Hint, ports: AssessPorts): Promise<void> {
  // A probe or another signal may write at the same time: a page cannot wait for the queue to come round again.
  await retryOnConflict(() => assess(signal, ports));
}

async function assess(signal: Hint, ports: AssessPorts): Promise<void> {
  const { control, log } = ports;
  const key = await control.find('kms-key', signal.kmsKeyArn);
  const watch = await control.find('key-watch', signal.kmsKeyArn);
  if (!key || !watch) return log.info('signal ignored: the key is not watched', { kmsKeyArn: signal.kmsKeyArn });
  if (!isInUse(key)) return endWatch(key, watch, ports);

  const evidence = await confirmFinding(key, watch, ports);
  const finding = evidence && findingOf(evidence);
  if (!evidence) log.warn('looks at the key disagree; the probe looks again soon', { kmsKeyArn: key.kmsKeyArn });
  const look = await noteLook(watch, finding, key, ports);
  const noted = await noteSafeguards(look, evidence?.guarded, key, ports);
  const rows = { key, watch: noted.watch };
  const change =
    (evidence && (await changeFor(evidence, signal, rows, ports))) ?? afterNoNews(signal, finding, noted, ports);
  if (change) await control.commit({ ...change, writes: [...withWatch(change, noted), ...noted.writes] });
}

/** What was noted of the look is written with the watch that says so. */
function withWatch({ writes }: Change, noted: NotedLook): readonly Write[] {
  const isWritten = noted.writes.length === 0 || writes.some(({ entityType }) => entityType === 'key-watch');
  return isWritten ? writes : [...writes, { entityType: 'key-watch', row: noted.watch }];
}

/** What is written where nothing is new: when the key is looked at again, and for how long looks have told nothing. */
function afterNoNews(
  { signal }: Hint,
  finding: Finding | undefined,
  { watch, writes }: NotedLook,
  { clock }: AssessPorts,
): Change | undefined {
  if (!finding || signal === 'customer-event') return lookAgain(watch, clock.now());
  return writes.length === 0 ? undefined : { writes: [{ entityType: 'key-watch', row: watch }], facts: [] };
}

/**
 * KMS shows a change late: a look that found none of it is not the last for five minutes. One more follows, and no other
 * unless that one finds news. Written also where the probe is due: one that looked before this loses to it.
 */
const lookAgain = (watch: KeyWatch, now: string): Change => ({
  writes: [{ entityType: 'key-watch', row: { ...watch, dueAt: later(now, AGAIN_MS) } }],
  facts: [],
});

interface Rows {
  readonly key: KmsKey;
  readonly watch: KeyWatch;
}

async function changeFor(
  evidence: Evidence,
  signal: Hint,
  { key, watch }: Rows,
  ports: AssessPorts,
): Promise<Change | undefined> {
  const finding = findingOf(evidence);
  ports.log.info('key assessed', { kmsKeyArn: key.kmsKeyArn, signal: signal.signal, ...finding });
  // What we cannot tell changes nothing: the probe comes back until we can.
  if (troubleIn(finding) !== undefined) return undefined;
  if (isSame(finding, watch.verdict)) {
    const writes = [...noticeFor(key, watch), ...(await actorWrites(watch, ports))];
    return writes.length === 0 ? undefined : { writes, facts: [] };
  }

  const verdict = verdictOf(finding, evidence, ports.clock.now());
  const open = await openIncidentOf(watch, ports);
  const found = await incidentAfter(verdict, signal, { key, watch, open }, ports);
  // A drill is a matter of its own, and part of no storm.
  const isAlone = !found || found.drillId !== undefined || !(await isAnotherMatter(found, open, ports));
  const joined = isAlone ? { incident: found, writes: [] } : await joinGroup(found, key, verdict.at, ports);
  const { incident } = joined;
  const next = watchAfter(watch, verdict, incident);
  const writes: Write[] = [{ entityType: 'key-watch', row: next }, ...noticeFor(key, next), ...joined.writes];
  if (incident) writes.push({ entityType: 'incident', row: dueWhileOwed(incident, verdict.at) });
  // That it is over is told by the one that follows it: the key never came back.
  if (open && incident?.follows === open.incidentId) {
    const over = transition(INCIDENT_MOVES, open, { ...open, state: 'closed', followedBy: incident.incidentId });
    writes.push({ entityType: 'incident', row: dueWhileOwed(over, verdict.at) });
  }
  return { writes, facts: factsOf(watch, next, incident, ports) };
}

/** Whether somebody is to be found who tells on-call of it: it is new, or it became more than its storm's leader speaks for. */
async function isAnotherMatter(
  found: KeyIncident,
  open: KeyIncident | undefined,
  { control, clock }: AssessPorts,
): Promise<boolean> {
  if (found.incidentId !== open?.incidentId) return true;
  if (found.partOf === undefined || found.state !== 'open') return false;
  const leader = await control.find('incident', found.partOf);
  return !leader || !isKeys(leader) || !speaksFor(leader, found, clock.now());
}

/** What applications know changes in one transaction with what we believe. */
const noticeFor = (key: KmsKey, watch: KeyWatch): readonly Write[] =>
  isNoticed(key, watch) ? [] : [{ entityType: 'kms-key', row: withNotice(key, watch) }];

const verdictOf = (finding: Finding, evidence: Evidence, at: string): Verdict => ({
  availability: finding.availability,
  ...(finding.cause && { cause: finding.cause }),
  ...(finding.party && { party: finding.party }),
  ...(finding.confidence && { confidence: finding.confidence }),
  evidence: finding.says,
  ...(finding.lost && { lost: finding.lost }),
  ...(finding.lost?.some(isByRole) && { bitesAt: later(at, SESSION_MS) }),
  ...defined({ recoverableUntil: evidence.deletionDate }),
  at,
});

function watchAfter(watch: KeyWatch, verdict: Verdict, incident: KeyIncident | undefined): KeyWatch {
  const { openIncidentId: _open, toldSince: _told, acts: before, ...kept } = watch;
  // What led to a loss that is over explains no later one.
  const acts = verdict.availability === 'available' ? before?.filter(({ at }) => at > watch.verdict.at) : before;
  return transition(WATCH_MOVES, watch, {
    ...kept,
    ...defined({ acts }),
    availability: verdict.availability,
    verdict,
    since: verdict.availability === watch.availability ? watch.since : verdict.at,
    // No event may tell of the way back: the probe that found the loss left the next one to the pace of a healthy key.
    dueAt: verdict.at,
    ...(incident && !isOver(incident) && { openIncidentId: incident.incidentId }),
  });
}

function factsOf(before: KeyWatch, after: KeyWatch, incident: KeyIncident | undefined, ports: FactPorts) {
  const { at } = after.verdict;
  const { kmsKeyArn, customerId } = after;
  const about = { kmsKeyArn, customerId, at };
  const changed = newFact(keyAvailabilityChanged, ports, {
    ...about,
    from: before.availability,
    to: after.availability,
    cause: after.verdict.cause,
    party: after.verdict.party,
    confidence: after.verdict.confidence,
    evidence: after.verdict.evidence,
  });
  if (!incident) return [changed];
  const fields = { ...factFieldsOf(incident), at };
  if (isOver(incident))
    return [changed, newFact(incidentClosed, ports, { ...fields, recoveredAt: incident.recoveredAt ?? at })];
  const isNew = incident.incidentId !== before.openIncidentId;
  // A key that is lost again before anybody was paged: somebody is, now.
  const isOwed = before.availability === 'available' && owedPage(incident) === 'opened';
  if (!isNew && !isOwed) return [changed];
  return [changed, newFact(incidentOpened, ports, { ...fields, ...stakesOf(incident) })];
}
