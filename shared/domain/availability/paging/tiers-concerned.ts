/** Of which tiers the customers are whom a page is about. */
import type { ControlStore } from '../../ports';
import { type Incident, isOperators } from '../incidents/incident';
import type { Channel } from './channel';

interface TierPorts {
  readonly control: Pick<ControlStore, 'find'>;
}

/**
 * Undefined where it is about everybody, or nobody knows about whom: trouble of our own, a key that no customer is known to depend on
 * or more than it names, a storm. Then no filter holds. Costs nothing while no channel has a filter.
 *
 * @throws KeywrightError `store.unreachable` (retry).
 */
export async function tiersConcerned(
  incident: Incident,
  channels: readonly Channel[],
  ports: TierPorts,
): Promise<readonly string[] | undefined> {
  if (isOperators(incident) || incident.members !== undefined) return undefined;
  const { customers, customerCount, isPartial } = incident.impact;
  if (isPartial || customerCount > customers.length) return undefined;
  return tiersOf(
    customers.map(({ customerId }) => customerId),
    channels,
    ports,
  );
}

/** Those of them that have one. Undefined where there are no customers. Throws as `tiersConcerned` does. */
export async function tiersOf(
  customerIds: readonly string[],
  channels: readonly Channel[],
  { control }: TierPorts,
): Promise<readonly string[] | undefined> {
  if (customerIds.length === 0 || channels.every(({ tiers }) => tiers === undefined)) return undefined;
  const levels = await Promise.all(customerIds.map((customerId) => control.find('service-level', customerId)));
  return levels.flatMap((level) => level?.tier ?? []);
}
