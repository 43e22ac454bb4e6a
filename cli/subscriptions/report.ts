/** Subscriptions, as a person reads them. */
import type { MadeSubscription, ShownSubscription, SubscriptionDetails } from '../../shared/domain/api/subscriptions';
import { utc } from '../../shared/domain/instants';
import type { Attempt } from '../../shared/domain/subscriptions/subscription';
import type { EndedTest } from '../operate/await-test';
import { colours } from '../output/colours';
import { printable } from '../output/printable-text';
import { wrapped } from '../output/wrapped';

/** So many of the last attempts a person is shown. */
const ATTEMPTS_SHOWN = 10;

/** What was made, and what its receiver needs, which is told once. */
export function showMade({ subscription, receiverSecret }: MadeSubscription): string {
  const text = subscriptionText(subscription);
  if (receiverSecret === undefined) return text;
  const what = subscription.signing === 'v1a' ? 'Its public key' : 'Its secret, told this once';
  return [text, `${what}:`, `  ${receiverSecret}`].join('\n');
}

/** All of them by name. */
export const showSubscriptions = (subscriptions: readonly ShownSubscription[], customerId: string): string =>
  subscriptions.length === 0
    ? `Customer ${printable(customerId)} has no subscriptions.`
    : subscriptions.map(subscriptionText).join('\n');

/** How a test ended. */
export const showTest = (name: string, { taken, failure = '' }: EndedTest): string =>
  taken
    ? `${colours.green('taken')}: ${name} took the test.`
    : wrapped(`${colours.red('NOT taken')}: ${printable(failure)}`);

/** How far it is, what was tried last, and what was set aside. */
export function showDetails({ subscription, behind, attempts, parked }: SubscriptionDetails): string {
  const { delivered, cursor, customerId, name } = subscription;
  return [
    subscriptionText(subscription),
    `  next entry ${cursor}, ${behind} behind; ${delivered} sent, ${subscription.parked} set aside`,
    ...(attempts.length > 0 ? ['', 'Last attempts:'] : []),
    ...attempts.slice(-ATTEMPTS_SHOWN).map(attemptText),
    ...(parked.length > 0 ? ['', 'Set aside:'] : []),
    ...parked.map(({ index, reason, at }) => wrapped(`entry ${index}, ${utc(at)}: ${printable(reason)}`, '  ')),
    ...(parked.length > 0
      ? ['', 'Once the cause is mended:', `  keywright subscriptions resend ${customerId} ${name} ${parked[0]?.index}`]
      : []),
  ].join('\n');
}

function subscriptionText({
  name,
  kind,
  state,
  format,
  target,
  filter,
  failing,
  formerSecretUntil,
}: ShownSubscription) {
  const filters = Object.entries(filter).map(([field, values]) => `${field}: ${values.join(', ')}`);
  return [
    `${name}: ${kind}, ${state}, ${format}`,
    wrapped(printable(target), '  '),
    ...filters.map((line) => wrapped(printable(line), '  ')),
    ...(formerSecretUntil === undefined ? [] : [`  the secret before signs as well until ${utc(formerSecretUntil)}`]),
    ...(failing
      ? [wrapped(`${colours.red('failing')} since ${utc(failing.since)}: ${printable(failing.reason)}`, '  ')]
      : []),
  ].join('\n');
}

function attemptText({ at, from, to, result, reason }: Attempt): string {
  const what = from === undefined ? 'test' : from === to ? `entry ${from}` : `entries ${from} to ${to}`;
  return wrapped(`${utc(at)}  ${what}: ${result}${reason === undefined ? '' : `, ${printable(reason)}`}`, '  ');
}
