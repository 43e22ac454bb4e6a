/** One incident, by the id that its page names. */
import { incidentOf } from '../availability/incidents/find-incidents';
import type { Incident, KeyIncident, OperatorIncident } from '../availability/incidents/incident';
import { type TimelineEntry, timelineOf } from '../availability/incidents/incident-timeline';
import { severityOf } from '../availability/incidents/severity';
import type { Severity } from '../availability/incidents/severity-level';
import type { ControlStore } from '../ports';
import { id } from './fields';
import { defineOperation } from './operation';

type Shown<Kind extends Incident> = Omit<Kind, 'dueAt' | 'revision'> & { readonly severity: Severity };

/** An incident without what only the product uses. */
export type ShownIncident = Shown<KeyIncident> | Shown<OperatorIncident>;

export interface IncidentShown {
  readonly incident: ShownIncident;
  readonly timeline: readonly TimelineEntry[];
}

export const showIncident = defineOperation(
  'show-incident',
  { incidentId: id },
  async ({ incidentId }, _caller, ports: { readonly control: ControlStore }): Promise<IncidentShown> => {
    const incident = await incidentOf(incidentId, ports);
    return { incident: shown(incident), timeline: timelineOf(incident) };
  },
);

/** The incident as people see it. */
export function shown(incident: Incident): ShownIncident {
  const { dueAt: _page, revision: _store, ...rest } = incident;
  return { ...rest, severity: severityOf(incident) };
}
