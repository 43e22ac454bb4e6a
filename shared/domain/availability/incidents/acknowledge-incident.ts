/** acknowledge-incident: a person says that they have an incident in hand. The first who says so has it. */
import { incidentAcknowledged } from '../../../../events/incident-acknowledged';
import { invalid, refusal } from '../../errors';
import { utc } from '../../instants';
import { newFact } from '../../outbox/new-fact';
import type { Clock, ControlStore, Ids } from '../../ports';
import { retryOnConflict } from '../../retry-on-conflict';
import { committed } from '../../rows';
import { incidentOf } from './find-incidents';
import type { Incident } from './incident';
import { factFieldsOf } from './incident-fact-fields';

export interface AcknowledgePorts {
  readonly control: ControlStore;
  readonly clock: Clock;
  readonly ids: Ids;
}

export interface Acknowledgement {
  readonly incidentId: string;
  /** The principal who has it in hand. */
  readonly by: string;
  readonly note: string;
}

/**
 * Safe to repeat, also at the same time: whoever has it already changes nothing by saying so again, and their first note stays.
 *
 * @throws KeywrightError `state.not-found`; `state.forbids` when somebody else has it, or when it is over; `input.invalid`.
 */
export async function acknowledgeIncident(request: Acknowledgement, ports: AcknowledgePorts): Promise<Incident> {
  if (request.note.trim() === '') throw invalid('note', 'must say who does what, in words for whoever comes next.');
  return retryOnConflict(async () => {
    const incident = await incidentOf(request.incidentId, ports);
    const { acknowledged } = incident;
    if (acknowledged?.by === request.by) return incident;
    if (acknowledged) throw heldBy(acknowledged);
    if (incident.state === 'closed')
      throw refusal(
        'state.forbids',
        'incidentId',
        `the incident is over. See how it went: keywright incident ${incident.incidentId}`,
      );
    return acknowledge(incident, request, ports);
  });
}

const heldBy = ({ by, at, note }: NonNullable<Incident['acknowledged']>) =>
  refusal('state.forbids', 'incidentId', `${by} has it in hand since ${utc(at)}: ${note}. Talk to them.`);

async function acknowledge(
  incident: Incident,
  { by, note }: Acknowledgement,
  { control, clock, ids }: AcknowledgePorts,
): Promise<Incident> {
  const at = clock.now();
  const row: Incident = { ...incident, acknowledged: { by, at, note } };
  const fact = newFact(
    incidentAcknowledged,
    { clock, ids },
    { ...factFieldsOf(incident), at, acknowledgedBy: by, note },
  );
  await control.commit({ writes: [{ entityType: 'incident', row }], facts: [fact] });
  return committed(row);
}
