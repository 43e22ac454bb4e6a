/** tell-disabled: tells a customer’s contact that a destination of theirs was given up. Their stream has it already. */
import type { SubscriptionChanged } from '../../../events/subscription-changed';
import { ownerOf, takes } from '../availability/paging/channel';
import { localTime } from '../availability/paging/local-time';
import { notTaken } from '../availability/paging/oncall-channels';
import type { Page } from '../availability/paging/page';
import { linesOf, subject } from '../availability/paging/page-lines';
import { isTaken, type SendPorts, sendPages } from '../availability/paging/send-pages';
import { type DisabledSubscription, type SubscriptionName, subscriptionKey } from './subscription';

/** No key is lost, and the entries wait in the log. */
const SEVERITY = 'warning';

/**
 * Sends it to the channels of the customer that take warnings; where there is none the stream is all. Safe to repeat: the same notice has the
 * same ids. One that is enabled again by then is told of to nobody.
 *
 * @throws KeywrightError `page.not-sent`, `store.unreachable` (both retry).
 */
export async function tellDisabled(
  { customerId, subscription: name, change }: SubscriptionChanged,
  ports: SendPorts,
): Promise<void> {
  if (change !== 'disabled') return;
  const owner = ownerOf(customerId);
  const [disabled, owned] = await Promise.all([
    ports.control.find('disabled-subscription', subscriptionKey({ customerId, name })),
    ports.control.find('page-channels', owner),
  ]);
  const taking = (owned?.channels ?? []).filter((channel) => takes(channel, SEVERITY, ports.clock.now()));
  if (disabled?.dueAt === undefined || taking.length === 0) return;
  const plan = {
    pages: taking.filter(({ role }) => role === 'first').map((channel) => ({ channel, about: 'opened' as const })),
    fallbacks: taking.filter(({ role }) => role === 'fallback'),
  };
  const outcomes = await sendPages(owner, plan, ({ timeZone }) => disabledPage(disabled, timeZone), ports);
  if (![...outcomes.values()].some(isTaken)) throw notTaken(idOf(disabled), outcomes);
}

const idOf = (which: SubscriptionName) => `subscription/${subscriptionKey(which)}`;

function disabledPage(disabled: DisabledSubscription, timeZone: string): Page {
  const { customerId, name, kind, reason, since } = disabled;
  const title = `Your audit log is no longer sent to ${name}`;
  return {
    incidentId: idOf(disabled),
    messageId: `${idOf(disabled)}.disabled.${Date.parse(since)}`,
    about: 'opened',
    severity: SEVERITY,
    subject: subject(title),
    body: linesOf([
      `${title}: ${reason}.`,
      '',
      'Next step:  see that the destination takes entries again, then have your provider resume it.',
      '            Nothing is lost: it goes on with the entry that it did not take.',
      `Destination: ${name}, ${kind}`,
      `Since:      ${localTime(timeZone)(since)}`,
    ]),
    at: since,
    details: { customerId, subscription: name, kind, reason },
  };
}
