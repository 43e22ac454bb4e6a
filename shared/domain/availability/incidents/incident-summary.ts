/** An incident in a list: what fits a line or two. */

import type { Party } from '../../../../events/fields';
import { defined } from '../../optional-fields';
import type { Cause } from '../verdict';
import { type Incident, isOperators, type KeyIncident } from './incident';
import { severityOf } from './severity';
import type { Severity } from './severity-level';
import type { Trouble } from './trouble';

interface SummaryBase {
  readonly incidentId: string;
  readonly state: Incident['state'];
  readonly severity: Severity;
  readonly detectedAt: string;
  readonly pagedAt?: string;
  readonly acknowledgedBy?: string;
  /** When it was over: the key was back, or was taken out of use by us, or the trouble ended. */
  readonly endedAt?: string;
}

export interface KeyIncidentSummary extends SummaryBase {
  readonly kind: 'key';
  readonly kmsKeyArn: string;
  /** Absent: customers share the key. */
  readonly customerId?: string;
  readonly cause: Cause;
  readonly party?: Party;
  readonly customerCount: number;
  readonly dataStoreCount: number;
  /** The customer on whose budget it weighs most. */
  readonly weighsOn?: string;
  readonly recoverableUntil?: string;
  /** The drill that caused it. */
  readonly drillId?: string;
  /** How many more keys it leads, of a storm. */
  readonly memberCount?: number;
  /** The incident that leads the storm that it is part of. */
  readonly partOf?: string;
}

export interface OperatorIncidentSummary extends SummaryBase {
  readonly kind: 'operator';
  readonly trouble: Trouble;
  /** What has it: a region, an account, a channel or a function. */
  readonly subject: string;
  /** How many KMS keys we cannot see or use because of it. */
  readonly keyCount: number;
}

export type IncidentSummary = KeyIncidentSummary | OperatorIncidentSummary;

/** The incident without its lists. */
export function summaryOf(incident: Incident): IncidentSummary {
  const base = baseOf(incident);
  if (!isOperators(incident)) return { ...base, ...keyPartOf(incident) };
  const { kind, trouble, subject, keyCount } = incident;
  return { ...base, kind, trouble, subject, keyCount };
}

function baseOf(incident: Incident): SummaryBase {
  const { incidentId, state, detectedAt, acknowledged } = incident;
  const pagedAt = incident.pagedAt ?? incident.pagedSince;
  const endedAt = incident.recoveredAt ?? incident.outOfUseAt;
  return {
    incidentId,
    state,
    severity: severityOf(incident),
    detectedAt,
    ...defined({ pagedAt, acknowledgedBy: acknowledged?.by, endedAt }),
  };
}

function keyPartOf(incident: KeyIncident) {
  const { kmsKeyArn, customerId, cause, party, impact, outlook, recoverableUntil, partOf, members, drillId } = incident;
  const { customerCount, dataStoreCount } = impact;
  return {
    kind: 'key' as const,
    kmsKeyArn,
    cause,
    customerCount,
    dataStoreCount,
    ...defined({ customerId, party, weighsOn: outlook?.budget?.customerId, recoverableUntil }),
    ...defined({ drillId, partOf, memberCount: members?.count }),
  };
}
