/** What happened in an incident, in the order of time. */
import { actorInWords } from '../key-acts';
import { type Incident, isKeys, isOperators } from './incident';
import { troubleText } from './trouble';

export interface TimelineEntry {
  readonly at: string;
  readonly what:
    | 'acted'
    | 'signalled'
    | 'detected'
    | 'paged'
    | 'acknowledged'
    | 'reminded'
    | 'recovered'
    | 'taken-out-of-use'
    | 'customers-told'
    | 'recovery-paged';
  /** Who did it, where somebody did. */
  readonly by?: string;
  /** In a sentence for a person. */
  readonly says: string;
}

/** What has not happened is not in it. */
export function timelineOf(incident: Incident): readonly TimelineEntry[] {
  const { acknowledged, evidence } = incident;
  const actedBy = isKeys(incident) ? incident.actedBy : undefined;
  const entries: readonly (Omit<TimelineEntry, 'at'> & { readonly at: string | undefined })[] = [
    {
      at: actedBy?.at,
      what: 'acted',
      ...(actedBy && isKeys(incident) && { by: actorInWords(actedBy, incident) }),
      says: `${actedBy?.operation}, by CloudTrail of that account`,
    },
    { at: incident.signalledAt, what: 'signalled', says: 'the first sign of it' },
    {
      at: incident.detectedAt,
      what: 'detected',
      says: `confirmed by our own ${isOperators(incident) ? 'looks' : 'call'}: ${evidence}`,
    },
    { at: incident.pagedSince, what: 'paged', says: `on-call was paged for what it follows, ${incident.follows}` },
    { at: incident.pagedAt, what: 'paged', says: 'on-call was paged' },
    {
      at: incident.customerToldAt,
      what: 'customers-told',
      says: 'the last of the customers whom it concerns was told',
    },
    {
      at: acknowledged?.at,
      what: 'acknowledged',
      ...(acknowledged && { by: acknowledged.by }),
      says: acknowledged?.note ?? '',
    },
    {
      at: isKeys(incident) ? incident.warnedAt : undefined,
      what: 'reminded',
      says: 'on-call was last told how long the key can still be given back',
    },
    { at: incident.recoveredAt, what: 'recovered', says: recoveryOf(incident) },
    { at: incident.outOfUseAt, what: 'taken-out-of-use', says: 'we took the key out of use ourselves' },
    { at: incident.recoveryPagedAt, what: 'recovery-paged', says: 'on-call was told that it is over' },
  ];
  return entries
    .flatMap(({ at, ...entry }) => (at === undefined ? [] : [{ at, ...entry }]))
    .sort((one, other) => (one.at === other.at ? 0 : one.at < other.at ? -1 : 1));
}

function recoveryOf(incident: Incident): string {
  if (isOperators(incident)) return troubleText(incident, 'over');
  return `the key ${incident.lost ? 'allows all that we need' : 'is available'} again, confirmed by our own call`;
}
