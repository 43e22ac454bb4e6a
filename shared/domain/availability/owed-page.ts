/** Which page on-call is owed about an incident. The row itself says so: no event and no index is needed to know. */
import type { Incident } from './key-watch';

/** Undefined: none. What came and went before anybody was woken wakes nobody; who was woken is told that it is over. */
export function owedPage({ state, pagedAt, recoveryPagedAt }: Incident): 'opened' | 'closed' | undefined {
  if (state === 'open') return pagedAt === undefined ? 'opened' : undefined;
  return pagedAt !== undefined && recoveryPagedAt === undefined ? 'closed' : undefined;
}

/** The incident as it is to be written: due while a page is owed, and among what is due no longer. */
export function dueWhileOwed({ dueAt, ...incident }: Incident, now: string): Incident {
  return owedPage(incident) === undefined ? incident : { ...incident, dueAt: dueAt ?? now };
}
