/** What people ask of re-encryption in the lives of keys: some of the data keys, to another key, later, sooner, again. */
import type { ReencryptionRequest } from '../../../../shared/domain/reencryption/reencryption-request';
import { aKmsKey, anArn, aPolicy } from '../../../support/make';
import type { RotationWorld } from '../../../support/rotation-world';
import { keysOf, type Life, type Play, passing, pick } from './key-lives';

const PLACE = { customerId: 'acme', dataStoreId: 'documents' };
const REFUSALS = ['state.forbids', 'state.not-found', 'input.invalid', 'kms.key-not-found'] as const;
const BY = 'somebody';

/** A key that nothing is under yet, in some lives. */
export function maybeSpareKey({ kms, control }: RotationWorld, random: () => number): void {
  if (random() < 0.6) return;
  const kmsKeyArn = anArn('spare');
  control.given('kms-key', aKmsKey({ kmsKeyArn, keyMaterialId: kms.given(kmsKeyArn), revision: 1 }));
  control.given('rotation-policy', aPolicy({ kmsKeyArn, strategy: 'replace', revision: 1 }));
}

type Act = (life: Life) => Promise<void>;

const ACTS: readonly Act[] = [start, start, start, pause, resume, hurry, retry];

export async function operatorAsks({ life }: Play): Promise<void> {
  await pick(ACTS, life.random)?.(life);
}

async function start({ verbs, ports, ...life }: Life): Promise<void> {
  await passing(verbs.requestReencryption(await someRequest({ verbs, ports, ...life }), ports), ...REFUSALS);
}

/** What is moved by hand goes to a newer key: so what an older one overwrites is seen. */
async function someRequest(life: Life): Promise<ReencryptionRequest> {
  const { random, world } = life;
  const from = (await world.control.find('data-store', 'acme/documents'))?.kmsKeyArn ?? '';
  const order = world.kms.arns();
  const newer = keysOf(life).filter(({ kmsKeyArn }) => order.indexOf(kmsKeyArn) > order.indexOf(from));
  const dataKey = pick(world.dataKeys.all(), random);
  return {
    ...(random() < 0.5 ? PLACE : {}),
    kmsKeyArn: from,
    ...(random() < 0.2 && dataKey && { keyMaterialId: dataKey.keyMaterialId }),
    ...(random() < 0.2 && { wrappedBefore: world.clock.now() }),
    ...(random() < 0.6 && { toKmsKeyArn: pick(newer, random)?.kmsKeyArn }),
  };
}

async function pause({ verbs, ports, world, random }: Life): Promise<void> {
  const job = pick(world.control.all('reencryption-job'), random);
  if (job) await passing(verbs.pauseJob(job.jobId, BY, ports), ...REFUSALS);
}

async function resume({ verbs, ports, world, random }: Life): Promise<void> {
  const job = pick(world.control.all('reencryption-job'), random);
  if (job) await passing(verbs.resumeJob(job.jobId, BY, ports), ...REFUSALS);
}

/** Whoever paused a job lets it go on in the end. */
export async function resumeAll({ verbs, ports, world }: Life): Promise<void> {
  const paused = world.control.all('reencryption-job').filter(({ state }) => state === 'paused');
  for (const { jobId } of paused) await verbs.resumeJob(jobId, BY, ports);
}

async function hurry({ verbs, ports, world, random }: Life): Promise<void> {
  const job = pick(world.control.all('reencryption-job'), random);
  const priority = pick(['compromise', 'deadline', 'routine'] as const, random) ?? 'routine';
  if (job) await passing(verbs.setPriority(job.jobId, priority, BY, ports), ...REFUSALS);
}

async function retry({ verbs, ports, world, random }: Life): Promise<void> {
  const job = pick(world.control.all('reencryption-job'), random);
  if (job) await passing(verbs.retryReencryption(job.jobId, ports), ...REFUSALS);
}
