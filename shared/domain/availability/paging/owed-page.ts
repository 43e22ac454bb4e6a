/** Which page on-call is owed about an incident. The row itself says so: no event and no index is needed to know. */
import { NEVER } from '../../instants';
import { type Incident, isKeys, isOver } from '../incidents/incident';
import { isGrowthOwed } from '../incidents/members';
import { isRecordedOnly } from '../incidents/severity';

/** What a page tells: that an incident opened, that it is one of many, that it is over. */
export type OwedPage = 'opened' | 'grown' | 'closed';

/**
 * Undefined: none, and none yet while it is recovering. What is only recorded, or came and went before anybody was paged, pages nobody; who was paged is told that
 * it is over, by the last of the incidents that follow each other.
 */
export function owedPage(incident: Incident): OwedPage | undefined {
  const { state, recoveryPagedAt, followedBy } = incident;
  if (state === 'recovering') return undefined;
  if (state === 'open') return owedWhileOpen(incident);
  const isNotified = recoveryPagedAt !== undefined || followedBy !== undefined;
  return pagedSince(incident) !== undefined && !isNotified ? 'closed' : undefined;
}

/** What is part of a storm is told by the one that leads it. */
function owedWhileOpen(incident: Incident): OwedPage | undefined {
  if (isKeys(incident) && incident.partOf !== undefined) return undefined;
  if (incident.pagedAt === undefined) return isRecordedOnly(incident) ? undefined : 'opened';
  return isKeys(incident) && isGrowthOwed(incident.members) ? 'grown' : undefined;
}

/** Since when the page that is owed has been owed: attempts move the date of the row. */
export function owedSince(incident: Incident): string | undefined {
  const owed = owedPage(incident);
  if (owed === 'opened') return incident.detectedAt;
  if (owed === 'grown') return incident.pagedAt;
  return owed && (incident.recoveredAt ?? incident.outOfUseAt);
}

/** When somebody was paged who is still to be told that it is over. */
export const pagedSince = ({ pagedAt, pagedSince }: Incident): string | undefined => pagedAt ?? pagedSince;

/**
 * The incident as it is to be written: due while a page is owed, or once it has been quiet. Else one that is not over is never
 * due, and stays in the index of what is: those are found there, and what is over leaves it.
 */
export function dueWhileOwed({ dueAt = NEVER, ...incident }: Incident, now: string): Incident {
  if (owedPage(incident) !== undefined) return { ...incident, dueAt: dueAt === NEVER ? now : dueAt };
  return isOver(incident) ? incident : { ...incident, dueAt: restDateOf(incident) };
}

const restDateOf = (incident: Incident): string => (isKeys(incident) ? incident.quietUntil : undefined) ?? NEVER;
