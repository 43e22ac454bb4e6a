/**
 * The countdown to a key's deletion: on-call is told once a step how long the key can still be given back.
 *
 * It is an update of the incident that is open about the key, by its id, never an incident of its own: what is wrong, whose act it is
 * and who has it in hand are the same, and it ends with it. The row says all that is needed: a step whose moment has come since
 * on-call was told last is owed, and the next one is when the row is due.
 */
import { DAY_MS, later } from '../../instants';
import type { KeyIncident } from '../incidents/incident';

const HOUR_MS = 3_600_000;

/** How long before the deletion on-call is told, the longest first. */
export const COUNTDOWN_MS = [7 * DAY_MS, 3 * DAY_MS, DAY_MS, 6 * HOUR_MS, HOUR_MS] as const;

type Counted = Pick<
  KeyIncident,
  'state' | 'cause' | 'impact' | 'recoverableUntil' | 'pagedAt' | 'pagedSince' | 'warnedAt' | 'partOf'
>;

/**
 * Whether on-call is owed a word about a step. Of several that nobody was told of, one word tells the last. Steps from before the page
 * are in the page itself.
 */
export function isWarningOwed(incident: Counted, now: string): boolean {
  const told = toldAt(incident);
  return told !== undefined && momentsOf(incident).some((moment) => moment > told && moment <= now);
}

/** When the next word is owed; undefined: none is left. */
export function nextWarningAt(incident: Counted): string | undefined {
  const told = toldAt(incident);
  return told === undefined ? undefined : momentsOf(incident).find((moment) => moment > told);
}

/** When on-call was last told about the incident; undefined: not yet, so they hear it all with the page. */
const toldAt = ({ warnedAt, pagedAt, pagedSince }: Counted): string | undefined =>
  [warnedAt, pagedAt ?? pagedSince]
    .filter((instant) => instant !== undefined)
    .sort()
    .at(-1);

/** In the order of time; none where nothing depends on the key, nobody deletes it, or another incident speaks for it. */
function momentsOf({ state, cause, impact, recoverableUntil, partOf }: Counted): readonly string[] {
  const isCounted =
    state === 'open' && partOf === undefined && cause === 'key-pending-deletion' && impact.dataStoreCount > 0;
  // A date that is none is counted down to by nobody, and keeps no page.
  if (!isCounted || Number.isNaN(Date.parse(recoverableUntil ?? ''))) return [];
  return COUNTDOWN_MS.map((ms) => later(recoverableUntil ?? '', -ms));
}
