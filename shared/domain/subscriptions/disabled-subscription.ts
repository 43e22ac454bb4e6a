/** Subscriptions that were given up, and that somebody is to look at: found by index, the longest first, until they are enabled again. */
import type { ControlStore, Write } from '../ports';
import { type Subscription, subscriptionKey } from './subscription';

type Find = { readonly control: Pick<ControlStore, 'find'> };

/** What is written with a subscription that is disabled now. Nothing is written here. @throws KeywrightError `store.unreachable` (retry). */
export async function noteDisabled(row: Subscription, since: string, { control }: Find): Promise<readonly Write[]> {
  if (row.state !== 'disabled') return [];
  const { customerId, name, kind, failing } = row;
  const before = await control.find('disabled-subscription', subscriptionKey(row));
  const noted = { customerId, name, kind, reason: failing?.reason ?? '', since, dueAt: since };
  return [{ entityType: 'disabled-subscription', row: { ...noted, revision: before?.revision ?? 0 } }];
}

/** What is written when it goes on, or is removed. Nothing is written here. Throws as `noteDisabled` does. */
export async function noteEnabled(before: Subscription, { control }: Find): Promise<readonly Write[]> {
  if (before.state !== 'disabled') return [];
  const noted = await control.find('disabled-subscription', subscriptionKey(before));
  // One that an older build disabled has no row.
  if (noted?.dueAt === undefined) return [];
  const { dueAt: _out, ...row } = noted;
  return [{ entityType: 'disabled-subscription', row }];
}
