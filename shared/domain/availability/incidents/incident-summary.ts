/** An incident in a list: what fits a line or two. */

import type { Party } from '../../../../events/fields';
import type { Cause } from '../verdict';
import type { Incident } from './incident';
import { type Severity, severityOf } from './severity';

export interface IncidentSummary {
  readonly incidentId: string;
  readonly kmsKeyArn: string;
  /** Absent: customers share the key. */
  readonly customerId?: string;
  readonly state: Incident['state'];
  readonly severity: Severity;
  readonly cause: Cause;
  readonly party?: Party;
  readonly customerCount: number;
  readonly dataStoreCount: number;
  readonly detectedAt: string;
  readonly pagedAt?: string;
  readonly acknowledgedBy?: string;
  /** When the key was back, or was taken out of use by us. */
  readonly endedAt?: string;
  readonly recoverableUntil?: string;
}

/** The incident without its lists. */
export function summaryOf(incident: Incident): IncidentSummary {
  const { incidentId, kmsKeyArn, customerId, state, cause, party, impact, detectedAt, recoverableUntil } = incident;
  const pagedAt = incident.pagedAt ?? incident.pagedSince;
  const endedAt = incident.recoveredAt ?? incident.outOfUseAt;
  return {
    incidentId,
    kmsKeyArn,
    ...(customerId !== undefined && { customerId }),
    state,
    severity: severityOf(incident),
    cause,
    ...(party !== undefined && { party }),
    customerCount: impact.customerCount,
    dataStoreCount: impact.dataStoreCount,
    detectedAt,
    ...(pagedAt !== undefined && { pagedAt }),
    ...(incident.acknowledged && { acknowledgedBy: incident.acknowledged.by }),
    ...(endedAt !== undefined && { endedAt }),
    ...(recoverableUntil !== undefined && { recoverableUntil }),
  };
}
