/** Which page on-call is owed about an incident. The row itself says so: no event and no index is needed to know. */
import type { Incident } from './key-watch';

/**
 * Undefined: none. What came and went before anybody was woken wakes nobody; who was woken is told that it is over, by the
 * last of the incidents that follow each other.
 */
export function owedPage(incident: Incident): 'opened' | 'closed' | undefined {
  const { state, pagedAt, recoveryPagedAt, followedBy } = incident;
  if (state === 'open') return pagedAt === undefined ? 'opened' : undefined;
  const isTold = recoveryPagedAt !== undefined || followedBy !== undefined;
  return wokenAt(incident) !== undefined && !isTold ? 'closed' : undefined;
}

/** When somebody was woken who is still to be told that it is over. */
export const wokenAt = ({ pagedAt, wokenAt }: Incident): string | undefined => pagedAt ?? wokenAt;

/** The incident as it is to be written: due while a page is owed, and among what is due no longer. */
export function dueWhileOwed({ dueAt, ...incident }: Incident, now: string): Incident {
  return owedPage(incident) === undefined ? incident : { ...incident, dueAt: dueAt ?? now };
}
