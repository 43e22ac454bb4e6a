/**
 * The lives of some keys under faults, from one seed.
 *
 * The verbs are the production ones. What is played is the world: a bus that delivers facts late, twice and out of
 * order; stores and a KMS whose calls fail before or after their effect; an index and a KMS that lag; an application
 * that makes data keys; an owner who takes keys away and gives them back; somebody else who rotates.
 */

import { containmentDue } from '../../../../events/containment-due';
import { dataKeysReencrypted } from '../../../../events/data-keys-reencrypted';
import { deletionDue } from '../../../../events/deletion-due';
import { keyCompromised } from '../../../../events/key-compromised';
import { keyRotated } from '../../../../events/key-rotated';
import { reencryptionBatchDue } from '../../../../events/reencryption-batch-due';
import { retiredKeyUsed } from '../../../../events/retired-key-used';
import { retirementDue } from '../../../../events/retirement-due';
import { rotationDue } from '../../../../events/rotation-due';
import type { Compromise } from '../../../../shared/domain/compromise/compromise';
import {
  containCompromise,
  containKey,
  reconcileCompromises,
} from '../../../../shared/domain/compromise/contain-compromise';
import { declareCompromise } from '../../../../shared/domain/compromise/declare-compromise';
import { type ErrorCode, hasCode, KeywrightError } from '../../../../shared/domain/errors';
import { type DataKey, type DataKeyName, encryptionContextOf } from '../../../../shared/domain/keys/data-key';
import type { KmsKey } from '../../../../shared/domain/keys/kms-key';
import { pauseJob } from '../../../../shared/domain/reencryption/jobs/pause-job';
import { reconcileJobs } from '../../../../shared/domain/reencryption/jobs/reconcile-jobs';
import { resumeJob, resumeJobs } from '../../../../shared/domain/reencryption/jobs/resume-job';
import { setPriority } from '../../../../shared/domain/reencryption/jobs/set-priority';
import { reencryptBatch } from '../../../../shared/domain/reencryption/reencrypt-data-keys';
import { requestReencryption } from '../../../../shared/domain/reencryption/request-reencryption';
import { retryReencryption } from '../../../../shared/domain/reencryption/retry-reencryption';
import { startReencryption } from '../../../../shared/domain/reencryption/start-reencryption';
import { approveStep, requestStep } from '../../../../shared/domain/retirement/approve-retirement';
import { declareBackup, releaseBackup } from '../../../../shared/domain/retirement/declare-backup';
import { deleteKey } from '../../../../shared/domain/retirement/delete-key';
import { followRetiredUse } from '../../../../shared/domain/retirement/follow-retired-use';
import { noteBlockedUse } from '../../../../shared/domain/retirement/note-uses';
import { requestRetirement } from '../../../../shared/domain/retirement/request-retirement';
import { advanceRetirement, reconcileRetirements, retireKey } from '../../../../shared/domain/retirement/retire-key';
import { undoRetirement } from '../../../../shared/domain/retirement/undo-retirement';
import { followRotation } from '../../../../shared/domain/rotation/follow-rotation';
import { planRotations } from '../../../../shared/domain/rotation/plan-rotations';
import { rotateKey } from '../../../../shared/domain/rotation/rotate-key';
import type { Rotation } from '../../../../shared/domain/rotation/rotation';
import { faulty, type Strike } from '../../../support/faulty';
import { aCustomer } from '../../../support/make';
import { type RotationWorld, rotationWorld } from '../../../support/rotation-world';
import { vastTable } from '../../../support/vast-table';
import { checkEnd, checkStep, type Memory, newMemory } from './key-laws';
import { maybeSpareKey, operatorAsks, resumeAll } from './requests-in-lives';
import { days, guarded, isPast, people, someTerms, toTheirEnd } from './retirements-in-lives';

const VERBS = {
  planRotations,
  rotateKey,
  followRotation,
  startReencryption,
  reencryptBatch,
  resumeJobs,
  reconcileJobs,
  requestReencryption,
  retryReencryption,
  pauseJob,
  resumeJob,
  setPriority,
  retireKey,
  advanceRetirement,
  reconcileRetirements,
  followRetiredUse,
  noteBlockedUse,
  requestRetirement,
  requestStep,
  approveStep,
  undoRetirement,
  declareBackup,
  releaseBackup,
  deleteKey,
  declareCompromise,
  containCompromise,
  containKey,
  reconcileCompromises,
};
type Verbs = typeof VERBS;
type Ports = RotationWorld['ports'];

/** A bug: a verb, or what a port does, replaced by something worse. */
export interface Plant {
  readonly verbs?: Partial<Verbs>;
  readonly ports?: (ports: Ports, random: () => number) => Ports;
}

export interface Life {
  readonly verbs: Verbs;
  readonly ports: Ports;
  readonly world: RotationWorld;
  readonly random: () => number;
}

interface Message {
  readonly name: string;
  run(life: Life): Promise<unknown>;
}

export interface Summary {
  readonly faults: number;
  readonly facts: number;
  readonly jobs: number;
  /** How many keys were retired, and how many of them went on to be deleted. */
  readonly retired: number;
  readonly deleted: number;
}

const STEPS = 40;
const ROUNDS_MAX = 80;
const MINUTE_MS = 60_000;
/** In one of so many lives the table is so large that each proof takes two parts. */
const VAST_EVERY = 10;
const PAGES_OF_TWO_PARTS = 510;
export const DAY_MS = 24 * 60 * MINUTE_MS;

/** Plays one seed to its end and checks every law on the way. Throws where one is broken. */
export async function playKeyLife(seed: number, plant: Plant = {}): Promise<Summary> {
  const random = mulberry32(seed);
  const play = await begin(random, plant, seed % VAST_EVERY === 0);
  for (let step = 0; step < STEPS; step += 1) {
    await disturb(play);
    checkStep(play.life, play.memory);
  }
  await heal(play);
  checkStep(play.life, play.memory);
  checkEnd(play.life, play.memory);
  await redeliverEverything(play);
  const { control } = play.life.world;
  const stages = control.all('retirement').map(({ stage }) => stage);
  return {
    faults: play.counted.faults,
    facts: control.outbox.length,
    jobs: control.all('reencryption-job').length,
    retired: control.all('kms-key').filter(isPast).length,
    deleted: stages.filter((stage) => stage === 'deleted').length,
  };
}

export interface Play {
  readonly life: Life;
  readonly memory: Memory;
  readonly pending: Message[];
  readonly counted: { faults: number; relayed: number; dataKeys: number };
  readonly calm: { faults: boolean; lag: boolean };
}

async function begin(random: () => number, plant: Plant, isVast: boolean): Promise<Play> {
  const calm = { faults: true, lag: true };
  const counted = { faults: 0, relayed: 0, dataKeys: 0 };
  const world = rotationWorld({ lagging: true, lags: () => !calm.lag && random() < 0.3 });
  const strategies = ['kms-on-demand', 'replace', 'kms-automatic'] as const;
  const strategy = strategies[Math.floor(random() * strategies.length)] ?? 'replace';
  world.givenKey({ alias: 'alias/keywright/acme' }, { strategy, retirement: someTerms(random) });
  world.control.given('customer', aCustomer({ dataStores: 1, revision: 1 }));
  maybeSpareKey(world, random);
  const dataKeys = 3 + Math.floor(random() * 6);
  for (; counted.dataKeys < dataKeys; counted.dataKeys += 1) await world.givenDataKey(`first-${counted.dataKeys}`);
  world.dataKeys.catchUp();

  const strike = (): Strike => {
    if (calm.faults || random() >= 0.06) return undefined;
    counted.faults += 1;
    return random() < 0.5 ? 'before' : 'after';
  };
  const turn = async () => {
    for (let others = Math.floor(random() * 3); others > 0; others -= 1) await Promise.resolve();
  };
  const failing = <Port extends object>(port: Port, ...codes: readonly ErrorCode[]) =>
    faulty(port, {
      strike,
      turn,
      error: () =>
        new KeywrightError(codes[Math.floor(random() * codes.length)] ?? 'kms.unreachable', 'a planned fault'),
    });
  const memory = newMemory();
  for (const dataKey of world.dataKeys.all()) noteUnder(dataKey, memory);
  const kms = failing(world.kms, 'kms.unreachable');
  const ports: Ports = {
    ...world.ports,
    control: failing(world.control, 'store.unreachable'),
    dataKeys: vastTable(failing(noting(world.dataKeys, memory), 'store.unreachable'), isVast ? PAGES_OF_TWO_PARTS : 0),
    crypto: kms,
    observer: kms,
    prover: kms,
    administrator: failing(guarded(world, memory), 'kms.unreachable'),
  };
  calm.faults = false;
  calm.lag = false;
  const verbs = { ...VERBS, ...plant.verbs };
  const life: Life = { verbs, ports: plant.ports?.(ports, random) ?? ports, world, random };
  return { life, memory, pending: [], counted, calm };
}

// ---- what happens ---------------------------------------------------------------------------------------------------

type Disturbance = (play: Play) => Promise<void>;

const DISTURBANCES: readonly (readonly [number, Disturbance])[] = [
  [12, deliverSome],
  [3, planAndTend],
  [2, applicationMakesDataKey],
  [2, kmsFinishesRotations],
  [1, somebodyElseRotates],
  [1, ownerTakesOrGivesBack],
  [1, indexCatchesUp],
  [1, dataKeyGoesBad],
  [1, somebodyDeclares],
  [2, days],
  [3, people],
  [2, operatorAsks],
];
const WEIGHT = DISTURBANCES.reduce((sum, [weight]) => sum + weight, 0);

async function disturb(play: Play): Promise<void> {
  let at = play.life.random() * WEIGHT;
  for (const [weight, happen] of DISTURBANCES) {
    at -= weight;
    if (at < 0) return happen(play);
  }
}

/** Some of what is pending, in any order, at the same time; some of it stays pending and comes again. */
async function deliverSome(play: Play): Promise<void> {
  relay(play);
  const { pending, life } = play;
  const chosen = Array.from({ length: 1 + Math.floor(life.random() * 6) }, () => pick(pending, life.random));
  await Promise.all(chosen.map((message) => message && deliver(message, play, life.random() < 0.2)));
}

async function deliver(message: Message, play: Play, comesAgain = false): Promise<void> {
  try {
    await message.run(play.life);
    if (!comesAgain) forget(message, play);
  } catch (error) {
    // What may pass is tried again; everything else is a broken law: nothing in these lives cannot succeed.
    if (!(error instanceof KeywrightError) || !error.retry) throw error;
  }
}

export async function deliverAll(play: Play): Promise<void> {
  relay(play);
  for (const message of [...play.pending]) await deliver(message, play);
}

function forget(message: Message, { pending }: Play): void {
  const at = pending.indexOf(message);
  if (at >= 0) pending.splice(at, 1);
}

/** What the outbox holds is on its way. */
function relay({ life, pending, counted }: Play): void {
  const { outbox } = life.world.control;
  for (; counted.relayed < outbox.length; counted.relayed += 1) {
    const fact = outbox[counted.relayed];
    if (fact) pending.push(...messagesOf(fact));
  }
}

interface Published {
  readonly detailType: string;
  readonly detail: unknown;
}

type Reader = (detail: unknown, life: Life) => Promise<unknown>;

/** Who reads which fact, as the rules in serverless.yml have it: each reader gets a message of its own. */
const READERS: Readonly<Record<string, readonly Reader[]>> = {
  [rotationDue.detailType]: [(detail, { verbs, ports }) => verbs.rotateKey(rotationDue.read(detail), ports)],
  [keyRotated.detailType]: [
    (detail, { verbs, ports }) => verbs.startReencryption(keyRotated.read(detail), ports),
    (detail, { verbs, ports }) => verbs.containKey(keyRotated.read(detail), ports),
  ],
  [reencryptionBatchDue.detailType]: [
    (detail, { verbs, ports }) => verbs.reencryptBatch(reencryptionBatchDue.read(detail), ports),
  ],
  [dataKeysReencrypted.detailType]: [
    (detail, { verbs, ports }) => verbs.retireKey(dataKeysReencrypted.read(detail), ports),
    (detail, { verbs, ports }) => verbs.containKey(dataKeysReencrypted.read(detail), ports),
  ],
  [retirementDue.detailType]: [
    (detail, { verbs, ports }) => verbs.advanceRetirement(retirementDue.read(detail), ports),
  ],
  [retiredKeyUsed.detailType]: [
    (detail, { verbs, ports }) => verbs.followRetiredUse(retiredKeyUsed.read(detail), ports),
  ],
  [deletionDue.detailType]: [(detail, { verbs, ports }) => verbs.deleteKey(deletionDue.read(detail), ports)],
  [keyCompromised.detailType]: [(detail, { verbs, ports }) => verbs.containKey(keyCompromised.read(detail), ports)],
  [containmentDue.detailType]: [
    (detail, { verbs, ports }) => verbs.containCompromise(containmentDue.read(detail), ports),
  ],
};

function messagesOf({ detailType: name, detail }: Published): readonly Message[] {
  return (READERS[name] ?? []).map((read) => ({ name, run: (life) => read(detail, life) }));
}

async function planAndTend({ life }: Play): Promise<void> {
  const { verbs, ports, world, random } = life;
  world.clock.advance(random() < 0.3 ? 91 * DAY_MS : 20 * MINUTE_MS);
  await passing(verbs.planRotations(ports));
  await passing(verbs.reconcileJobs(ports));
  await passing(verbs.reconcileCompromises(ports));
  await passing(verbs.reconcileRetirements(ports));
}

/** As the envelope library does: under the key that the data store names, stored only while it does. */
async function applicationMakesDataKey(play: Play): Promise<void> {
  const { life, counted } = play;
  const { ports, world } = life;
  counted.dataKeys += 1;
  const name = { customerId: 'acme', dataStoreId: 'documents', dataKeyId: `later-${counted.dataKeys}` };
  const store = await world.control.find('data-store', 'acme/documents');
  const key = store && (await world.control.find('kms-key', store.kmsKeyArn));
  if (!key || world.kms.stateOf(key.kmsKeyArn) !== 'Enabled') return;
  const made = await world.kms.generateWrapped(key, encryptionContextOf(name));
  const stored = passing(ports.dataKeys.create({ ...name, ...made, createdAt: world.clock.now() }));
  await Promise.all([stored, deliverSome(play)]);
}

async function kmsFinishesRotations({ life, pending }: Play): Promise<void> {
  for (const kmsKeyArn of life.world.kms.finishRotations()) announce(kmsKeyArn, life, pending);
}

async function somebodyElseRotates({ life, pending, memory }: Play): Promise<void> {
  const { world, random } = life;
  const kmsKeyArn = pick(world.kms.arns(), random);
  if (!kmsKeyArn || memory.takenAway.has(kmsKeyArn) || world.kms.stateOf(kmsKeyArn) !== 'Enabled') return;
  world.kms.rotate(kmsKeyArn);
  announce(kmsKeyArn, life, pending);
}

/** CloudTrail tells of a rotation at best: some events never come. */
function announce(kmsKeyArn: string, { random, world }: Life, pending: Message[]): void {
  if (random() < 0.2) return;
  const previousKeyMaterialId = world.kms.materialIds(kmsKeyArn).at(-2);
  pending.push({
    name: 'RotateKey',
    run: ({ verbs, ports }) => verbs.followRotation({ kmsKeyArn, previousKeyMaterialId }, ports),
  });
}

async function ownerTakesOrGivesBack({ life, pending, memory }: Play): Promise<void> {
  const { world, random } = life;
  const kmsKeyArn = pick(world.kms.arns(), random);
  const key = kmsKeyArn && world.control.all('kms-key').find((row) => row.kmsKeyArn === kmsKeyArn);
  if (!key || isPast(key)) return;
  if (memory.takenAway.has(kmsKeyArn)) return giveBack(kmsKeyArn, { life, pending, memory });
  memory.takenAway.add(kmsKeyArn);
  world.kms.become(kmsKeyArn, 'Disabled');
}

function giveBack(kmsKeyArn: string, { life, pending, memory }: Pick<Play, 'life' | 'pending' | 'memory'>): void {
  memory.takenAway.delete(kmsKeyArn);
  if (keysOf(life).some((key) => key.kmsKeyArn === kmsKeyArn && isPast(key))) return;
  life.world.kms.become(kmsKeyArn, 'Enabled');
  pending.push({ name: 'key-available', run: ({ verbs, ports }) => verbs.resumeJobs(kmsKeyArn, ports) });
}

async function indexCatchesUp({ life }: Play): Promise<void> {
  life.world.dataKeys.catchUp();
}

async function dataKeyGoesBad({ life, memory }: Play): Promise<void> {
  const dataKey = pick(life.world.dataKeys.all(), life.random);
  if (!dataKey || life.random() < 0.5) return;
  await life.world.dataKeys.replace({ ...dataKey, wrapped: new Uint8Array(64) });
  memory.gone.add(nameOf(dataKey));
}

async function somebodyDeclares({ life }: Play): Promise<void> {
  const { verbs, ports, random, world } = life;
  const declared = { reason: 'a planned one', by: 'somebody' };
  if (random() < 0.3) {
    const dataKeys = [...new Set([pick(world.dataKeys.all(), random), pick(world.dataKeys.all(), random)])];
    const request = { ...declared, dataKeys: dataKeys.flatMap((dataKey) => dataKey ?? []) };
    // Of one that is part of a compromise already nothing else is declared.
    await passing(verbs.declareCompromise(request, ports), 'state.forbids');
    return;
  }
  const kmsKeyArn = pick(keysOf(life), random)?.kmsKeyArn;
  const replaceDataKeys = random() < 0.5;
  if (kmsKeyArn) await passing(verbs.declareCompromise({ ...declared, replaceDataKeys, kmsKeyArn }, ports));
}

// ---- and then it stops ----------------------------------------------------------------------------------------------

/** No more faults; everything is delivered; time passes. Things have to come to rest. */
async function heal(play: Play): Promise<void> {
  const { life, calm, memory } = play;
  calm.faults = true;
  calm.lag = true;
  for (const kmsKeyArn of [...memory.takenAway]) giveBack(kmsKeyArn, play);
  await resumeAll(life);
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    life.world.dataKeys.catchUp();
    await kmsFinishesRotations(play);
    await deliverAll(play);
    life.world.clock.advance(60 * MINUTE_MS);
    await life.verbs.planRotations(life.ports);
    await life.verbs.reconcileJobs(life.ports);
    await life.verbs.reconcileCompromises(life.ports);
    await life.verbs.reconcileRetirements(life.ports);
    // The next part of a proof that is made every hour.
    await deliverAll(play);
    if (atRest(play)) return toTheirEnd(play);
  }
  const names = play.pending.map(({ name }) => name).join(', ');
  const jobs = life.world.control.all('reencryption-job').map(({ jobId, state, parkedBy }) => [jobId, state, parkedBy]);
  throw new Error(`things never came to rest: ${names} pending; jobs ${JSON.stringify(jobs)}`);
}

function atRest(play: Play): boolean {
  const { life, pending, counted } = play;
  const { control } = life.world;
  const busy = control.all('reencryption-job').some(({ state }) => state === 'running' || state === 'parked');
  const rotating = control.all('rotation').some(isRotating);
  // News of which the event was lost: the open rotation's next look finds it.
  const unseen = keysOf(life).some((key) => key.openRotationId && hasNews(key, life));
  const isOpen = control.all('compromise').some((compromise) => !isAtRest(compromise, play));
  return !busy && !isOpen && !rotating && !unseen && pending.length === 0 && counted.relayed === control.outbox.length;
}

/** What cannot be moved keeps a compromise open: that is for a person to see to. */
const isAtRest = ({ stage }: Compromise, { memory }: Play) =>
  stage === 'over' || (stage === 'verify' && memory.gone.size > 0);

const hasNews = ({ kmsKeyArn, keyMaterialId }: KmsKey, { world }: Life) =>
  world.kms.materialIds(kmsKeyArn).at(-1) !== keyMaterialId;

/** KMS rotates automatically in its own time: such a rotation stays open until it does. */
const isRotating = ({ state, strategy }: Rotation) =>
  ['requested', 'blocked'].includes(state) || (state === 'rotating' && strategy !== 'kms-automatic');

/** Every fact that was ever published comes again, in any order: nothing changes. */
async function redeliverEverything({ life }: Play): Promise<void> {
  const { world } = life;
  const before = rowsOf(world);
  for (const fact of shuffled(world.control.outbox, life.random))
    for (const message of messagesOf(fact)) await message.run(life);
  const changed = rowsOf(world).filter((row, at) => row !== before[at]);
  if (changed.length > 0) throw new Error(`redelivery changed something: ${changed.join('\n')}`);
}

/** Everything that there is, a line each. */
function rowsOf({ control, dataKeys, kms }: RotationWorld): readonly string[] {
  const nouns = [
    'kms-key',
    'rotation',
    'rotation-policy',
    'reencryption-job',
    'reencryption-shard',
    'data-store',
    'compromise',
    'exposure',
    'retirement',
    'approval',
    'declared-backup',
  ] as const;
  const keys = kms.arns().map((arn) => [arn, kms.stateOf(arn), kms.spent(arn), kms.materialIds(arn)]);
  const rows = nouns.flatMap((entityType): readonly unknown[] => control.all(entityType));
  return [...rows, ...dataKeys.all(), ...keys, control.outbox.length].map((row) => JSON.stringify(row));
}

/** Notes what the store took: which job worked which data key, and which KMS keys each was ever under. */
function noting(dataKeys: RotationWorld['dataKeys'], memory: Memory): RotationWorld['dataKeys'] {
  return {
    ...dataKeys,
    async create(dataKey) {
      const created = await dataKeys.create(dataKey);
      noteUnder(created, memory);
      return created;
    },
    async replace(dataKey) {
      const before = await dataKeys.find(dataKey);
      const replaced = await dataKeys.replace(dataKey);
      noteUnder(replaced, memory);
      const [mark] = dataKey.workedBy ?? [];
      // The mark of a compromise is no work of a job.
      if (!mark || (dataKey.compromised && !before?.compromised)) return replaced;
      const jobId = mark.batch.split('/')[0] ?? '';
      const counts = memory.worked.get(jobId) ?? { reencrypted: 0, quarantined: 0 };
      counts[mark.did === 'quarantined' ? 'quarantined' : 'reencrypted'] += 1;
      memory.worked.set(jobId, counts);
      return replaced;
    },
  };
}

function noteUnder(dataKey: DataKey, { everUnder }: Memory): void {
  const names = everUnder.get(dataKey.kmsKeyArn) ?? new Set();
  everUnder.set(dataKey.kmsKeyArn, names.add(nameOf(dataKey)));
}

/** What may pass is somebody's to try again: the schedule's, the application's. */
export async function passing(work: Promise<unknown>, ...refusals: readonly ErrorCode[]): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof KeywrightError) || !(error.retry || hasCode(error, 'kms.key-disabled', ...refusals)))
      throw error;
  }
}

export const nameOf = ({ customerId, dataStoreId, dataKeyId }: DataKeyName) =>
  `${customerId}/${dataStoreId}/${dataKeyId}`;

export const keysOf = ({ world }: Life): readonly KmsKey[] => world.control.all('kms-key');

export const pick = <Item>(items: readonly Item[], random: () => number): Item | undefined =>
  items[Math.floor(random() * items.length)];

function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  return items
    .map((item) => [random(), item] as const)
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item);
}

/** A small generator with a seed: the same seed, the same life. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
