/**
 * Logs that were tampered with, each once in one of the ways below, and where the first bad entry is: said by what was
 * changed, with no help of a verifier. Around the sizes at which tiles fill.
 */
import { appendAudit } from '../../../../shared/domain/audit/append-audit';
import { originOf, signCheckpoint } from '../../../../shared/domain/audit/log/checkpoint';
import { bundleOf, bundlePath, entriesOf, tilePath } from '../../../../shared/domain/audit/log/layout';
import { verifierKey } from '../../../../shared/domain/audit/log/signed-note';
import { aSigner, entriesFor, memoryAuditPorts } from '../../../../test/support/memory-audit';
import type { randomOf } from '../../../../test/support/random';
import { openCheckpoint, readVerifierKey } from '../../note';

export const CUSTOMER = 'acme';
const SIZES = [1, 2, 3, 7, 8, 20, 64, 100, 255, 256, 257, 300, 512, 520];
const TILE_WIDTH = 256;

export type Files = Map<string, Uint8Array>;
type Random = ReturnType<typeof randomOf>;

interface Log {
  readonly size: number;
  /** The files that its checkpoint reaches. */
  readonly files: Files;
  /** Its state when it was half as large. */
  readonly earlier: Files;
  /** Its checkpoints, both of them. */
  readonly saved: readonly string[];
}

/** @param word The entries of the first half are named with the first word, the others with the second. */
async function makeLog(
  size: number,
  customerId = CUSTOMER,
  words: readonly string[] = ['event', 'event'],
): Promise<Log> {
  const [word, later] = words;
  const ports = memoryAuditPorts();
  const half = halfOf(size);
  const ids = Array.from({ length: size }, (_, at) => `${at < half ? word : later}-${at}`);
  await appendAudit(entriesFor(customerId, ids.slice(0, half)), ports);
  const earlier = new Map(ports.objects.filesOf(customerId));
  await appendAudit(entriesFor(customerId, ids.slice(half)), ports);
  const files = new Map(ports.objects.filesOf(customerId));
  const saved = [earlier, files].map((state) => Buffer.from(state.get('checkpoint') ?? '').toString());
  return { size, files: reached(files, size), earlier, saved };
}

const halfOf = (size: number): number => Math.ceil(size / 2);

/** Leaves out the partial files of earlier sizes: no checkpoint of today says anything of them. */
function reached(files: Files, size: number): Files {
  const paths = ['checkpoint'];
  for (let level = 0, hashes = size; hashes > 0; level += 1, hashes = Math.floor(size / TILE_WIDTH ** level)) {
    for (let index = 0; index * TILE_WIDTH < hashes; index += 1) {
      const width = Math.min(TILE_WIDTH, hashes - index * TILE_WIDTH);
      paths.push(tilePath(level, index, width), ...(level === 0 ? [bundlePath(index, width)] : []));
    }
  }
  return new Map(paths.map((path) => [path, files.get(path) ?? new Uint8Array()]));
}

/** `name+keyid+key` of the logs that are made here. */
export const publicKeyOf = async (customerId = CUSTOMER): Promise<string> =>
  verifierKey(originOf(customerId), await aSigner().publicKey());

interface Stock {
  readonly logs: readonly Log[];
  readonly foreign: readonly Log[];
  /** Of another history from the beginning, and from the middle on. */
  readonly forks: readonly Log[];
  readonly laterForks: readonly Log[];
}

/** Each size once of every kind. */
async function makeStock(): Promise<Stock> {
  const all = (customerId: string, words: string[]) => SIZES.map((size) => makeLog(size, customerId, words));
  const [logs, foreign, forks, laterForks] = await Promise.all([
    Promise.all(all(CUSTOMER, ['event', 'event'])),
    Promise.all(all('globex', ['event', 'event'])),
    Promise.all(all(CUSTOMER, ['other', 'other'])),
    Promise.all(all(CUSTOMER, ['event', 'other'])),
  ]);
  return { logs, foreign, forks, laterForks };
}

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

/** What a strict reader refuses, though what was signed is all there. */
const JUNK: readonly ((note: string) => string)[] = [
  (note) => `${note}\n`,
  (note) => `${note}junk\n`,
  (note) => `${note}\u2014 somebody !!!!\n`,
  (note) => note + signatureOf(note),
  (note) => note.replace('\n\n', '\n\n\n'),
  (note) => note.replace('\n\n', '\nmore\n\n'),
  (note) => note.replace('\u2014', '-'),
  (note) => note.replaceAll('\n', '\r\n'),
  (note) => note.replace(/=\n$/, '\n'),
  (note) => note.replace(/\n$/, ''),
  (note) => note.replace(/\n$/, ' \n'),
  (note) => `\ufeff${note}`,
  (note) => note.replace(/\n(\d+)\n/, '\n0$1\n'),
  (note) => note.replace(/\n(\d+)\n/, '\n+$1\n'),
  (note) => note.replace('\n', '\n\u0000'),
];

/** The writer itself put in what is no entry of the log, and signed it: behind as many sound ones as the log's place says. */
const SIGNED = 'a signed entry that is none';

const ODD_ENTRIES: readonly string[] = [
  '',
  '{}',
  'null',
  '["customerId","acme"]',
  '{"v":1}',
  '{"customerId":"globex"}',
  '{"customerId":["acme"]}',
  '{"customerId":"acme","customerId":"acme"}',
  '{"customerId":"globex","customerId":"acme"}',
  '{"customerId":"acme","customer\\u0049d":"globex"}',
  '{"v":1,"customerId":"acme","record":{"a":[{}]},"v":1}',
  '{"customerId":"acme","__proto__":{},"__proto__":1}',
  ' {"customerId":"acme"}',
  '{"customerId":"acme"} ',
  '{"customerId":"acme"}{}',
  '{"customerId":"acme",\n"v":1}',
  '{"customerId":"acme",\r"v":1}',
  '\ufeff{"customerId":"acme"}',
  '{"customerId":"acme","x":[01]}',
  '{"customerId":"acme","x":{a}}',
  '{"customerId":"acme","x":{[}]}',
  '{"customerId":"acme",}',
  '{"customerId":"acme"',
];

const signatureOf = (note: string): string => note.slice(note.indexOf('\n\n') + 2);

/** Where the line begins that has the time. */
const timeAt = (note: Uint8Array): number => Buffer.from(note).lastIndexOf('\u2014');

/** Without its time a checkpoint is what it was before there were times: that is stale, and nothing else. */
function unlessTimeAlone(log: Log, path: string, bytes: Uint8Array): Files | undefined {
  const note = log.files.get('checkpoint') ?? new Uint8Array();
  const isTimeAlone = path === 'checkpoint' && same(note.subarray(0, timeAt(note)), bytes.subarray(0, timeAt(note)));
  return isTimeAlone ? undefined : new Map(log.files).set(path, bytes);
}

const TAMPERINGS_OF: Readonly<Record<string, Tampering>> = {
  'bit flip': (log, _at, _stock, random) => {
    const path = random.pick([...log.files.keys()]);
    const bytes = Uint8Array.from(log.files.get(path) ?? []);
    const bit = random.below(bytes.length * 8);
    bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    return unlessTimeAlone(log, path, bytes);
  },
  'another time': (log, _at, _stock, random) => {
    const note = Buffer.from(log.files.get('checkpoint') ?? '').toString();
    const encoded = note.slice(note.lastIndexOf(' ') + 1, -1);
    const stamp = Buffer.from(encoded, 'base64');
    const byte = 4 + random.below(stamp.length - 4);
    stamp[byte] = (stamp[byte] ?? 0) ^ (1 + random.below(255));
    return new Map(log.files).set('checkpoint', Buffer.from(note.replace(encoded, stamp.toString('base64'))));
  },
  'file cut short': (log, _at, _stock, random) => {
    const path = random.pick([...log.files.keys()]);
    const bytes = log.files.get(path) ?? new Uint8Array();
    return unlessTimeAlone(log, path, bytes.slice(0, random.below(bytes.length)));
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
    const { origin, size, root } = openCheckpoint(log.saved[1] ?? '', readVerifierKey(await publicKeyOf()));
    return new Map(log.files).set(
      'checkpoint',
      Buffer.from(await signCheckpoint({ origin, size, rootHash: root }, aSigner(2))),
    );
  },
  [SIGNED]: async (_log, at, _stock, random) => {
    const ports = memoryAuditPorts();
    const ids = Array.from({ length: at }, (_, index) => `event-${index}`);
    if (at > 0) await appendAudit(entriesFor(CUSTOMER, ids), ports);
    const odd = { dedupeKeys: ['odd'], json: random.pick(ODD_ENTRIES) };
    await appendAudit({ customerId: CUSTOMER, entries: [odd] }, ports);
    return new Map(ports.objects.filesOf(CUSTOMER));
  },
  'junk in the note': (log, _at, _stock, random) => {
    const note = Buffer.from(log.files.get('checkpoint') ?? '').toString();
    return new Map(log.files).set('checkpoint', Buffer.from(random.pick(JUNK)(note)));
  },
  'rolled back': (log) => (log.size > 1 ? log.earlier : undefined),
  'another history': (_log, at, stock) => stock.forks[at]?.files,
  'another history from the middle on': (log, at, stock) => (log.size > 1 ? stock.laterForks[at]?.files : undefined),
  'another history under the true checkpoint': (log, at, stock) =>
    new Map(stock.forks[at]?.files).set('checkpoint', log.files.get('checkpoint') ?? new Uint8Array()),
  'an old checkpoint over a longer log': (log) => (log.size > 1 ? new Map([...log.files, ...log.earlier]) : undefined),
};

/** A tampered log: its files, the checkpoints that were saved before, and the index of the first bad entry. */
export interface TamperedLog {
  readonly kind: string;
  readonly size: number;
  readonly files: Files;
  readonly saved: readonly string[];
  readonly firstBadIndex: number;
}

export const KINDS: readonly string[] = Object.keys(TAMPERINGS_OF);

/** Tampered logs without an end. */
export async function* tamperedLogs(random: Random): AsyncGenerator<TamperedLog, never> {
  const stock = await makeStock();
  for (;;) {
    const kind = random.pick(KINDS);
    const at = random.below(SIZES.length);
    const log = stock.logs[at];
    const files = log && (await TAMPERINGS_OF[kind]?.(log, at, stock, random));
    if (log === undefined || files === undefined) continue;
    // It is another log: nothing of it was saved before.
    const saved = kind === SIGNED ? [] : log.saved;
    yield { kind, size: log.size, files, saved, firstBadIndex: firstBadIndexOf(kind, log, at, files) };
  }
}

/** Sound logs, one of each size, with the checkpoints that were saved before. */
export async function soundLogs(): Promise<readonly Pick<TamperedLog, 'size' | 'files' | 'saved'>[]> {
  return (await makeStock()).logs;
}

/** Of these the signed checkpoint is another one, and the entries are as it says. */
const PARTS_AT: Readonly<Record<string, (size: number, at: number) => number>> = {
  [SIGNED]: (_size, at) => at,
  'rolled back': halfOf,
  'an old checkpoint over a longer log': halfOf,
  'another history': () => 0,
  'another history from the middle on': halfOf,
};

function firstBadIndexOf(kind: string, log: Log, at: number, files: Files): number {
  const parts = PARTS_AT[kind];
  if (parts !== undefined) return parts(log.size, at);
  const changed = [...log.files.keys()].filter((path) => !same(log.files.get(path), files.get(path)));
  // A bad checkpoint vouches for nothing.
  if (changed.includes('checkpoint')) return 0;
  const entries = changed
    .filter((path) => path.startsWith('tile/entries/'))
    .map((path) => firstBadOf(path, log, files));
  const first = Math.min(...(entries.length > 0 ? entries : changed.map(firstBelow)));
  // Where a tile at the right edge goes with its bundle none tells which entry it is: as far as saved checkpoints reach all is well.
  const isHidden = entries.length > 0 && changed.some((path) => /^tile\/\d.*\.p\//.test(path));
  return isHidden ? Math.max(...[0, halfOf(log.size)].filter((size) => size <= first)) : first;
}

const same = (one: Uint8Array | undefined, other: Uint8Array | undefined): boolean =>
  one !== undefined && other !== undefined && Buffer.compare(one, other) === 0;

/** The first entry of a bundle that is not there, is another one, or has something behind it that does not belong there. */
function firstBadOf(path: string, log: Log, files: Files): number {
  const [expected, found] = [log, { files }].map((one) => entriesIn(one.files.get(path) ?? new Uint8Array()));
  const at = expected?.findIndex((entry, index) => !same(entry, found?.[index])) ?? 0;
  return numberOf(path) * TILE_WIDTH + (at < 0 ? (expected?.length ?? 0) : at);
}

/** As many as can be read. */
function entriesIn(bundle: Uint8Array): readonly Uint8Array[] {
  const entries: Uint8Array[] = [];
  for (let at = 0; at + 2 <= bundle.length; ) {
    const end = at + 2 + Buffer.from(bundle).readUInt16BE(at);
    if (end > bundle.length) break;
    entries.push(bundle.subarray(at + 2, end));
    at = end;
  }
  return entries;
}

/** The first entry below a tile: `tile/<level>/<number>`. */
function firstBelow(path: string): number {
  const [, level = ''] = path.split('/');
  return numberOf(path) * TILE_WIDTH ** (Number(level) + 1);
}

/** No log here has a thousand bundles. */
const numberOf = (path: string): number => Number(path.split('/')[2]?.slice(0, 3));
