/** A round through the customers of an incident: how far their intervals are written. One row an incident. */
import type { SlaInterval } from '../service-levels/sla-interval';

export interface LedgerRound {
  readonly incidentId: string;
  /** The place of the last customer whose interval is written in this round; absent where it has just begun. */
  readonly after?: string;
  /** The facts that told of changes of the incident, the first first. */
  readonly restsOn: SlaInterval['restsOn'];
  /** When the round goes on, or the next one begins; absent once the incident is over and everybody's interval with it. */
  readonly dueAt?: string;
  readonly revision: number;
}
