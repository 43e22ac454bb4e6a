/** Whether the page of one incident tells on-call all that another one would: only then is the other part of its storm. */
import { elapsedMs, MINUTE_MS } from '../../instants';
import type { KeyIncident } from './incident';
import { severityOf } from './severity';
import { SEVERITIES } from './severity-level';

/** Keys of one act are deleted within moments of each other, and come back within minutes. */
const TOGETHER_MS = 10 * MINUTE_MS;

/**
 * Not where the leader is over, weighs less, or counts down to no such deadline: whoever was paged for it, by the channels that are for
 * it, would not hear of the graver matter. A leader that is back only just speaks for the others, who are likely to follow.
 */
export const speaksFor = (leader: KeyIncident, incident: KeyIncident, now: string): boolean =>
  isHeard(leader) && rankOf(leader) <= rankOf(incident) && countsDownTo(leader, incident, now);

/** One that came back before anybody was paged pages nobody. */
const isHeard = (leader: KeyIncident): boolean =>
  leader.state === 'open' || (leader.state === 'recovering' && leader.pagedAt !== undefined);

const rankOf = (incident: KeyIncident): number => SEVERITIES.indexOf(severityOf(incident));

function countsDownTo(leader: KeyIncident, { recoverableUntil }: KeyIncident, now: string): boolean {
  if (recoverableUntil === undefined) return true;
  if (leader.state === 'recovering') return elapsedMs(leader.recoveredAt ?? now, now) <= TOGETHER_MS;
  return leader.recoverableUntil !== undefined && elapsedMs(recoverableUntil, leader.recoverableUntil) <= TOGETHER_MS;
}
