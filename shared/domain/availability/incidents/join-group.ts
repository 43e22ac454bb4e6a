/** join-group: the first incident of an owner and cause leads, and those that open soon after are part of it. */
import { isHeldByCustomer } from '../../customers/encryption-options';
import { elapsedMs, MINUTE_MS } from '../../instants';
import type { KmsKey } from '../../keys/kms-key';
import type { ControlStore, Write } from '../../ports';
import { isKeys, type KeyIncident } from './incident';
import { speaksFor } from './speaks-for';

/** One that opens later is no longer part of the storm. */
const JOINED_WITHIN_MS = 10 * MINUTE_MS;

/** Whose keys, lost by what: of a customer, or of us in a region. */
function groupIdOf({ kmsKeyArn, option, customerId }: KmsKey, { party, cause }: KeyIncident): string {
  const isTheirs = party === 'customer' || (party !== 'provider' && isHeldByCustomer(option));
  const owner = isTheirs && customerId !== undefined ? `customer/${customerId}` : `provider/${kmsKeyArn.split(':')[3]}`;
  return `${owner}/${cause}`;
}

/** On-call has been told of it, or is about to be: what is back, and leads nobody, tells nothing of another key. */
const isTold = ({ state, members }: KeyIncident): boolean => state === 'open' || members !== undefined;

/**
 * The incident as it opens, or as it becomes another matter: leading, with the row that says so, or as part of the storm that is on.
 * However many open at once, one leads: all others lose to its row, decide anew, and write nothing that another writes.
 */
export async function joinGroup(
  { partOf: _before, ...incident }: KeyIncident,
  key: KmsKey,
  now: string,
  { control }: { readonly control: Pick<ControlStore, 'find'> },
): Promise<{ readonly incident: KeyIncident; readonly writes: readonly Write[] }> {
  const { incidentId, follows } = incident;
  const groupId = groupIdOf(key, incident);
  const group = await control.find('incident-group', groupId);
  const leader = group && (await control.find('incident', group.leaderId));
  const isOn = group && elapsedMs(group.lastJoinedAt, now) <= JOINED_WITHIN_MS;
  const isAnother = leader && ![incidentId, follows].includes(leader.incidentId);
  if (isOn && isAnother && isKeys(leader) && isTold(leader) && speaksFor(leader, incident, now))
    return { incident: { ...incident, groupId, partOf: leader.incidentId }, writes: [] };
  const row = { groupId, leaderId: incidentId, lastJoinedAt: now, revision: group?.revision ?? 0 };
  return { incident: { ...incident, groupId }, writes: [{ entityType: 'incident-group', row }] };
}
