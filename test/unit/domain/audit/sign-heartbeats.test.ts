import { verifyLog } from 'keywright-verify/log';
import { openCheckpoint, readVerifierKey } from 'keywright-verify/note';
import { appendAudit } from '../../../../shared/domain/audit/append-audit';
import { originOf } from '../../../../shared/domain/audit/log/checkpoint';
import { verifierKey } from '../../../../shared/domain/audit/log/signed-note';
import { heartbeatMinutesOf, signHeartbeats } from '../../../../shared/domain/audit/sign-heartbeats';
import { later, MINUTE_MS } from '../../../../shared/domain/instants';
import { aCustomer, NOW, silentLog } from '../../../support/make';
import { aSigner, entriesFor, memoryAuditPorts, readerOf } from '../../../support/memory-audit';

const MINUTES = 60;

/** A log of acme with some entries, signed at NOW. */
async function aLog() {
  let now = NOW;
  const lines: unknown[] = [];
  const log = { ...silentLog, error: (...line: unknown[]) => void lines.push(line) };
  const audit = memoryAuditPorts();
  audit.control.given('customer', aCustomer({ customerId: 'acme' }));
  const ports = { ...audit, clock: { now: () => now }, log, heartbeatMinutes: MINUTES };
  await appendAudit(entriesFor('acme', ['a', 'b']), ports);
  const note = () => Buffer.from(ports.objects.filesOf('acme').get('checkpoint') ?? '').toString();
  const key = readVerifierKey(verifierKey(originOf('acme'), await aSigner().publicKey()));
  return {
    ports,
    lines,
    note,
    files: () => ports.objects.filesOf('acme'),
    pass: (minutes: number) => {
      now = later(now, minutes * MINUTE_MS);
    },
    signedAt: () => new Date((openCheckpoint(note(), key).time ?? 0) * 1000).toISOString(),
    report: () => verifyLog(readerOf(ports.objects.filesOf('acme')), key),
    dueAt: async () => (await ports.control.find('audit-log', 'acme'))?.dueAt,
  };
}

test('an idle log is signed anew when its checkpoint is as old as was promised, with nothing changed but the time', async () => {
  const { ports, pass, note, signedAt, report, files, lines, dueAt } = await aLog();
  await signHeartbeats(ports);
  const [first, paths] = [note(), [...files().keys()]];

  pass(MINUTES - 1);
  await signHeartbeats(ports);
  expect(note()).toBe(first);
  expect(await dueAt()).toBe(later(NOW, MINUTES * MINUTE_MS));

  pass(1);
  await signHeartbeats(ports);

  expect(signedAt()).toBe(later(NOW, MINUTES * MINUTE_MS));
  expect(note().split('\n').slice(0, 5)).toEqual(first.split('\n').slice(0, 5));
  expect([...files().keys()]).toEqual(paths);
  expect(await report()).toMatchObject({ ok: true, size: 2 });
  expect(await dueAt()).toBe(later(NOW, 2 * MINUTES * MINUTE_MS));
  expect(ports.sequence.outbox).toHaveLength(1);
  expect(lines).toEqual([]);
});

test('a log that grew is as fresh as its last entry, and is not signed again before', async () => {
  const { ports, pass, note, dueAt } = await aLog();
  pass(40);
  await appendAudit(entriesFor('acme', ['c']), ports);
  const appended = note();

  pass(20);
  await signHeartbeats(ports);

  expect(note()).toBe(appended);
  expect(await dueAt()).toBe(later(NOW, 100 * MINUTE_MS));
});

test('what waited to be signed for is signed for with the heartbeat', async () => {
  const { ports, pass, report } = await aLog();
  const { customerId, entries } = entriesFor('acme', ['c']);
  await appendAudit({ customerId, entries: entries.map((entry) => ({ ...entry, deferred: true })) }, ports);
  expect(await report()).toMatchObject({ size: 2 });

  pass(MINUTES);
  await signHeartbeats(ports);

  expect(await report()).toMatchObject({ ok: true, size: 3 });
});

test('a log of an older version, which has no time and no row, is signed from its next entry on', async () => {
  const { ports, pass, signedAt } = await aLog();
  const older = { ...ports, control: memoryAuditPorts().control };
  await signHeartbeats(older);
  pass(5);
  await appendAudit(entriesFor('acme', ['c']), older);
  pass(MINUTES);

  await signHeartbeats(older);

  expect(signedAt()).toBe(later(NOW, (MINUTES + 5) * MINUTE_MS));
});

test('a checkpoint that says it is of a time ahead is signed anew', async () => {
  const { ports, pass, signedAt } = await aLog();
  pass(10_000);
  await appendAudit(entriesFor('acme', ['c']), ports);
  pass(-9_000);

  await signHeartbeats(ports);

  expect(signedAt()).toBe(later(NOW, 1_000 * MINUTE_MS));
});

test('two writers at once: one writes, both end well, and the log is whole', async () => {
  const { ports, pass, report, signedAt } = await aLog();
  pass(MINUTES);

  await Promise.all([
    signHeartbeats(ports).catch(() => undefined),
    signHeartbeats(ports).catch(() => undefined),
    appendAudit(entriesFor('acme', ['c']), ports),
  ]);
  await signHeartbeats(ports);

  expect(await report()).toMatchObject({ ok: true, size: 3 });
  expect(signedAt()).toBe(later(NOW, MINUTES * MINUTE_MS));
});

test.each<[string, (files: Map<string, Uint8Array>, rolledBack: Uint8Array) => void]>([
  ['missing', (files) => void files.delete('checkpoint')],
  ['rolled back', (files, earlier) => void files.set('checkpoint', earlier)],
  [
    'of another history',
    (files) => {
      const note = Buffer.from(files.get('checkpoint') ?? '')
        .toString()
        .split('\n');
      files.set(
        'checkpoint',
        Buffer.from([...note.slice(0, 2), Buffer.alloc(32).toString('base64'), ...note.slice(3)].join('\n')),
      );
    },
  ],
])('a checkpoint that is %s is not signed, and is told', async (_what, tamper) => {
  const { ports, pass, files, lines, dueAt } = await aLog();
  const earlier = files().get('checkpoint') ?? new Uint8Array();
  await appendAudit(entriesFor('acme', ['c']), ports);
  tamper(files(), earlier);
  const before = new Map(files());
  pass(MINUTES);

  await signHeartbeats(ports);

  expect(new Map(files())).toEqual(before);
  expect(JSON.stringify(lines)).toContain('acme');
  expect(await dueAt()).toBe(later(NOW, MINUTES * MINUTE_MS));
});

test.each(['0', '-1', '1441', '1.5', '', 'soon'])('a cadence of "%s" is refused', (text) => {
  expect(() => heartbeatMinutesOf(text)).toThrow(/heartbeatMinutes/);
});
