import fc from 'fast-check';
import { verifyLog } from 'keywright-verify/log';
import { openCheckpoint, readVerifierKey } from 'keywright-verify/note';
import type { AuditEntries } from '../../../../events/audit-entries';
import { appendAudit } from '../../../../shared/domain/audit/append-audit';
import { originOf } from '../../../../shared/domain/audit/log/checkpoint';
import { verifierKey } from '../../../../shared/domain/audit/log/signed-note';
import { OPERATOR_ID } from '../../../../shared/domain/customers/customer';
import { customerLookup } from '../../../../shared/domain/customers/customer-lookup';
import { hasCode, KeywrightError } from '../../../../shared/domain/errors';
import { type CrashPlan, crashing, wrapped } from '../../../support/faults';
import { aSigner, entriesFor, memoryAuditPorts, NOBODY, readerOf } from '../../../support/memory-audit';
import { memoryControlStore } from '../../../support/memory-control-store';
import { readEntries } from '../../../support/read-entries';

type Ports = ReturnType<typeof memoryAuditPorts>;
const CUSTOMER = 'acme';

const names = (count: number, from = 0): string[] => Array.from({ length: count }, (_, at) => `event-${from + at}`);

async function publicKey(customerId = CUSTOMER) {
  return readVerifierKey(verifierKey(originOf(customerId), await aSigner().publicKey()));
}

/** What the stored log says happened, in order; only if the log verifies and contains every checkpoint in `saved`. */
async function verifiedEvents({ objects }: Ports, saved: readonly string[] = []): Promise<readonly string[]> {
  const reader = readerOf(objects.filesOf(CUSTOMER));
  const report = await verifyLog(reader, await publicKey(), { saved });
  expect(report.findings).toEqual([]);
  const events: string[] = [];
  for await (const entry of readEntries(reader, report.size ?? 0)) {
    events.push(JSON.parse(Buffer.from(entry).toString()).eventId);
  }
  return events;
}

function savedCheckpoint({ objects }: Ports): readonly string[] {
  const note = objects.filesOf(CUSTOMER).get('checkpoint');
  return note === undefined ? [] : [Buffer.from(note).toString()];
}

/** Every entry that was announced, in the order of the outbox. */
function announced({ sequence }: Ports): readonly (readonly [number, number])[] {
  return sequence.outbox.map(({ detail }) => [Number(detail['fromIndex']), Number(detail['size'])] as const);
}

test('entries are appended in order, and the log verifies with the public key alone', async () => {
  const ports = memoryAuditPorts();

  const first = await appendAudit(entriesFor(CUSTOMER, names(3)), ports);
  const second = await appendAudit(entriesFor(CUSTOMER, names(2, 3)), ports);

  expect(first).toEqual({ appended: 3, duplicates: 0, size: 3 });
  expect(second).toEqual({ appended: 2, duplicates: 0, size: 5 });
  expect(await verifiedEvents(ports)).toEqual(names(5));
});

test('the same entries again change nothing, not even the files', async () => {
  const ports = memoryAuditPorts();
  await appendAudit(entriesFor(CUSTOMER, names(3)), ports);
  const before = new Map(ports.objects.filesOf(CUSTOMER));

  const again = await appendAudit(entriesFor(CUSTOMER, names(3)), ports);

  expect(again).toEqual({ appended: 0, duplicates: 3, size: 3 });
  expect(ports.objects.filesOf(CUSTOMER)).toEqual(before);
  expect(ports.sequence.outbox).toHaveLength(1);
});

test("two accounts' copies of one call, each with an event id of its own, are one entry", async () => {
  const ports = memoryAuditPorts();
  const copies = [
    { dedupeKeys: ['ours', 'shared'], json: '{"customerId":"acme","eventId":"ours"}' },
    { dedupeKeys: ['theirs', 'shared'], json: '{"customerId":"acme","eventId":"theirs"}' },
  ];

  const both = await appendAudit({ customerId: CUSTOMER, entries: copies }, ports);
  const late = await appendAudit({ customerId: CUSTOMER, entries: copies.slice(1) }, ports);

  expect([both.appended, both.duplicates, late.duplicates]).toEqual([1, 1, 1]);
  expect(await verifiedEvents(ports)).toEqual(['ours']);
});

describe('a copy that a customer’s account forwarded', () => {
  const ours = { dedupeKeys: ['ours', 'shared:call'], json: '{"customerId":"acme","eventId":"ours"}' };
  const forwarded = (eventId: string) => ({
    dedupeKeys: [`from:444455556666:${eventId}`],
    supersededBy: ['shared:call'],
    json: JSON.stringify({ customerId: 'acme', eventId }),
  });
  const inOrder = async (...messages: readonly AuditEntries['entries'][]) => {
    const ports = memoryAuditPorts();
    for (const entries of messages) await appendAudit({ customerId: CUSTOMER, entries }, ports);
    return verifiedEvents(ports);
  };

  test('is left out where ours is in the stream, or in the same message', async () => {
    expect(await inOrder([ours], [forwarded('theirs')])).toEqual(['ours']);
    expect(await inOrder([forwarded('theirs'), ours])).toEqual(['ours']);
  });

  test('takes the place of nothing, whatever it says that it is', async () => {
    expect(await inOrder([forwarded('ours')], [forwarded('ours'), ours], [ours])).toEqual(['ours', 'ours']);
    expect(await inOrder([forwarded('theirs')], [ours], [forwarded('theirs')], [ours])).toEqual(['theirs', 'ours']);
  });
});

test('the same event reaches two customers as an entry of each', async () => {
  const ports = memoryAuditPorts();

  const one = await appendAudit(entriesFor('acme', ['event']), ports);
  const other = await appendAudit(entriesFor('globex', ['event']), ports);

  expect([one.size, other.size]).toEqual([1, 1]);
});

test('what is too much for one transaction goes into several, in order', async () => {
  const ports = memoryAuditPorts();
  const long = { customerId: CUSTOMER, eventId: '', text: 'x'.repeat(60_000) };
  const entries = names(12).map((eventId) => ({
    dedupeKeys: [eventId, `${eventId}-a`, `${eventId}-b`, `${eventId}-c`],
    json: JSON.stringify({ ...long, eventId }),
  }));

  await appendAudit({ customerId: CUSTOMER, entries }, ports);
  await appendAudit(entriesFor(CUSTOMER, names(1_000, 12)), ports);

  expect(await verifiedEvents(ports)).toEqual(names(1_012));
});

test.each([NOBODY, '..', '\uD800'])('a message for %j, whom nobody registered, makes no stream', async (customerId) => {
  const ports = { ...memoryAuditPorts(), customers: customerLookup(memoryControlStore()) };

  const refusal = appendAudit(entriesFor(customerId, ['event']), ports);

  await expect(refusal).rejects.toMatchObject({ code: 'state.not-found', retry: false });
  expect(ports.objects.filesOf(customerId).size).toBe(0);
});

test('the operator has a stream though nobody registered them', async () => {
  const ports = { ...memoryAuditPorts(), customers: customerLookup(memoryControlStore()) };

  expect(await appendAudit(entriesFor(OPERATOR_ID, ['event']), ports)).toMatchObject({ appended: 1 });
});

test('an entry that no log can hold is refused by its place and size, and nothing is appended', async () => {
  const ports = memoryAuditPorts();
  const entries = [...entriesFor(CUSTOMER, ['short']).entries, { dedupeKeys: ['long'], json: 'x'.repeat(65_536) }];

  const refusal = await appendAudit({ customerId: CUSTOMER, entries }, ports).catch((error: unknown) => error);

  expect(refusal).toMatchObject({ code: 'input.invalid', details: { at: 1, sizeBytes: 65_536 } });
  expect((await ports.sequence.head(CUSTOMER)).size).toBe(0);
});

test('a damaged tile is noticed before anything is signed', async () => {
  const ports = memoryAuditPorts();
  await appendAudit(entriesFor(CUSTOMER, names(3)), ports);
  const files = ports.objects.filesOf(CUSTOMER);
  const [note, tile] = [files.get('checkpoint'), files.get('tile/0/000.p/3')];
  tile?.set([(tile[40] ?? 0) ^ 1], 40);

  const refusal = await appendAudit(entriesFor(CUSTOMER, ['next']), ports).catch((error: unknown) => error);

  expect(hasCode(refusal, 'audit.contradicted')).toBe(true);
  expect(files.get('checkpoint')).toEqual(note);
});

test('a stored file that is not what the entries make it is never written over or signed', async () => {
  const ports = memoryAuditPorts();
  ports.objects.filesOf(CUSTOMER).set('tile/entries/000.p/1', Buffer.from('planted'));

  const refusal = await appendAudit(entriesFor(CUSTOMER, ['event']), ports).catch((error: unknown) => error);

  expect(hasCode(refusal, 'audit.contradicted')).toBe(true);
  expect(savedCheckpoint(ports)).toEqual([]);
});

test('a planted checkpoint of a size that the log never had stops the log and is not taken for its future', async () => {
  const ports = memoryAuditPorts();
  await appendAudit(entriesFor(CUSTOMER, names(3)), ports);
  const [note = ''] = savedCheckpoint(ports);
  ports.objects.filesOf(CUSTOMER).set('checkpoint', Buffer.from(note.replace('\n3\n', '\n999\n')));

  const refusal = await appendAudit(entriesFor(CUSTOMER, ['next']), ports).catch((error: unknown) => error);

  expect(hasCode(refusal, 'audit.contradicted')).toBe(true);
});

test('another customer’s checkpoint in the place of this one’s stops the log, and is not taken for it', async () => {
  const ports = memoryAuditPorts();
  await appendAudit(entriesFor(CUSTOMER, names(3)), ports);
  await appendAudit(entriesFor('globex', names(4)), ports);
  const theirs = ports.objects.filesOf('globex').get('checkpoint') ?? new Uint8Array();
  ports.objects.filesOf(CUSTOMER).set('checkpoint', theirs);
  // More is sequenced than will be signed at first: the other log’s size is one that this log will have.
  await ports.sequence.sequence(await ports.sequence.head(CUSTOMER), [{ dedupeKeys: ['a'], bytes: Buffer.from('a') }]);

  const refusal = await appendAudit(entriesFor(CUSTOMER, ['next']), ports).catch((error: unknown) => error);

  expect(hasCode(refusal, 'audit.contradicted')).toBe(true);
  expect(ports.objects.filesOf(CUSTOMER).get('checkpoint')).toEqual(theirs);
});

test('another customer’s entries in the place of this one’s are not carried on into the log', async () => {
  const ports = memoryAuditPorts();
  await appendAudit(entriesFor(CUSTOMER, names(3)), ports);
  await appendAudit(entriesFor('globex', names(3)), ports);
  const bundle = 'tile/entries/000.p/3';
  const theirs = ports.objects.filesOf('globex').get(bundle) ?? new Uint8Array();
  ports.objects.filesOf(CUSTOMER).set(bundle, theirs);

  const refusal = await appendAudit(entriesFor(CUSTOMER, ['next']), ports).catch((error: unknown) => error);

  expect(hasCode(refusal, 'audit.contradicted')).toBe(true);
  const written = [...ports.objects.filesOf(CUSTOMER)].filter(
    ([path]) => path.startsWith('tile/entries/') && path !== bundle,
  );
  expect(written.map(([path]) => path)).toEqual([]);
});

/** Three appends that fill a bundle and begin the next, one of them a repeat in part. */
const SCHEDULE: readonly AuditEntries[] = [
  entriesFor(CUSTOMER, names(3)),
  entriesFor(CUSTOMER, names(256, 2)),
  entriesFor(CUSTOMER, names(2, 257)),
];
const SCHEDULE_EVENTS = names(259);

/** Delivers the schedule; each message is delivered again until it is done, the first time through a process that dies. */
async function runWithCrash(plan: CrashPlan) {
  const ports = memoryAuditPorts();
  const crash = crashing(plan);
  const dying: Ports = {
    ...ports,
    sequence: wrapped(ports.sequence, crash.around),
    objects: wrapped(ports.objects, crash.around),
    signer: wrapped(ports.signer, crash.around),
  };
  const saved: string[] = [];
  for (const message of SCHEDULE) {
    const isDone = await appendAudit(message, dying).then(
      () => true,
      () => false,
    );
    saved.push(...savedCheckpoint(ports));
    if (!isDone) await appendAudit(message, ports);
    saved.push(...savedCheckpoint(ports));
  }
  return { ports, saved, calls: crash.calls() };
}

test('a crash before or after any call of any port loses nothing and repeats nothing', async () => {
  const { calls } = await runWithCrash({ atCall: Number.POSITIVE_INFINITY, afterEffect: false });
  console.log(`crash points of append-audit: ${calls} calls, before and after each`);
  expect(calls).toBeGreaterThan(SCHEDULE.length);

  for (let atCall = 0; atCall < calls; atCall++) {
    for (const afterEffect of [false, true]) {
      const { ports, saved } = await runWithCrash({ atCall, afterEffect });
      expect(await verifiedEvents(ports, saved)).toEqual(SCHEDULE_EVENTS);
      expect(coversOnce(announced(ports), 259)).toBe(true);
    }
  }
}, 120_000);

/** Whether the facts, put together, announce each entry exactly once. */
function coversOnce(ranges: readonly (readonly [number, number])[], size: number): boolean {
  let next = 0;
  for (const [from, to] of ranges) {
    if (from !== next || to <= from) return false;
    next = to;
  }
  return next === size;
}

/** Delivers a message until it is done, as the queue does. */
async function deliver(message: AuditEntries, ports: Ports): Promise<void> {
  for (let attempt = 0; attempt < 50; attempt++) {
    try {
      await appendAudit(message, ports);
      return;
    } catch (error) {
      if (!(error instanceof KeywrightError) || !error.retry) throw error;
    }
  }
  throw new Error('delivered 50 times in vain');
}

test('writers that race, fail and repeat themselves leave one entry an event, and every checkpoint contains the one before', async () => {
  const message = fc.array(fc.nat(30), { minLength: 1, maxLength: 12 });
  const deliveries = fc.array(message, { minLength: 1, maxLength: 6 });
  // What happens to each call in turn; after the last of them all is well.
  const faults = fc.array(fc.constantFrom('none', 'none', 'none', 'before', 'after'), { maxLength: 60 });

  await fc.assert(
    fc.asyncProperty(fc.scheduler(), deliveries, deliveries, faults, async (scheduler, one, other, fates) => {
      const ports = memoryAuditPorts();
      const saved: string[] = [];
      let calls = 0;
      const around = async (call: () => Promise<unknown>, name: string) => {
        await scheduler.schedule(Promise.resolve(), name);
        const fate = fates[calls++];
        if (fate === 'before') throw new KeywrightError('store.unreachable', 'lost on the way');
        const answer = await call();
        for (const note of savedCheckpoint(ports)) if (note !== saved.at(-1)) saved.push(note);
        if (fate === 'after') throw new KeywrightError('store.unreachable', 'lost on the way back');
        return answer;
      };
      const racing: Ports = {
        ...ports,
        sequence: wrapped(ports.sequence, around),
        objects: wrapped(ports.objects, around),
      };
      const writer = async (messages: readonly (readonly number[])[]) => {
        for (const ids of messages) {
          await deliver(
            entriesFor(
              CUSTOMER,
              ids.map((id) => `event-${id}`),
            ),
            racing,
          );
        }
      };

      await scheduler.waitFor(Promise.all([writer(one), writer(other)]));

      const events = await verifiedEvents(ports, saved);
      const expected = new Set([...one, ...other].flat().map((id) => `event-${id}`));
      expect([...events].sort()).toEqual([...expected].sort());
      expect(coversOnce(announced(ports), expected.size)).toBe(true);
      expect(sizesOf(saved, await publicKey())).toEqual([...sizesOf(saved, await publicKey())].sort((a, b) => a - b));
    }),
    { numRuns: Number(process.env['RUNS'] ?? 50) },
  );
}, 120_000);

function sizesOf(notes: readonly string[], key: Awaited<ReturnType<typeof publicKey>>): number[] {
  return notes.map((note) => openCheckpoint(note, key).size);
}

describe('entries that are deferred', () => {
  const deferred = (...eventIds: readonly string[]): AuditEntries => {
    const { customerId, entries } = entriesFor(CUSTOMER, eventIds);
    return { customerId, entries: entries.map((entry) => ({ ...entry, deferred: true })) };
  };
  const counting = () => {
    const signer = aSigner();
    let signatures = 0;
    const sign = (message: Uint8Array) => {
      signatures += 1;
      return signer.sign(message);
    };
    return { ports: memoryAuditPorts({ ...signer, sign }), signatures: () => signatures };
  };

  test('have their place at once, and are signed with the next that is not, once', async () => {
    const { ports, signatures } = counting();
    await appendAudit(entriesFor(CUSTOMER, ['one']), ports);

    const waiting = await appendAudit(deferred('signature'), ports);
    await appendAudit(deferred('signature'), ports);
    const before = signatures();
    await appendAudit(entriesFor(CUSTOMER, ['two']), ports);

    expect(waiting).toEqual({ appended: 1, duplicates: 0, size: 1 });
    expect([before, signatures()]).toEqual([2, 4]);
    expect(await verifiedEvents(ports)).toEqual(['one', 'signature', 'two']);
  });

  test('are signed at once beside one that is not', async () => {
    const { ports } = counting();
    const mixed = [...deferred('signature').entries, ...entriesFor(CUSTOMER, ['one']).entries];

    await appendAudit({ customerId: CUSTOMER, entries: mixed }, ports);

    expect(await verifiedEvents(ports)).toEqual(['signature', 'one']);
  });

  test('come to rest where each signature makes one, and never wait in thousands', async () => {
    const { ports, signatures } = counting();
    for (const name of names(1_000)) await appendAudit(deferred(name), ports);
    let told = 0;
    while (told < signatures() && told < 200) {
      await appendAudit(deferred(`signature-${told}`), ports);
      told += 1;
    }

    const { size, integrated } = await ports.sequence.head(CUSTOMER);
    expect(size).toBe(1_000 + told);
    expect(size - integrated).toBeLessThan(256);
    expect(told).toBeLessThan(200);
  });

  test.each([0, 200, 255])('come to rest while nothing can be signed, with %d that wait already', async (waiting) => {
    const signer = aSigner();
    let asked = 0;
    let isAway = false;
    const sign = async (message: Uint8Array) => {
      asked += 1;
      if (isAway) throw new KeywrightError('kms.access-denied', 'The signing key refuses.');
      return signer.sign(message);
    };
    const ports = memoryAuditPorts({ ...signer, sign });
    await appendAudit(entriesFor(CUSTOMER, ['one']), ports);
    for (const name of names(waiting)) await appendAudit(deferred(name), ports);
    isAway = true;
    // Each signature that is asked for is recorded, a failed one, too, and its entry is deferred.
    const asking = asked;
    await appendAudit(entriesFor(CUSTOMER, ['two']), ports).catch(() => undefined);
    let told = 0;
    while (told < asked - asking && told < 500) {
      await appendAudit(deferred(`signature-${told}`), ports).catch(() => undefined);
      told += 1;
    }
    expect(told).toBeLessThan(5);

    isAway = false;
    await appendAudit(entriesFor(CUSTOMER, ['three']), ports);

    const { size, integrated } = await ports.sequence.head(CUSTOMER);
    expect([size, integrated]).toEqual([1 + waiting + 1 + told + 1, size]);
  });
});

test('a log whose checkpoint is another log’s is not signed', async () => {
  const signer = aSigner();
  let signatures = 0;
  const sign = (message: Uint8Array) => {
    signatures += 1;
    return signer.sign(message);
  };
  const ports = memoryAuditPorts({ ...signer, sign });
  await appendAudit(entriesFor(CUSTOMER, ['one']), ports);
  const other = memoryAuditPorts();
  await appendAudit(entriesFor(CUSTOMER, names(50)), other);
  const [stored, forged] = await Promise.all([ports, other].map(({ objects }) => objects.read(CUSTOMER, 'checkpoint')));
  await ports.objects.replace(CUSTOMER, 'checkpoint', forged?.bytes ?? new Uint8Array(), stored?.tag ?? '');

  const refused = appendAudit(entriesFor(CUSTOMER, ['two']), ports);

  await expect(refused).rejects.toMatchObject({ code: 'audit.contradicted' });
  // Of one checkpoint: its own, and the one with its time.
  expect(signatures).toBe(2);
});
