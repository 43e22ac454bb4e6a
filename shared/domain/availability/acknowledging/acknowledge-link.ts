/** acknowledge-link: the link in a page by which whoever reads it says that they have the incident in hand. */
import type { Log } from '../../ports';
import { type Incident, isOver } from '../incidents/incident';
import type { LinkSigner } from '../ports';
import { claimsFor, textOf, tokenOf } from './link-token';

export interface LinkPorts {
  readonly links: LinkSigner;
  /** Where links lead: the URL of `acknowledge-page`, which ends in `/`. */
  readonly acknowledgeUrl: string;
  readonly log: Log;
}

/**
 * The same for the same incident and channel, however often it is asked for. Undefined where there is nothing to acknowledge, and where it
 * could not be signed: no page waits for that. Never throws.
 *
 * @param channel The name of the channel that the page goes to.
 */
export async function acknowledgeLink(
  incident: Incident,
  channel: string,
  { links, acknowledgeUrl, log }: LinkPorts,
): Promise<string | undefined> {
  if (isOver(incident) || incident.acknowledged) return undefined;
  const claims = claimsFor(incident, channel);
  try {
    return acknowledgeUrl + tokenOf(claims, await links.sign(textOf(claims)));
  } catch (error) {
    log.warn('a page goes out without its link', { incidentId: incident.incidentId, channel, reason: String(error) });
    return undefined;
  }
}
