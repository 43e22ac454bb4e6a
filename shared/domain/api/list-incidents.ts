/** Incidents in pages: open ones first, then the newest. */
import * as z from 'zod/mini';
import { incidentsOf, openIncidentsOf, unsettledIncidents } from '../availability/incidents/find-incidents';
import { type Incident, isKeys, isOver } from '../availability/incidents/incident';
import { type IncidentSummary, summaryOf } from '../availability/incidents/incident-summary';
import { invalid } from '../errors';
import { count, id, keyName, yesOrNo } from './fields';
import type { FindKeyPorts } from './find-key';
import { keysMeant } from './list-keys';
import { defineOperation } from './operation';

/** So many are read for a list. Of more, those that are open are listed first where a key or a customer is named. */
export const INCIDENTS_READ_MAX = 10_000;

const LIMIT_MAX = 100;
const LIMIT_DEFAULT = 50;

export interface IncidentPage {
  readonly incidents: readonly IncidentSummary[];
  /** What the next page comes after; absent in the last one. */
  readonly next?: string;
  /** There are more than were read: name a key. */
  readonly more: boolean;
}

interface Which {
  readonly key?: string | undefined;
  readonly customerId?: string | undefined;
  readonly all?: boolean | undefined;
}

/**
 * Without a key or a customer: everything that is open, a storm as the one incident that leads it. One that opens or ends between two pages may be in both, or in none.
 */
export const listIncidents = defineOperation(
  'list-incidents',
  {
    key: z.optional(keyName),
    customerId: z.optional(id),
    all: z.optional(yesOrNo),
    limit: z.optional(count),
    after: z.optional(id),
  },
  async ({ limit = LIMIT_DEFAULT, after, ...which }, _caller, ports: FindKeyPorts): Promise<IncidentPage> => {
    if (limit < 1 || limit > LIMIT_MAX) throw invalid('limit', `must be from 1 to ${LIMIT_MAX}.`);
    if (after !== undefined && !/^(open|closed)\/./.test(after))
      throw invalid('after', 'must be what the page before gave as `next`. Leave it out for the first page.');
    const { found, more } = await read(await sourceOf(which, ports), isListed(which));
    const left = found.filter((one) => after === undefined || isAfter(placeOf(one), after));
    const incidents = left.slice(0, limit);
    const last = incidents.at(-1);
    return { incidents, ...(last && left.length > limit && { next: placeOf(last) }), more };
  },
);

async function sourceOf({ key, customerId, all }: Which, ports: FindKeyPorts): Promise<AsyncIterable<Incident>> {
  if (key === undefined && customerId === undefined) {
    if (all)
      throw invalid(
        'all',
        'goes with a key or a customer: what is over is found by them alone. Name a key or a customer.',
      );
    return unsettledIncidents(ports);
  }
  const keys = await keysMeant({ key, customerId }, ports);
  return all ? incidentsOf(keys, customerId, ports) : openIncidentsOf(keys, ports);
}

/** Among all that is open a storm is the incident that leads it; of a key or a customer each of theirs is shown. */
const isListed =
  ({ key, customerId }: Which) =>
  (incident: Incident): boolean =>
    key !== undefined || customerId !== undefined || (!isOver(incident) && !isPart(incident));

const isPart = (incident: Incident): boolean => isKeys(incident) && incident.partOf !== undefined;

/** Bounded by what is read, whatever of it is listed. @returns each once, in order. */
async function read(incidents: AsyncIterable<Incident>, isShown: (incident: Incident) => boolean) {
  const found = new Map<string, IncidentSummary>();
  let count = 0;
  for await (const incident of incidents) {
    if (count === INCIDENTS_READ_MAX) return { found: inOrder(found), more: true };
    count += 1;
    if (isShown(incident) && !found.has(incident.incidentId)) found.set(incident.incidentId, summaryOf(incident));
  }
  return { found: inOrder(found), more: false };
}

const inOrder = (found: ReadonlyMap<string, IncidentSummary>) =>
  [...found.values()].sort((one, other) => (isAfter(placeOf(one), placeOf(other)) ? 1 : -1));

/** Ids are ordered by time, and `open` comes after `closed`: the greatest place is the first of the list. */
const placeOf = (one: IncidentSummary) => `${isOver(one) ? 'closed' : 'open'}/${one.incidentId}`;

const isAfter = (place: string, other: string): boolean => place < other;
