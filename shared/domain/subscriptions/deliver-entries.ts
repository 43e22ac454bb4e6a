/**
 * deliver-entries: sends the entries of customers' logs to where they want them, each subscription by itself.
 *
 * Woken by a checkpoint, by a person's change, and by due date, so that no lost event delays an entry for longer than a few minutes. Who
 * fails is tried more and more seldom, and who is slow is at work in one run at a time: neither keeps another waiting.
 */
import { hasCode } from '../errors';
import { inParallel } from '../parallel-work';
import { workDue } from '../work-due-rows';
import { subscriptionsOf } from './change-subscriptions';
import { type DeliverPorts, deliverTo } from './deliver-to';
import { isSending, type Subscription, type SubscriptionName } from './subscription';

/** What waits for a destination waits for nothing else: many at once cost memory alone, at most one bundle of entries each. */
const AT_ONCE = 20;
const DUE = { max: 200, concurrency: AT_ONCE, forMs: 20_000 };

/**
 * Sends what the customer's subscriptions have not had. Safe to repeat, and to run twice at once.
 *
 * @throws KeywrightError `store.unreachable` (retry), `audit.not-written` (retry), `audit.contradicted`.
 */
export async function deliverEntries(customerId: string, ports: DeliverPorts): Promise<void> {
  const wanting = (await subscriptionsOf(customerId, ports)).filter(isSending);
  const { failed } = await inParallel(wanting, AT_ONCE, (one) => deliverTo(one, ports));
  if (failed.length > 0) throw failed[0];
}

/** The same for one. Safe to repeat. @throws as `deliverEntries` does. */
export const deliverToNamed = (which: SubscriptionName, ports: DeliverPorts): Promise<void> => deliverTo(which, ports);

/**
 * Sends what is due: retries, tests, and what no event told of. Costs what is due. Safe to repeat.
 *
 * @param part Of what is due; all of it where none is named.
 * @throws KeywrightError `store.unreachable` (retry).
 */
export async function deliverDue(ports: DeliverPorts, part?: number): Promise<void> {
  const bounds = { ...DUE, ...(part !== undefined && { part }) };
  const { failed } = await workDue('subscription', bounds, (row: Subscription) => deliverTo(row, ports), ports);
  for (const error of failed)
    ports.log.error('a subscription is not served', {
      reason: String(error),
      ...(hasCode(error, 'audit.contradicted') && error.details),
    });
}
