/**
 * acknowledge-page: what becomes of a link in a page. Who opens it is shown the incident; who sends the form that is shown has acknowledged it.
 * Links are opened by mail scanners and previews as well, which send no form.
 */
import { hasCode } from '../../errors';
import { type AcknowledgePorts, acknowledgeIncident } from '../incidents/acknowledge-incident';
import { incidentOf } from '../incidents/find-incidents';
import type { Incident } from '../incidents/incident';
import { cutText } from '../paging/cut-text';
import { printable } from '../paging/page-lines';
import type { LinkVerifier } from '../ports';
import { type LinkClaims, readToken } from './link-token';

export interface AcknowledgePagePorts extends AcknowledgePorts {
  readonly links: LinkVerifier;
}

export interface LinkRequest {
  readonly token: string;
  /** What was typed into the form, of any length. Absent: the link was only opened. */
  readonly typed?: Typed;
}

export interface Typed {
  readonly name: string;
  readonly note: string;
}

/** `unknown`: no link of ours, whatever is wrong with it. `refused`: it was over, or somebody else had it. */
export type LinkAnswer =
  | { readonly outcome: 'unknown' }
  | { readonly outcome: 'expired'; readonly incidentId: string }
  | { readonly outcome: 'shown' | 'acknowledged' | 'refused'; readonly incident: Incident };

/** So much is kept of what somebody types: together less than a note has that is given on the command line. */
export const NAME_MAX = 100;
export const NOTE_MAX = 300;

/**
 * Acknowledges by the verb of `keywright ack`, in the name of the channel that the page came to. Safe to repeat, also at the same time: the
 * first note stays.
 *
 * @throws KeywrightError `state.changed-meanwhile`, `store.unreachable` (both retry); any code that begins with `kms.` when nobody can tell
 *   whether the link is ours.
 */
export async function acknowledgePage({ token, typed }: LinkRequest, ports: AcknowledgePagePorts): Promise<LinkAnswer> {
  const read = readToken(token);
  if (!read || !(await ports.links.isSigned(read.text, read.mac))) return { outcome: 'unknown' };
  const { claims } = read;
  if (claims.expiresAt <= ports.clock.now()) return { outcome: 'expired', incidentId: claims.incidentId };
  try {
    return typed ? await acknowledge(claims, typed, ports) : await show('shown', claims, ports);
  } catch (error) {
    if (hasCode(error, 'state.not-found')) return { outcome: 'unknown' };
    throw error;
  }
}

async function acknowledge(
  { incidentId, channel }: LinkClaims,
  typed: Typed,
  ports: AcknowledgePagePorts,
): Promise<LinkAnswer> {
  const request = { incidentId, by: `the channel ${channel}`, note: noteOf(typed) };
  try {
    return { outcome: 'acknowledged', incident: await acknowledgeIncident(request, ports) };
  } catch (error) {
    if (!hasCode(error, 'state.forbids')) throw error;
    return show('refused', { incidentId }, ports);
  }
}

const show = async (
  outcome: 'shown' | 'refused',
  { incidentId }: Pick<LinkClaims, 'incidentId'>,
  ports: AcknowledgePagePorts,
): Promise<LinkAnswer> => ({ outcome, incident: await incidentOf(incidentId, ports) });

/** Whoever has the link may type anything: it is never taken for a name that we know. */
function noteOf({ name, note }: Typed): string {
  const said = [kept(name, NAME_MAX), kept(note, NOTE_MAX)].filter((text) => text !== '');
  return said.length === 0 ? 'by the link in its page; nothing was typed there' : `typed there: ${said.join(': ')}`;
}

const kept = (text: string, max: number): string => cutText(printable(text.trim()), max);
