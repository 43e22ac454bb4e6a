/** A customer with a log that grows, a destination that does what it is told, and the verbs between the two. */
import { hash } from 'node:crypto';
import { type AppendPorts, appendAudit } from '../../shared/domain/audit/append-audit';
import type { EncodedEntry } from '../../shared/domain/audit/audit-entry';
import { addSubscription, type SubscriptionPorts } from '../../shared/domain/subscriptions/change-subscriptions';
import { deliverDue, deliverEntries } from '../../shared/domain/subscriptions/deliver-entries';
import type { DeliverPorts } from '../../shared/domain/subscriptions/deliver-to';
import type { SubscriptionRequest } from '../../shared/domain/subscriptions/new-subscription';
import type { DestinationLimits } from '../../shared/domain/subscriptions/ports';
import { subscriptionKey } from '../../shared/domain/subscriptions/subscription';
import { aCustomer, countedIds, NOW, silentLog } from './make';
import { memoryAuditPorts } from './memory-audit';
import { memoryControlStore } from './memory-control-store';
import { memoryDestination, memoryDestinations, memoryEndpointSecrets } from './memory-destination';
import { memorySecrets } from './memory-pager';

export const WEBHOOK: SubscriptionRequest = {
  customerId: 'acme',
  name: 'siem',
  kind: 'webhook',
  target: 'https://siem.example.com/keywright',
};

/** An entry as the log has it, with whatever a test is about. */
export const anEntry = (eventId: string, fields: object = {}, customerId = 'acme'): EncodedEntry => ({
  customerId,
  bytes: Buffer.from(
    JSON.stringify({
      v: 1,
      eventId,
      customerId,
      at: NOW,
      kind: 'crypto-use',
      operation: 'Decrypt',
      outcome: 'ok',
      kmsKeyArns: [],
      encryptionContexts: [{ 'keywright:dataStoreId': 'documents' }],
      caller: { type: 'AssumedRole', accountId: '111122223333' },
      source: { accountId: '111122223333', region: 'eu-central-1' },
      record: { eventID: eventId, big: 1 },
      ...fields,
    }),
  ),
});

export function subscriptionWorld(limits?: DestinationLimits) {
  let nowMs = Date.parse(NOW);
  const clock = { now: () => new Date(nowMs).toISOString() };
  const control = memoryControlStore();
  for (const customerId of ['acme', 'globex']) control.given('customer', aCustomer({ customerId, revision: 1 }));
  const audit: AppendPorts & ReturnType<typeof memoryAuditPorts> = memoryAuditPorts();
  const destination = memoryDestination(limits);
  const ports: DeliverPorts & SubscriptionPorts & { readonly secrets: ReturnType<typeof memorySecrets> } = {
    control,
    objects: audit.objects,
    sequence: audit.sequence,
    destinations: memoryDestinations(destination),
    secrets: memorySecrets(),
    endpointSecrets: memoryEndpointSecrets(),
    clock,
    ids: countedIds(),
    log: silentLog,
  };

  return {
    ports,
    control,
    destination,
    objects: audit.objects,
    now: clock.now,
    pass(ms: number) {
      nowMs += ms;
    },
    append: async (...entries: readonly EncodedEntry[]) => {
      const [first] = entries;
      if (!first) return;
      const told = entries.map(({ bytes }, at) => ({
        dedupeKeys: [hash('sha256', `${at} ${bytes.length} ${Buffer.from(bytes).toString('latin1')}`)],
        json: Buffer.from(bytes).toString(),
      }));
      await appendAudit({ customerId: first.customerId, entries: told }, audit);
    },
    add: (fields: Partial<SubscriptionRequest> = {}) => addSubscription({ ...WEBHOOK, ...fields }, 'somebody', ports),
    deliver: (customerId = 'acme') => deliverEntries(customerId, ports),
    deliverDue: () => deliverDue(ports),
    subscription: async (customerId = 'acme', name = 'siem') => {
      const row = await control.find('subscription', subscriptionKey({ customerId, name }));
      if (!row) throw new Error('There is no such subscription.');
      return row;
    },
    /** Indexes of what was taken, tests left out. */
    indexes: () => destination.taken.flatMap(({ index }) => (index === undefined ? [] : [index])),
  };
}

/** So many entries, each of another event. */
export const numbered = (count: number, from = 0) =>
  Array.from({ length: count }, (_, at) => anEntry(`event-${from + at}`));

/** A world in which a subscription to the whole log has had its test. */
export async function subscribed(limits?: DestinationLimits) {
  const world = subscriptionWorld(limits);
  await world.add({ from: 0 });
  await world.deliver();
  return world;
}
