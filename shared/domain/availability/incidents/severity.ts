/** How much an incident weighs: what it stops, and whether it stops it already. */

import { type Cause, OWN_POLICY_CAUSES } from '../verdict';
import { type Incident, isKeys, isOperators, type KeyIncident } from './incident';
import type { Severity } from './severity-level';
import { severityRule } from './severity-rules';
import { troubleWording } from './trouble';

/** What serves still, and will not for long or not by this name. */
const STILL_SERVES: ReadonlySet<Cause> = new Set(['key-material-expiring', 'alias-moved']);

/** Whether the key may still serve applications: we alone are refused, or what is lost is not what serves. */
export const isAtStake = ({ cause, lost }: Pick<KeyIncident, 'cause' | 'lost'>): boolean =>
  lost !== undefined || OWN_POLICY_CAUSES.has(cause) || STILL_SERVES.has(cause);

interface Weight {
  readonly severity: Severity;
  /** In words why. */
  readonly because: string;
}

/** By the table of its kind. */
export const weightOf = (incident: Incident): Weight =>
  isOperators(incident)
    ? { severity: troubleWording(incident.trouble).severity, because: 'trouble of our own' }
    : weightOfKey(incident);

/** A key that no data store names may still open older data keys. */
function weightOfKey(incident: KeyIncident): Weight {
  if (isAtStake(incident)) return { severity: 'warning', because: 'the key still serves as far as is known' };
  if (incident.impact.dataStoreCount === 0) return { severity: 'warning', because: 'no data store names the key' };
  if (incident.outlook) return severityRule(incident.outlook, incident);
  return { severity: 'critical', because: 'data stores stop' };
}

/** How much the incident weighs. */
export const severityOf = (incident: Incident): Severity => weightOf(incident).severity;

/** Whether nobody is paged for it. Of a key by what is ahead of it alone: one that cannot even be put into words is owed its page. */
export const isRecordedOnly = (incident: Incident): boolean =>
  isKeys(incident) && incident.outlook !== undefined && severityOf(incident) === 'info';
