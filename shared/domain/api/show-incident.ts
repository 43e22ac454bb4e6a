/** One incident, by the id that its page names. */
import { incidentOf } from '../availability/incidents/find-incidents';
import type { Incident } from '../availability/incidents/incident';
import { type TimelineEntry, timelineOf } from '../availability/incidents/incident-timeline';
import { type Severity, severityOf } from '../availability/incidents/severity';
import type { ControlStore } from '../ports';
import { id } from './fields';
import { defineOperation } from './operation';

/** An incident without what only the product uses. */
export type ShownIncident = Omit<Incident, 'dueAt' | 'knownParty' | 'revision'> & { readonly severity: Severity };

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
export function shown({ dueAt: _page, knownParty: _before, revision: _store, ...incident }: Incident): ShownIncident {
  return { ...incident, severity: severityOf(incident) };
}
