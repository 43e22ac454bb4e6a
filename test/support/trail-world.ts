/** A trail in memory, the streams that its hours are compared with, and a clock: for tests of the second source. */
import { generateKeyPairSync } from 'node:crypto';
import type { AuditEntries } from '../../events/audit-entries';
import { namesOfOwn } from '../../shared/domain/audit/dedupe-names';
import { beginCompleteness } from '../../shared/domain/audit/trail/count-hours';
import { reconcileTrail } from '../../shared/domain/audit/trail/reconcile-trail';
import { stateCompleteness } from '../../shared/domain/audit/trail/state-completeness';
import { customerLookup } from '../../shared/domain/customers/customer-lookup';
import { later, MINUTE_MS } from '../../shared/domain/instants';
import { ACCOUNT, aKmsRecord, anEventId, KEY } from './cloudtrail-records';
import { WRITER } from './key-event-world';
import { aCustomer, aKmsKey, silentLog } from './make';
import { memoryAuditSequence } from './memory-audit';
import { memoryControlStore } from './memory-control-store';
import { memoryTrail } from './memory-trail';

const PAIR = generateKeyPairSync('rsa', { modulusLength: 2048 });
const HOUR_MS = 60 * MINUTE_MS;
export const START = '2026-11-24T22:00:00.000Z';
export const at = (hours: number) => later(START, hours * HOUR_MS);
export const record = (number: number, more = {}) => aKmsRecord({ eventID: anEventId(number), ...more });

export function trailWorld() {
  const control = memoryControlStore();
  control.given('customer', aCustomer(), aCustomer({ customerId: 'hooli' }));
  control.given('kms-key', aKmsKey({ kmsKeyArn: KEY, customerId: 'acme' }));
  const sequence = memoryAuditSequence();
  const trail = memoryTrail(START, PAIR);
  const sent: AuditEntries[] = [];
  let now = START;
  const append = async ({ customerId, entries }: AuditEntries) => {
    for (const { dedupeKeys, json } of entries) {
      if ((await sequence.known(customerId, dedupeKeys)).size > 0) continue;
      await sequence.sequence(await sequence.head(customerId), [{ dedupeKeys, bytes: Buffer.from(json) }]);
    }
  };
  const ports = {
    trail: { accountId: ACCOUNT, region: 'eu-central-1' },
    files: trail.files,
    keys: trail.keys,
    control,
    sequence,
    queue: {
      async send(messages: readonly AuditEntries[]) {
        sent.push(...messages);
        for (const message of messages) await append(message);
        return new Set<number>();
      },
    },
    customers: customerLookup(control),
    clock: { now: () => now },
    log: silentLog,
    ownAccountId: ACCOUNT,
    streamWriter: WRITER,
  };
  return {
    ...{ control, sequence, trail, sent, ports },
    /** What EventBridge brought. */
    heard: (...records: ReturnType<typeof record>[]) =>
      append({
        customerId: 'acme',
        entries: records.map(({ eventID }) => {
          const { dedupeKeys } = namesOfOwn({ eventId: eventID, sharedEventId: undefined });
          return { dedupeKeys: [...dedupeKeys], json: '{}' };
        }),
      }),
    /** Runs as the schedule does, until that instant. */
    async until(instant: string) {
      for (; now < instant; now = later(now, 5 * MINUTE_MS)) {
        await reconcileTrail(ports);
        await stateCompleteness(ports);
      }
    },
    lateEntries: () =>
      sent.flatMap(({ customerId, entries }) => entries.map(({ json }) => ({ customerId, entry: JSON.parse(json) }))),
    told: (detailType: string) =>
      control.outbox.filter((fact) => fact.detailType === detailType).map(({ detail }) => detail),
  };
}
export type TrailWorld = ReturnType<typeof trailWorld>;

/** Two hours of which EventBridge lost one record, and a third one that ends the day. */
export async function lossyDay(it: TrailWorld) {
  await beginCompleteness('acme', it.ports);
  await beginCompleteness('hooli', it.ports);
  await reconcileTrail(it.ports);
  const file = it.trail.deliver('2026-11-24T22:10', [record(1), record(2), record(3, { eventName: 'DescribeKey' })]);
  it.trail.digestUntil(at(1));
  it.trail.deliver('2026-11-24T23:10', [record(4)]);
  it.trail.digestUntil(later(at(2), -MINUTE_MS));
  it.trail.digestUntil(at(3));
  await it.heard(record(1), record(4));
  return file;
}
