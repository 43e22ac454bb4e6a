/** Which page on-call is owed about an incident. The row itself says so: no event and no index is needed to know. */
import { later, MINUTE_MS, NEVER } from '../../instants';
import { type Incident, isKeys, isOver } from '../incidents/incident';
import { isGrowthOwed } from '../incidents/members';
import { isRecordedOnly } from '../incidents/severity';
import { isWarningOwed, nextWarningAt } from './deletion-countdown';

/** What a page tells: that an incident opened, that it is one of many, how long a key can be given back, that it is over. */
export type OwedPage = 'opened' | 'grown' | 'deadline' | 'closed';

/**
 * Undefined: none. While it is recovering that it leads others is told, and nothing else yet. What is only recorded, or came and went
 * before anybody was paged, pages nobody; who was paged is told that it is over, by the last of the incidents that follow each other.
 */
export function owedPage(incident: Incident): OwedPage | undefined {
  const { state, recoveryPagedAt, followedBy } = incident;
  if (state === 'recovering') return growthOf(incident);
  if (state === 'open') return owedWhileOpen(incident);
  const isNotified = recoveryPagedAt !== undefined || followedBy !== undefined;
  return pagedSince(incident) !== undefined && !isNotified ? 'closed' : undefined;
}

/** What is part of a storm is told by the one that leads it. */
function owedWhileOpen(incident: Incident): OwedPage | undefined {
  if (isKeys(incident) && incident.partOf !== undefined) return undefined;
  if (incident.pagedAt === undefined) return isRecordedOnly(incident) ? undefined : 'opened';
  return growthOf(incident);
}

/** Others may be lost while the one that leads them is back. */
const growthOf = (incident: Incident): OwedPage | undefined =>
  isKeys(incident) && incident.pagedAt !== undefined && isGrowthOwed(incident.members) ? 'grown' : undefined;

/** Since when the page that is owed has been owed: attempts move the date of the row. */
export function owedSince(incident: Incident): string | undefined {
  const owed = owedPage(incident);
  if (owed === 'opened') return incident.detectedAt;
  if (owed === 'grown') return (isKeys(incident) && incident.members?.grownAt) || incident.pagedAt;
  return owed && (incident.recoveredAt ?? incident.outOfUseAt);
}

/** When somebody was paged who is still to be told that it is over. */
export const pagedSince = ({ pagedAt, pagedSince }: Incident): string | undefined => pagedAt ?? pagedSince;

/** What on-call is owed at this moment: its page, or a word of the countdown to the key's deletion. */
export const owedAt = (incident: Incident, now: string): OwedPage | undefined =>
  owedPage(incident) ?? (isKeys(incident) && isWarningOwed(incident, now) ? 'deadline' : undefined);

/**
 * The incident as it is to be written: due while a page is owed, or once it has been quiet. Else one that is not over is due with the
 * next word of its countdown, or never, and stays in the index of what is: those are found there, and what is over leaves it.
 */
export function dueWhileOwed({ dueAt = NEVER, ...incident }: Incident, now: string): Incident {
  if (owedAt(incident, now) !== undefined) return { ...incident, dueAt: isClaim(dueAt, now) ? dueAt : now };
  return isOver(incident) ? incident : { ...incident, dueAt: restDateOf(incident) };
}

/**
 * Whoever sends a page puts its row off by less than this. What is due later only waits for its countdown, or was put off by a clock that
 * ran ahead: it keeps no page.
 */
const isClaim = (dueAt: string, now: string): boolean => dueAt <= later(now, MINUTE_MS);

/** Whether somebody is sending still, or has just failed to, as the date says that their claim left. */
export const isClaimed = (until: string | undefined, now: string): boolean =>
  until !== undefined && until > now && isClaim(until, now);

const restDateOf = (incident: Incident): string =>
  isKeys(incident) ? (incident.quietUntil ?? nextWarningAt(incident) ?? NEVER) : NEVER;
