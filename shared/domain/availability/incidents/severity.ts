/** How much an incident weighs: what it stops, and whether it stops it already. */

import { type Cause, OWN_POLICY_CAUSES } from '../verdict';
import { type Incident, isOperators, type KeyIncident } from './incident';
import type { Severity } from './severity-level';
import { TROUBLE } from './trouble';

/** What serves still, and will not for long or not by this name. */
const STILL_SERVES: ReadonlySet<Cause> = new Set(['key-material-expiring', 'alias-moved']);

/** Whether the key may still serve applications: we alone are refused, or what is lost is not what serves. */
export const isAtStake = ({ cause, lost }: Pick<KeyIncident, 'cause' | 'lost'>): boolean =>
  lost !== undefined || OWN_POLICY_CAUSES.has(cause) || STILL_SERVES.has(cause);

/** The weight of an incident, by its kind. */
export const severityOf = (incident: Incident): Severity =>
  isOperators(incident) ? TROUBLE[incident.trouble].severity : severityOfKey(incident);

/** Whether nobody is paged for it. */
export const isRecordedOnly = (incident: Incident): boolean =>
  isOperators(incident) && TROUBLE[incident.trouble].severity === 'info';

/** Nobody misses a key that no data store names. */
const severityOfKey = (incident: KeyIncident): Severity =>
  isAtStake(incident) || incident.impact.dataStoreCount === 0 ? 'warning' : 'critical';
