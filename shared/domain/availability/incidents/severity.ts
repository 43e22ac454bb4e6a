/** How much an incident weighs: what it stops, and whether it stops it already. */

import type { Cause } from '../verdict';
import { type Incident, isOperators, type KeyIncident } from './incident';
import type { Severity } from './severity-level';
import { TROUBLE } from './trouble';

/** Confirmed for what we looked with alone: applications call with roles of their own. */
const AT_STAKE: ReadonlySet<Cause> = new Set(['own-permissions']);

/** Whether the key may still serve applications: we alone are refused, or what is lost is not what serves. */
export const isAtStake = ({ cause, lost }: Pick<KeyIncident, 'cause' | 'lost'>): boolean =>
  lost !== undefined || AT_STAKE.has(cause);

/** The weight of an incident, by its kind. */
export const severityOf = (incident: Incident): Severity =>
  isOperators(incident) ? TROUBLE[incident.trouble].severity : severityOfKey(incident);

/** Whether nobody is paged for it. */
export const isRecordedOnly = (incident: Incident): boolean =>
  isOperators(incident) && TROUBLE[incident.trouble].severity === 'info';

/** Nobody misses a key that no data store names. */
const severityOfKey = (incident: KeyIncident): Severity =>
  isAtStake(incident) || incident.impact.dataStoreCount === 0 ? 'warning' : 'critical';
