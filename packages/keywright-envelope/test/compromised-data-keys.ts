/**
 * The life of one data store with compromised data keys, from one seed: several processes of an application, each with a
 * window of its own, write, read and re-write records while data keys are declared compromised and moved.
 */

import { confirmNoneLeft } from '../../../shared/domain/compromise/clear-exposure';
import type { RecordScan } from '../../../shared/domain/compromise/compromise';
import { declareCompromise } from '../../../shared/domain/compromise/declare-compromise';
import { OUT_OF_USE_MS } from '../../../shared/domain/keys/data-key';
import { envelopeWorld, MINUTE_MS, PLACE } from '../../../test/support/envelope-world';
import { countedIds, silentLog } from '../../../test/support/make';
import { type Random, randomOf } from '../../../test/support/random';
import { read } from '../container';
import { createEnvelope, type Envelope } from '../envelope';
import { reprotect } from '../reprotect';

const STEPS = 25;
const PROCESSES = 3;

interface Item {
  readonly id: string;
  readonly container: Uint8Array;
}

type World = ReturnType<typeof envelopeWorld>;

/** What is worse than in production. */
export interface Plant {
  readonly ports?: (ports: World['ports']) => World['ports'];
  /** How long after the last declaration the application scans. */
  readonly scanAfterMs?: number;
  readonly confirm?: typeof confirmNoneLeft;
}

interface Play {
  readonly world: World;
  readonly random: Random;
  readonly processes: readonly { readonly envelope: Envelope; readonly windowMs: number }[];
  readonly records: Map<string, Uint8Array>;
  readonly texts: Map<string, string>;
  /** When each data key was marked. */
  readonly marked: Map<string, number>;
  readonly compromiseIds: string[];
  readonly domain: Parameters<typeof confirmNoneLeft>[1] & Parameters<typeof declareCompromise>[1];
  written: number;
}

export interface Summary {
  readonly records: number;
  readonly compromises: number;
  readonly reprotected: number;
}

/** Plays one seed to its end. Throws where a promise is broken. */
export async function playCompromises(seed: number, plant: Plant = {}): Promise<Summary> {
  const play = begin(seed, plant);
  for (let step = 0; step < STEPS; step += 1) await play.random.pick(ACTS)(play);
  play.world.pass(plant.scanAfterMs ?? OUT_OF_USE_MS);
  const scan = await scanUntilNoneIsLeft(play);
  await confirmAll(play, scan, plant.confirm ?? confirmNoneLeft);
  // Whoever has something in hand may write once more.
  for (const process of play.processes) await write(`last-${play.written}`, process, play);
  await checkEnd(play);
  return { records: play.records.size, compromises: play.compromiseIds.length, reprotected: scan.reprotected };
}

function begin(seed: number, plant: Plant): Play {
  const world = envelopeWorld();
  const random = randomOf(seed + 1);
  world.store();
  const ids = countedIds();
  const ports = plant.ports?.({ ...world.ports, ids }) ?? { ...world.ports, ids };
  const processes = Array.from({ length: PROCESSES }, () => {
    const windowMs = random.pick([0, 1, 5, 30, 60]) * MINUTE_MS;
    return { windowMs, envelope: createEnvelope(ports, { windowMs }) };
  });
  const clock = { now: () => new Date(world.nowMs()).toISOString() };
  const domain = { control: world.control, dataKeys: world.dataKeys, clock, ids: countedIds(), log: silentLog };
  const kept = { records: new Map(), texts: new Map(), marked: new Map(), compromiseIds: [] };
  return { ...kept, world, random, processes, domain, written: 0 };
}

type Act = (play: Play) => Promise<unknown>;

const ACTS: readonly Act[] = [
  (play) => write(`record-${play.random.below(20)}`, play.random.pick(play.processes), play),
  (play) => write(`record-${play.random.below(20)}`, play.random.pick(play.processes), play),
  readSome,
  readSome,
  declareOne,
  async ({ world, random }) => world.pass(random.below(25) * MINUTE_MS),
  async ({ random, processes }) => random.pick(processes).envelope.flush(),
  atTheSameTime,
];

async function atTheSameTime(play: Play): Promise<void> {
  await Promise.all([declareOne(play), readSome(play), write('contended', play.random.pick(play.processes), play)]);
}

async function write(id: string, { envelope, windowMs }: Play['processes'][number], play: Play): Promise<void> {
  play.written += 1;
  const text = `text ${play.written}`;
  const container = await envelope.encrypt(PLACE, Buffer.from(text));
  noteWritten(container, windowMs, play);
  play.records.set(id, container);
  play.texts.set(id, text);
}

/** A process may use what it has for its window and no longer. */
function noteWritten(container: Uint8Array, windowMs: number, { marked, world }: Play): void {
  const markedAt = marked.get(read(container).dataKeyId);
  if (markedAt === undefined || world.nowMs() <= markedAt + windowMs) return;
  broken('new data names a compromised data key after the window', { markedAt, now: world.nowMs(), windowMs });
}

async function readSome(play: Play): Promise<void> {
  const { random, records, processes, texts } = play;
  if (records.size === 0) return;
  const [id, container] = random.pick([...records]);
  const { envelope, windowMs } = random.pick(processes);
  const before = texts.get(id);
  const { plaintext, renewed } = await envelope.decryptAndRenew(PLACE, container);
  if (Buffer.from(plaintext).toString() !== before) broken('a record says something else', { id, before });
  if (!renewed || records.get(id) !== container) return;
  noteWritten(renewed, windowMs, play);
  records.set(id, renewed);
}

async function declareOne({ world, random, marked, compromiseIds, domain }: Play): Promise<void> {
  const free = world.dataKeys.all().filter(({ compromised }) => !compromised);
  if (free.length === 0) return;
  const dataKeys = [random.pick(free)];
  const declared = await declareCompromise({ reason: 'a planned one', by: 'somebody', dataKeys }, domain);
  for (const { dataKeyId } of dataKeys) marked.set(dataKeyId, world.nowMs());
  if ('compromise' in declared) compromiseIds.push(declared.compromise.compromiseId);
}

/** While the application goes on: what it changed under the scan is looked at by the next one. */
async function scanUntilNoneIsLeft(play: Play): Promise<RecordScan> {
  const { processes, random, records } = play;
  let reprotected = 0;
  for (let round = 0; round < 10; round += 1) {
    const process = random.pick(processes);
    const changing = round === 0 ? write('record-1', random.pick(processes), play) : undefined;
    const scan = await reprotect<Item>({
      envelope: process.envelope,
      place: PLACE,
      records: [...records].map(([id, container]) => ({ id, container })),
      containerOf: ({ container }) => container,
      async write({ id, container }, renewed) {
        if (records.get(id) !== container) return false;
        records.set(id, renewed);
        return true;
      },
      nowMs: play.world.nowMs,
    });
    await changing;
    reprotected += scan.reprotected;
    if (scan.left === 0) return { ...scan, reprotected };
  }
  broken('a scan never ends', [...records.keys()]);
}

async function confirmAll(play: Play, scan: RecordScan, confirm: typeof confirmNoneLeft): Promise<void> {
  for (const compromiseId of play.compromiseIds) {
    await confirm({ compromiseId, ...PLACE, scan, by: 'the application' }, play.domain);
  }
}

async function checkEnd({ world, records, texts, marked }: Play): Promise<void> {
  const reader = createEnvelope(world.ports);
  for (const [id, container] of records) {
    if (marked.has(read(container).dataKeyId)) broken('a record still depends on a compromised data key', { id });
    const text = Buffer.from(await reader.decrypt(PLACE, container)).toString();
    if (text !== texts.get(id)) broken('a record was lost', { id, text });
  }
  const open = world.control.all('compromise').filter(({ state }) => state !== 'ended');
  if (open.length > 0) broken('a compromise has not ended', open);
}

function broken(law: string, where: unknown): never {
  throw new Error(`${law}: ${JSON.stringify(where)}`);
}
