/**
 * Thousands of logs, each tampered with once in one of the ways below, and as many that were not.
 * `RUNS=10000` does more of both; `SEED=n` repeats a run.
 */

import { appendAudit } from '../../../shared/domain/audit/append-audit';
import { originOf, signCheckpoint } from '../../../shared/domain/audit/log/checkpoint';
import { bundleOf, entriesOf } from '../../../shared/domain/audit/log/layout';
import { verifierKey } from '../../../shared/domain/audit/log/signed-note';
import { aSigner, entriesFor, memoryAuditPorts, readerOf } from '../../../test/support/memory-audit';
import { randomOf } from '../../../test/support/random';
import { verifyLog } from '../log';
import { openCheckpoint, readVerifierKey } from '../note';

const SEED = Number(process.env['SEED'] ?? 1);
const TAMPERINGS = Number(process.env['RUNS'] ?? 400);
const CUSTOMER = 'acme';
/** Around the sizes at which tiles fill, and plain small ones. */
const SIZES = [1, 2, 3, 7, 8, 20, 64, 100, 255, 256, 257, 300, 512, 520];

type Files = Map<string, Uint8Array>;

interface Log {
  readonly size: number;
  /** The files that its checkpoint reaches. */
  readonly files: Files;
  /** Its state when it was half as large. */
  readonly earlier: Files;
  /** Its checkpoints, both of them. */
  readonly saved: readonly string[];
}

async function makeLog(size: number, customerId = CUSTOMER, word = 'event'): Promise<Log> {
  const ports = memoryAuditPorts();
  const ids = Array.from({ length: size }, (_, at) => `${word}-${at}`);
  const half = Math.ceil(size / 2);
  await appendAudit(entriesFor(customerId, ids.slice(0, half)), ports);
  const earlier = new Map(ports.objects.filesOf(customerId));
  await appendAudit(entriesFor(customerId, ids.slice(half)), ports);
  const files = new Map(ports.objects.filesOf(customerId));
  const saved = [earlier, files].map((state) => Buffer.from(state.get('checkpoint') ?? '').toString());
  return { size, files: await reached(files, customerId), earlier, saved };
}

/** Leaves out the partial files of earlier sizes: no checkpoint of today says anything of them. */
async function reached(files: Files, customerId: string): Promise<Files> {
  const read = new Set<string>();
  const reader = readerOf(files);
  const key = readVerifierKey(verifierKey(originOf(customerId), await aSigner().publicKey()));
  const noting = (path: string, bytesMax: number) => {
    read.add(path);
    return reader.read(path, bytesMax);
  };
  await verifyLog({ read: noting }, key);
  return new Map([...files].filter(([path]) => read.has(path)));
}

type Random = ReturnType<typeof randomOf>;
type Stock = { readonly logs: readonly Log[]; readonly foreign: readonly Log[]; readonly forks: readonly Log[] };
/** The tampered files; `saved` where it takes a saved checkpoint to see it. Undefined: cannot be done to this log. */
type Tampering = (log: Log, at: number, stock: Stock, random: Random) => Promise<Files | undefined> | Files | undefined;

const bundlesOf = (files: Files) => [...files.keys()].filter((path) => path.startsWith('tile/entries/'));

function withEntries(log: Log, random: Random, change: (entries: Uint8Array[], at: number) => Uint8Array[]) {
  const path = random.pick(bundlesOf(log.files));
  const entries = entriesOf(log.files.get(path) ?? new Uint8Array());
  const changed = bundleOf(change(entries, random.below(entries.length)));
  return Buffer.compare(changed, log.files.get(path) ?? changed) === 0
    ? undefined
    : new Map(log.files).set(path, changed);
}

function firstEntryOf(log: Log | undefined): Uint8Array {
  const [path = ''] = bundlesOf(log?.files ?? new Map());
  return entriesOf(log?.files.get(path) ?? new Uint8Array())[0] ?? new Uint8Array();
}

const TAMPERINGS_OF: Readonly<Record<string, Tampering>> = {
  'bit flip': (log, _at, _stock, random) => {
    const path = random.pick([...log.files.keys()]);
    const bytes = Uint8Array.from(log.files.get(path) ?? []);
    const bit = random.below(bytes.length * 8);
    bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    return new Map(log.files).set(path, bytes);
  },
  'file cut short': (log, _at, _stock, random) => {
    const path = random.pick([...log.files.keys()]);
    const bytes = log.files.get(path) ?? new Uint8Array();
    return new Map(log.files).set(path, bytes.slice(0, random.below(bytes.length)));
  },
  'file removed': (log, _at, _stock, random) => {
    const files = new Map(log.files);
    files.delete(random.pick([...files.keys()]));
    return files;
  },
  'entry removed': (log, _at, _stock, random) => withEntries(log, random, (entries, at) => entries.toSpliced(at, 1)),
  'entry inserted': (log, _at, _stock, random) =>
    withEntries(log, random, (entries, at) => entries.toSpliced(at, 0, Buffer.from('{"customerId":"acme"}'))),
  'entry repeated': (log, _at, _stock, random) =>
    withEntries(log, random, (entries, at) => entries.toSpliced(at, 0, entries[at] ?? new Uint8Array())),
  'entries reordered': (log, _at, _stock, random) =>
    withEntries(log, random, (entries, at) => [...entries.slice(at), ...entries.slice(0, at)]),
  'entry of another customer': (log, at, stock, random) =>
    withEntries(log, random, (entries, index) => entries.with(index, firstEntryOf(stock.foreign[at]))),
  'bundle and tile of another customer': (log, at, stock, random) => {
    const path = random.pick(bundlesOf(log.files));
    const files = new Map(log.files);
    for (const name of [path, path.replace('entries', '0')]) {
      const foreign = stock.foreign[at]?.files.get(name);
      if (foreign) files.set(name, foreign);
    }
    return files;
  },
  "another customer's log": (_log, at, stock) => stock.foreign[at]?.files,
  'signed with another key': async (log) => {
    const { origin, size, root } = openCheckpoint(log.saved[1] ?? '', await ourKey());
    return new Map(log.files).set(
      'checkpoint',
      Buffer.from(await signCheckpoint({ origin, size, rootHash: root }, aSigner(2))),
    );
  },
  'rolled back': (log) => (log.size > 1 ? log.earlier : undefined),
  'another history': (_log, at, stock) => stock.forks[at]?.files,
  'another history under the true checkpoint': (log, at, stock) =>
    new Map(stock.forks[at]?.files).set('checkpoint', log.files.get('checkpoint') ?? new Uint8Array()),
  'an old checkpoint over a longer log': (log) =>
    log.size > 1 ? new Map(log.files).set('checkpoint', Buffer.from(log.saved[0] ?? '')) : undefined,
};

async function ourKey() {
  return readVerifierKey(verifierKey(originOf(CUSTOMER), await aSigner().publicKey()));
}

test(`each of ${TAMPERINGS} tamperings is found`, async () => {
  const stock = {
    logs: await Promise.all(SIZES.map((size) => makeLog(size))),
    foreign: await Promise.all(SIZES.map((size) => makeLog(size, 'globex'))),
    forks: await Promise.all(SIZES.map((size) => makeLog(size, CUSTOMER, 'other'))),
  };
  const key = await ourKey();
  const random = randomOf(SEED);
  const kinds = Object.keys(TAMPERINGS_OF);
  const done: Record<string, number> = {};
  const missed: string[] = [];

  for (let made = 0; made < TAMPERINGS; ) {
    const kind = random.pick(kinds);
    const at = random.below(SIZES.length);
    const log = stock.logs[at];
    const files = log && (await TAMPERINGS_OF[kind]?.(log, at, stock, random));
    if (files === undefined) continue;
    made += 1;
    done[kind] = (done[kind] ?? 0) + 1;
    const report = await verifyLog(readerOf(files), key, { saved: log?.saved ?? [] });
    if (report.ok) missed.push(`${kind} in a log of ${log?.size}, tampering ${made} of seed ${SEED}`);
  }

  console.log(`tamperings found: ${TAMPERINGS - missed.length} of ${TAMPERINGS} (seed ${SEED})`, done);
  expect(missed).toEqual([]);
  expect(Object.keys(done).sort()).toEqual(kinds.sort());
}, 120_000);

test(`none of ${TAMPERINGS} intact logs raises an alarm`, async () => {
  const random = randomOf(SEED);
  const key = await ourKey();
  const alarms: string[] = [];

  for (let checked = 0; checked < TAMPERINGS; ) {
    const ports = memoryAuditPorts();
    const files = ports.objects.filesOf(CUSTOMER);
    const saved: string[] = [];
    for (let entries = 0; entries < 600 && checked < TAMPERINGS; checked++) {
      const ids = Array.from({ length: 1 + random.below(4) }, () => `event-${entries++}`);
      await appendAudit(entriesFor(CUSTOMER, ids), ports);
      saved.push(Buffer.from(files.get('checkpoint') ?? '').toString());
      const report = await verifyLog(readerOf(files), key, { saved: [random.pick(saved), random.pick(saved)] });
      if (!report.ok) alarms.push(`size ${entries}: ${report.findings[0]?.message}`);
    }
  }

  console.log(`false alarms: ${alarms.length} of ${TAMPERINGS} (seed ${SEED})`);
  expect(alarms).toEqual([]);
}, 120_000);
