/** What a fact says of the incident that it tells of. */
import type { Party } from '../../../../events/fields';
import { type Incident, isOperators, type KeyIncident } from './incident';

export interface IncidentFactFields {
  readonly incidentId: string;
  readonly kmsKeyArn?: string;
  /** Absent: the fact belongs into the operator's stream. */
  readonly customerId?: string;
  readonly cause?: string;
  readonly party?: Party;
  readonly trouble?: string;
  readonly subject?: string;
}

/** The fields that every fact about an incident has, by its kind. Trouble of our own names no customer. */
export function factFieldsOf(incident: Incident): IncidentFactFields {
  const { incidentId } = incident;
  if (isOperators(incident)) return { incidentId, trouble: incident.trouble, subject: incident.subject };
  const { kmsKeyArn, customerId, cause, party } = incident;
  return {
    incidentId,
    kmsKeyArn,
    ...(customerId !== undefined && { customerId }),
    cause,
    ...(party !== undefined && { party }),
  };
}

/** What an incident stops, and until when that can be undone. Stores of customers who share a key are named to each of them alone. */
export function stakesOf({ customerId, impact, recoverableUntil, follows, partOf }: KeyIncident) {
  const stores = customerId === undefined ? undefined : impact.dataStores.map(({ dataStoreId }) => dataStoreId);
  return { dataStoreCount: stores && impact.dataStoreCount, dataStoreIds: stores, recoverableUntil, follows, partOf };
}
