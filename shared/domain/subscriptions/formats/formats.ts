/** Entries in the format that a subscription wants. */

import type { EntryView } from '../entry-view';
import { viewOf } from '../entry-view';
import type { Delivery } from '../ports';
import { type EntryFormat, type Subscription, subscriptionKey } from '../subscription';
import { cloudEventOf } from './cloudevents';
import { cloudTrailRecordOf } from './cloudtrail-record';
import type { Formatted } from './formatted';
import { ocsfOf } from './ocsf';

const FORMATS: Readonly<Record<EntryFormat, (entry: EntryView) => Formatted | undefined>> = {
  cloudevents: cloudEventOf,
  ocsf: ocsfOf,
  cloudtrail: cloudTrailRecordOf,
};

/** @returns undefined for an entry that the format cannot say. */
export function deliveryOf(entry: EntryView, subscription: Subscription): Delivery | undefined {
  const formatted = FORMATS[subscription.format](entry);
  return formatted && { id: idOf(subscription, String(entry.index)), index: entry.index, at: entry.at, ...formatted };
}

/** Full stops stand between the parts of what a webhook signs. */
const idOf = (subscription: Subscription, which: string): string =>
  `${subscriptionKey(subscription)}/${which}`.replaceAll('.', '%2E');

/** What shows that the destination takes what will come: in the format, and of no entry. */
export function testDelivery(subscription: Subscription): Delivery {
  const { customerId, format, test, name } = subscription;
  const { testId, requestedAt: at } = test;
  const head = { v: 1, eventId: `test-${testId}`, customerId, at, kind: 'test', operation: 'subscription-test' };
  const bytes = new TextEncoder().encode(JSON.stringify({ ...head, fact: { subscription: name } }));
  const entry = viewOf(-1, bytes);
  const formatted = entry && FORMATS[format](entry);
  if (!formatted) throw new Error(`The format ${format} has no test.`);
  return { id: idOf(subscription, `test-${testId}`), at, ...formatted };
}
