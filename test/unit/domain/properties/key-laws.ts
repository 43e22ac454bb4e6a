/** What must hold at every moment of a key's life, and what must hold when things have come to rest. */
import { type DataKey, encryptionContextOf } from '../../../../shared/domain/keys/data-key';
import { keysOf, type Life, nameOf } from './key-lives';
import { checkRetired, checkRetirements, type Saying } from './retirement-laws';
import { isPast } from './retirements-in-lives';

/** What a run remembers beside the stores, to judge them by. */
export interface Memory {
  /** Keys that their owner has disabled. */
  readonly takenAway: Set<string>;
  /** Data keys whose stored bytes were destroyed: nothing opens them, and no one may count them as moved. */
  readonly gone: Set<string>;
  readonly plaintext: Map<string, string>;
  /** Data keys, as they are stored, that were seen to open: what is stored never changes in place. */
  readonly opened: WeakSet<DataKey>;
  readonly seen: Map<string, { readonly revision: number; readonly rank: number }>;
  /** Which data keys were ever stored under a KMS key. */
  readonly everUnder: Map<string, Set<string>>;
  /** Data keys that were marked as compromised. */
  readonly marked: Set<string>;
  /** Rotations that KMS was to do on demand, whatever was made of them since. */
  readonly onDemand: Set<string>;
  /** What people said of retirements. */
  readonly said: Saying[];
  readonly worked: Map<string, { reencrypted: number; quarantined: number }>;
}

export const newMemory = (): Memory => ({
  takenAway: new Set(),
  gone: new Set(),
  plaintext: new Map(),
  opened: new WeakSet(),
  seen: new Map(),
  everUnder: new Map(),
  marked: new Set(),
  onDemand: new Set(),
  said: [],
  worked: new Map(),
});

export function checkStep(life: Life, memory: Memory): void {
  for (const dataKey of life.world.dataKeys.all()) {
    everyDataKeyOpens(dataKey, life, memory);
    noDataKeyGoesBack(dataKey, life, memory);
    noMarkIsLost(dataKey, memory);
  }
  noRetiredKeyIsNeeded(life);
  everyDataStoreIsCounted(life);
  checkRetirements(life, memory);
  atMostOneRotationAKey(life);
  noOnDemandRotationIsWasted(life, memory);
}

export function checkEnd(life: Life, memory: Memory): void {
  countsAddUp(life, memory);
  everyDataKeyHasArrived(life, memory);
  checkRetired(life);
  everyCompromiseIsContained(life, memory);
}

function everyDataStoreIsCounted({ world: { control } }: Life): void {
  for (const { kmsKeyArn } of control.all('kms-key')) {
    const named = control.all('data-store').filter((dataStore) => dataStore.kmsKeyArn === kmsKeyArn).length;
    const [count] = control.all('data-store-count').filter((row) => row.kmsKeyArn === kmsKeyArn);
    if (count?.dataStores !== named)
      broken(`${named} data stores name a key, and it counts others`, { kmsKeyArn, count });
  }
}

function everyDataKeyOpens(dataKey: DataKey, life: Life, { gone, takenAway, plaintext, opened }: Memory): void {
  const name = nameOf(dataKey);
  if (gone.has(name)) return;
  const usable = life.world.kms.stateOf(dataKey.kmsKeyArn) === 'Enabled' || takenAway.has(dataKey.kmsKeyArn);
  if (!usable) broken('a data key is under a key that we disabled', dataKey);
  if (opened.has(dataKey)) return;
  const hex = plaintextOf(dataKey, life);
  if ((plaintext.get(name) ?? hex) !== hex) broken('a data key is another one than before', dataKey);
  plaintext.set(name, hex);
  opened.add(dataKey);
}

function plaintextOf(dataKey: DataKey, { world: { kms } }: Life): string {
  const opened = kms.peek(dataKey.kmsKeyArn, dataKey.wrapped, encryptionContextOf(dataKey));
  if (!opened) broken('a data key has no wrapping that opens', dataKey);
  if (opened.keyMaterialId !== dataKey.keyMaterialId) broken('a data key is not under the material it says', dataKey);
  return Buffer.from(opened.plaintext).toString('hex');
}

/** Newer keys and newer materials rank higher. */
function noDataKeyGoesBack(dataKey: DataKey, { world: { kms } }: Life, { seen }: Memory): void {
  const name = nameOf(dataKey);
  const material = kms.materialIds(dataKey.kmsKeyArn).indexOf(dataKey.keyMaterialId);
  if (material < 0) broken('a data key names material that its key never had', dataKey);
  const rank = kms.arns().indexOf(dataKey.kmsKeyArn) * 1000 + material;
  const { revision } = dataKey;
  const before = seen.get(name) ?? { revision, rank };
  if (rank < before.rank || revision < before.revision) broken('a data key was overwritten by an older one', dataKey);
  seen.set(name, { revision, rank });
}

function noRetiredKeyIsNeeded(life: Life): void {
  const { control, dataKeys } = life.world;
  for (const key of keysOf(life).filter(isPast)) {
    const needs = [...dataKeys.all(), ...control.all('data-store')].filter((row) => row.kmsKeyArn === key.kmsKeyArn);
    if (needs.length > 0 || key.jobIds?.length) broken('a retired key is still needed', { key, needs });
  }
}

function atMostOneRotationAKey({ world: { control } }: Life): void {
  const open = control.all('rotation').filter(({ state }) => ['requested', 'rotating', 'blocked'].includes(state));
  const keys = open.map(({ kmsKeyArn }) => kmsKeyArn);
  if (new Set(keys).size < keys.length) broken('two rotations of one key are open', open);
}

function noOnDemandRotationIsWasted({ world: { control, kms } }: Life, { onDemand }: Memory): void {
  for (const { strategy, rotationId } of control.all('rotation')) {
    if (strategy === 'kms-on-demand') onDemand.add(rotationId);
  }
  for (const kmsKeyArn of kms.arns()) {
    const asked = control
      .all('rotation')
      .filter((rotation) => rotation.kmsKeyArn === kmsKeyArn && onDemand.has(rotation.rotationId));
    if (kms.spent(kmsKeyArn) > asked.length) broken('KMS was asked twice for one rotation', { kmsKeyArn, asked });
  }
}

function noMarkIsLost(dataKey: DataKey, { marked }: Memory): void {
  const name = nameOf(dataKey);
  if (dataKey.compromised) marked.add(name);
  else if (marked.has(name)) broken('a compromised data key lost its mark', dataKey);
}

function countsAddUp({ world: { control } }: Life, { worked }: Memory): void {
  for (const job of control.all('reencryption-job')) {
    if (job.state !== 'done' && job.state !== 'cancelled') broken('a job has no end', job);
    const { reencrypted, quarantined } = worked.get(job.jobId) ?? { reencrypted: 0, quarantined: 0 };
    const { total } = job;
    const isWhole = job.reencrypted === reencrypted && job.quarantined === quarantined;
    // A batch that was under way when its job was cancelled still does what it began.
    const isPart = job.state === 'cancelled' && job.reencrypted <= reencrypted && job.quarantined <= quarantined;
    if ((isWhole || isPart) && total === job.reencrypted + job.quarantined) continue;
    broken(`a job did ${reencrypted} and quarantined ${quarantined}, and says something else`, job);
  }
}

function everyDataKeyHasArrived(life: Life, { gone }: Memory): void {
  const keys = new Map(keysOf(life).map((key) => [key.kmsKeyArn, key]));
  for (const dataKey of life.world.dataKeys.all().filter((one) => !gone.has(nameOf(one)))) {
    const key = keys.get(dataKey.kmsKeyArn);
    if (dataKey.quarantined) broken('a good data key was quarantined', dataKey);
    if (key?.state !== 'active') broken('a data key was left under a replaced key', { dataKey, key });
    const old = key?.olderMaterialIds?.includes(dataKey.keyMaterialId) && !cameLate(dataKey, life);
    if (old) broken('a data key was left under old material', dataKey);
  }
}

/** Made under old material by a KMS that lagged, and stored after the job: it opens as ever, and moves with the next. */
function cameLate({ kmsKeyArn, createdAt, revision }: DataKey, { world: { control } }: Life): boolean {
  const rotations = control.all('rotation').filter((rotation) => rotation.kmsKeyArn === kmsKeyArn);
  return revision === 1 && rotations.some(({ rotatedAt }) => rotatedAt !== undefined && rotatedAt <= createdAt);
}

/** What a compromised key ever protected is counted, told once and, where that was asked for, marked. */
function everyCompromiseIsContained(life: Life, memory: Memory): void {
  const { control, dataKeys } = life.world;
  for (const compromise of control.all('compromise')) {
    const { compromiseId, kmsKeyArn = '', stage } = compromise;
    const names = new Set(compromise.declared?.map(nameOf) ?? memory.everUnder.get(kmsKeyArn));
    const exposures = control.all('exposure').filter((exposure) => exposure.compromiseId === compromiseId);
    const counted = exposures.reduce((sum, exposure) => sum + exposure.dataKeys, 0);
    if (compromise.dataKeys !== names.size || counted !== names.size) {
      broken(`a compromised key protected ${names.size} data keys, and says something else`, { compromise, exposures });
    }
    const told = control.outbox.filter(
      ({ detailType, detail }) => detailType === 'data-store-exposed.v1' && detail['compromiseId'] === compromiseId,
    );
    if (told.length !== exposures.length) broken('an exposed data store was not told once', { compromise, told });
    if (stage === 'over' && dataKeys.all().some((dataKey) => dataKey.kmsKeyArn === kmsKeyArn)) {
      broken('a compromise is contained with data keys under it', compromise);
    }
    const others = dataKeys.all().filter((dataKey) => compromise.declared && names.has(nameOf(dataKey)));
    if (others.some(({ compromised }) => compromised?.compromiseId !== compromiseId)) {
      broken('a declared data key carries the mark of another compromise', { compromise, others });
    }
    const unmarked = dataKeys.all().filter((dataKey) => names.has(nameOf(dataKey)) && !dataKey.compromised);
    if (compromise.replaceDataKeys && unmarked.length > 0)
      broken('a compromised data key is not marked', unmarked.map(nameOf));
  }
}

function broken(law: string, where: unknown): never {
  throw new Error(`${law}: ${JSON.stringify(where)}`);
}
