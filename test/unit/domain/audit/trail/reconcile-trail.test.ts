/** The second source: hours of a trail against streams, with losses, tampering, repeats and deaths. */

import { generateKeyPairSync } from 'node:crypto';
import type { AuditEntries } from '../../../../../events/audit-entries';
import { auditGapFound } from '../../../../../events/audit-gap-found';
import { completenessStated } from '../../../../../events/completeness-stated';
import { namesOfOwn } from '../../../../../shared/domain/audit/dedupe-names';
import { beginCompleteness } from '../../../../../shared/domain/audit/trail/count-hours';
import { reconcileTrail } from '../../../../../shared/domain/audit/trail/reconcile-trail';
import { stateCompleteness } from '../../../../../shared/domain/audit/trail/state-completeness';
import { OPERATOR_ID } from '../../../../../shared/domain/customers/customer';
import { customerLookup } from '../../../../../shared/domain/customers/customer-lookup';
import { KeywrightError } from '../../../../../shared/domain/errors';
import { later, MINUTE_MS } from '../../../../../shared/domain/instants';
import { ACCOUNT, aKmsRecord, anEventId, KEY } from '../../../../support/cloudtrail-records';
import { WRITER } from '../../../../support/key-event-world';
import { aCustomer, aKmsKey, silentLog } from '../../../../support/make';
import { memoryAuditSequence } from '../../../../support/memory-audit';
import { memoryControlStore } from '../../../../support/memory-control-store';
import { memoryTrail } from '../../../../support/memory-trail';

const PAIR = generateKeyPairSync('rsa', { modulusLength: 2048 });
const HOUR_MS = 60 * MINUTE_MS;
const START = '2026-11-24T22:00:00.000Z';
const at = (hours: number) => later(START, hours * HOUR_MS);
const record = (number: number, more = {}) => aKmsRecord({ eventID: anEventId(number), ...more });

function world() {
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
type World = ReturnType<typeof world>;

/** Two hours of which EventBridge lost one record, and a third one that ends the day. */
async function lossyDay(it: World) {
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

test('what EventBridge lost is appended once, late and marked, with the file that it stands in', async () => {
  const it = world();
  const file = await lossyDay(it);
  await it.until(at(4));
  await it.until(at(5));

  expect(it.lateEntries()).toEqual([
    {
      customerId: 'acme',
      entry: expect.objectContaining({
        eventId: anEventId(2),
        provenance: { via: 'file', object: file, index: 1, late: true },
      }),
    },
  ]);
  expect((await it.sequence.head('acme')).size).toBe(3);
});

test('a day is stated to each customer once, with counts by hour and the entries that it covers', async () => {
  const it = world();
  await lossyDay(it);
  await it.until(at(6));

  const statements = it.told(completenessStated.detailType);
  const [acmes, ...more] = statements.filter(({ customerId }) => customerId === 'acme');
  expect(more).toEqual([]);
  expect(acmes).toMatchObject({
    accountId: ACCOUNT,
    day: '2026-11-24',
    ...{ fromEvents: 2, late: 1, gapCount: 0, isComplete: true, firstIndex: 0, endIndex: 3 },
  });
  expect(acmes?.['hours']).toEqual([
    expect.objectContaining({ from: START, to: at(1), chain: 'begun', fromEvents: 1, late: 1, reasons: [] }),
    expect.objectContaining({ from: at(1), chain: 'linked', fromEvents: 1, late: 0 }),
  ]);
  expect(statements.filter(({ customerId }) => customerId === 'hooli')).toMatchObject([
    { fromEvents: 0, late: 0, isComplete: true, firstIndex: 0, endIndex: 0 },
  ]);
});

test.each([
  ['a log file that was taken away', 'file-missing', (it: World, file: string) => it.trail.objects.delete(file)],
  [
    'a log file that was changed',
    'file-changed',
    (it: World, file: string) => it.trail.objects.set(file, { body: Buffer.from('{"Records":[]}'), metadata: {} }),
  ],
])(
  '%s is a gap that each customer and nobody else is named in, and nothing of it is believed',
  async (_, reason, tamper) => {
    const it = world();
    tamper(it, await lossyDay(it));
    await it.until(at(6));

    expect(it.lateEntries()).toEqual([]);
    const gaps = it.told(auditGapFound.detailType);
    expect(gaps.map(({ customerId }) => customerId).sort()).toEqual(['acme', 'hooli']);
    for (const gap of gaps) {
      expect(gap).toMatchObject({ accountId: ACCOUNT, region: 'eu-central-1', from: START, to: at(1), gapCount: 1 });
      expect(gap['gaps']).toEqual([{ reason, object: expect.stringMatching(/^AWSLogs\//) }]);
    }
    expect(JSON.stringify(gaps.find(({ customerId }) => customerId === 'hooli'))).not.toContain('acme');
    expect(it.told(completenessStated.detailType)).toContainEqual(
      expect.objectContaining({ customerId: 'acme', isComplete: false, gapCount: 1, fromEvents: 1 }),
    );
  },
);

test('a digest whose signature does not verify makes its hour a gap, and the next one is not linked to it', async () => {
  const it = world();
  await reconcileTrail(it.ports);
  const [first, second] = [it.trail.digestUntil(at(1)), it.trail.digestUntil(at(2))];
  it.trail.digestUntil(at(3));
  const stored = it.trail.objects.get(second);
  if (stored) it.trail.objects.set(second, { ...stored, metadata: { signature: 'ab' } });
  await it.until(at(10));

  const windows = it.control.all('trail-day').flatMap((day) => day.windows);
  expect(windows.slice(0, 3).map(({ chain, gaps }) => [chain, gaps.map(({ reason }) => reason)])).toEqual([
    ['begun', []],
    ['broken', ['digest-signature-invalid']],
    ['broken', ['chain-broken']],
  ]);
  expect(first < second).toBe(true);
});

test('a digest that was taken away breaks the chain: the hours between are in the gap', async () => {
  const it = world();
  await reconcileTrail(it.ports);
  it.trail.digestUntil(at(1));
  const taken = it.trail.digestUntil(at(2));
  it.trail.digestUntil(at(3));
  it.trail.objects.delete(taken);
  await it.until(at(7));

  const [, gap] = it.control.all('trail-day').flatMap((day) => day.windows);
  expect(gap).toMatchObject({ from: at(1), to: at(3), chain: 'broken', gaps: [{ reason: 'chain-broken' }] });
});

test('a digest that comes late within the bound is no gap', async () => {
  const it = world();
  await reconcileTrail(it.ports);
  it.trail.digestUntil(at(1));
  const late = it.trail.digestUntil(at(2));
  const kept = it.trail.objects.get(late);
  it.trail.objects.delete(late);
  it.trail.digestUntil(at(3));
  await it.until(at(5));
  if (kept) it.trail.objects.set(late, kept);
  await it.until(later(at(5), 20 * MINUTE_MS));

  const windows = it.control.all('trail-day').flatMap((day) => day.windows);
  expect(windows.map(({ chain }) => chain)).toEqual(['begun', 'linked', 'linked']);
});

test('hours without digests are said to be missing, and it is told that the trail says nothing', async () => {
  const it = world();
  await reconcileTrail(it.ports);
  it.trail.digestUntil(at(1));
  await it.until(at(8));

  const windows = it.control.all('trail-day').flatMap((day) => day.windows);
  expect(windows.slice(1, 4)).toMatchObject([
    { from: at(1), to: at(2), chain: 'missing', gaps: [{ reason: 'digest-missing' }] },
    { from: at(2), to: at(3), chain: 'missing' },
    { from: at(3), to: at(4), chain: 'missing' },
  ]);
  expect(await reconcileTrail(it.ports)).toBe(false);
});

test('a log file that no digest names is a gap, and nothing of it is appended', async () => {
  const it = world();
  await reconcileTrail(it.ports);
  const planted = it.trail.deliver('2026-11-24T22:10', [record(7)]);
  it.trail.digestUntil(at(1));
  const digest = it.trail.deliver('2026-11-24T23:10', [record(1)]);
  it.trail.objects.set(planted.replace('T2210Z', 'T2220Z'), { body: Buffer.from('{"Records":[]}'), metadata: {} });
  it.trail.digestUntil(at(2));
  await it.until(at(4));

  expect(it.control.all('trail-day').flatMap((day) => day.windows.flatMap(({ gaps }) => gaps))).toEqual([
    { reason: 'file-unlisted', object: planted.replace('T2210Z', 'T2220Z') },
  ]);
  expect(it.lateEntries().map(({ entry }) => entry.provenance.object)).toEqual([planted, digest]);
});

test('records of another trail in the same bucket, and of another account, are nobody’s entries', async () => {
  const it = world();
  await reconcileTrail(it.ports);
  const foreign = record(9, { recipientAccountId: '999999999999' });
  it.trail.deliver('2026-11-24T22:10', [foreign, record(1)]);
  it.trail.digestUntil(at(1));
  await it.until(at(3));

  expect(it.lateEntries().map(({ entry }) => entry.eventId)).toEqual([anEventId(1)]);
  expect(it.control.all('trail-day')[0]?.windows[0]?.gaps).toMatchObject([{ reason: 'file-damaged' }]);
});

test('what no customer’s stream takes goes to the operator’s', async () => {
  const it = world();
  await reconcileTrail(it.ports);
  it.trail.deliver('2026-11-24T22:10', [record(1, { resources: [], requestParameters: null })]);
  it.trail.digestUntil(at(1));
  await it.until(at(3));

  expect(it.lateEntries().map(({ customerId }) => customerId)).toEqual([OPERATOR_ID]);
});

test('what dies on any commit or send goes on where it was: the same entries, counts and statements', async () => {
  const whole = world();
  await lossyDay(whole);
  await whole.until(at(6));
  const expected = whole.told(completenessStated.detailType);

  for (let dies = 0; dies < 24; dies += 1) {
    const it = world();
    await lossyDay(it);
    const { commit } = it.ports.control;
    let left = dies;
    // Some die before the commit, some behind it.
    it.ports.control.commit = async (change) => {
      if (dies % 2 === 0 && left-- === 0) throw new KeywrightError('store.unreachable', 'died before');
      await commit(change);
      if (dies % 2 === 1 && left-- === 0) throw new KeywrightError('store.unreachable', 'died behind');
    };
    await it.until(at(1)).catch(() => undefined);
    for (let runs = 0; runs < 3; runs += 1) await it.until(at(6)).catch(() => undefined);

    expect((await it.sequence.head('acme')).size).toBe(3);
    expect(sorted(it.told(completenessStated.detailType))).toEqual(sorted(expected));
  }
});

const sorted = (details: readonly Readonly<Record<string, unknown>>[]) =>
  details.map((detail) => JSON.stringify(detail)).sort();
