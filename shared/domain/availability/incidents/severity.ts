/** How much an incident weighs: what it stops, and whether it stops it already. */

import type { Cause } from '../verdict';
import type { Incident } from './incident';

export const SEVERITIES = ['critical', 'warning'] as const;
/** `critical`: data stores are stopped. `warning`: nothing is stopped as far as we know, and it may be soon. */
export type Severity = (typeof SEVERITIES)[number];

/** Confirmed for what we looked with alone: applications call with roles of their own. */
const AT_STAKE: ReadonlySet<Cause> = new Set(['own-permissions']);

/** Whether the key may still serve applications: we alone are refused, or what is lost is not what serves. */
export const isAtStake = ({ cause, lost }: Pick<Incident, 'cause' | 'lost'>): boolean =>
  lost !== undefined || AT_STAKE.has(cause);

/** Nobody misses a key that no data store names. */
export const severityOf = (incident: Pick<Incident, 'cause' | 'lost' | 'impact'>): Severity =>
  isAtStake(incident) || incident.impact.dataStoreCount === 0 ? 'warning' : 'critical';
