/** What people do about an incident: have it explained, and say that they have it in hand. */
import { type AcknowledgePorts, acknowledgeIncident } from '../availability/incidents/acknowledge-incident';
import { type Explanation, explainIncident } from '../availability/incidents/explain-incident';
import type { ControlStore } from '../ports';
import { id, sentence } from './fields';
import { defineOperation } from './operation';
import { type ShownIncident, shown } from './show-incident';

const note = sentence('must say who does what, in words for whoever reads the audit stream');

export const acknowledgeIncidentOperation = defineOperation(
  'acknowledge-incident',
  { incidentId: id, note },
  async (input, { principal }, ports: AcknowledgePorts): Promise<{ readonly incident: ShownIncident }> => ({
    incident: shown(await acknowledgeIncident({ ...input, by: principal }, ports)),
  }),
);

export const explainIncidentOperation = defineOperation(
  'explain-incident',
  { incidentId: id },
  ({ incidentId }, _caller, ports: { readonly control: ControlStore }): Promise<Explanation> =>
    explainIncident(incidentId, ports),
);
