/** What happens to keys on their way out in the lives of keys: people who decide, backups, uses, and days that pass. */

import type { KmsKey } from '../../../../shared/domain/keys/kms-key';
import { approvalFault } from '../../../../shared/domain/retirement/approval';
import type { Retirement, RetirementStep } from '../../../../shared/domain/retirement/retirement';
import type { RetirementTerms } from '../../../../shared/domain/retirement/retirement-terms';
import { approvalKey } from '../../../../shared/domain/rows';
import { proven } from '../../../support/memory-identities';
import type { RotationWorld } from '../../../support/rotation-world';
import { checkStep, type Memory } from './key-laws';
import { DAY_MS, deliverAll, keysOf, type Life, type Play, passing, pick } from './key-lives';
import { keptBackupsOf, refuseUnapproved, type Saying } from './retirement-laws';

const ALICE = 'arn:aws:iam::111122223333:user/alice';
const BOB = 'arn:aws:sts::111122223333:assumed-role/Operator/bob';
const BOB_AGAIN = 'arn:aws:sts::111122223333:assumed-role/Operator/robert';

/** Who signs in, and who that really is. */
export const PEOPLE: Readonly<Record<string, string>> = {
  [ALICE]: 'alice',
  'arn:aws:iam::111122223333:user/carol': 'carol',
  [BOB]: 'bob',
  [BOB_AGAIN]: 'bob',
};
const REFUSALS = ['state.forbids', 'state.not-found', 'input.invalid', 'kms.key-not-found'] as const;
const DAYS_MAX = 90;

export function someTerms(random: () => number): RetirementTerms {
  return {
    quietDays: pick([0, 0, 0, 2], random) ?? 0,
    approveDisable: random() < 0.2,
    disabledDays: pick([0, 1, 3], random) ?? 0,
    waitingDays: 7,
    onUse: random() < 0.7 ? 'enable' : 'alert',
  };
}

/** What is gone, or on its way, is nobody's to take away or give back. */
export const isPast = ({ state }: KmsKey): boolean => state === 'disabled' || state === 'deletion-scheduled';

/** A KMS that tells when it is asked for what nobody decided. */
export function guarded({ kms, control }: RotationWorld, memory: Memory): RotationWorld['kms'] {
  return {
    ...kms,
    async disable(key) {
      const row = control.all('retirement').find(({ kmsKeyArn }) => kmsKeyArn === key.kmsKeyArn);
      if (row?.terms.approveDisable) refuseUnapproved(key.kmsKeyArn, 'disable', control, memory);
      await kms.disable(key);
    },
    async scheduleDeletion(key, waitingDays) {
      const { terms } = refuseUnapproved(key.kmsKeyArn, 'schedule-deletion', control, memory);
      if (terms.waitingDays !== waitingDays)
        throw new Error(
          `two people agreed to ${terms.waitingDays} days of waiting, and KMS was asked for ${waitingDays}`,
        );
      return kms.scheduleDeletion(key, waitingDays);
    },
  };
}

/** Some days pass, and what is due is looked at. */
export async function days({ life: { verbs, ports, world, random } }: Play): Promise<void> {
  world.clock.advance((0.5 + 3 * random()) * DAY_MS);
  await passing(verbs.reconcileRetirements(ports));
}

type Act = (play: Play, retirement: Retirement) => Promise<void>;

const ACTS: readonly Act[] = [ask, approve, ask, approve, undo, letGoOn, declare, release, use];

/** Somebody does something about a key on its way out. */
export async function people(play: Play): Promise<void> {
  const { world, random } = play.life;
  const retirement = pick(world.control.all('retirement'), random);
  if (!retirement) return declareAnywhere(play);
  await pick(ACTS, random)?.(play, retirement);
}

async function ask({ life, memory }: Play, retirement: Retirement): Promise<void> {
  const said = sayingOf(life, retirement);
  memory.said.push({ ...said, did: 'asked' });
  const request = { ...said, by: proven(said.by), reason: 'it may go' };
  await passing(life.verbs.requestStep(request, life.ports), ...REFUSALS);
}

async function approve({ life, memory }: Play, retirement: Retirement): Promise<void> {
  const said = sayingOf(life, retirement);
  memory.said.push({ ...said, did: 'approved' });
  await passing(life.verbs.approveStep({ ...said, by: proven(said.by) }, life.ports), ...REFUSALS);
}

/** Mostly of the right step and certificate. */
function sayingOf({ world, random }: Life, { kmsKeyArn, stage, certificate }: Retirement) {
  const step: RetirementStep = stage === 'disable-due' ? 'disable' : 'schedule-deletion';
  const others = world.control.outbox.flatMap(({ detail }) => detail['certificateHash'] ?? []);
  const another = random() < 0.2 ? pick(others, random) : undefined;
  return { kmsKeyArn, step, certificateHash: String(another ?? certificate?.hash), by: somebody(random) };
}

const somebody = (random: () => number): string => pick(Object.keys(PEOPLE), random) ?? '';

async function undo({ life: { verbs, ports, random } }: Play, { kmsKeyArn }: Retirement): Promise<void> {
  const step = random() < 0.5 ? 'disable' : 'schedule-deletion';
  const request = { kmsKeyArn, step, reason: 'wait', by: somebody(random) } as const;
  await passing(verbs.undoRetirement(request, ports), ...REFUSALS);
}

/** As it was, or by other terms. */
async function letGoOn({ life: { verbs, ports, random } }: Play, { kmsKeyArn }: Retirement): Promise<void> {
  const terms = pick([undefined, { waitingDays: 7 }, { waitingDays: 9 }, { disabledDays: 1 }], random);
  await passing(verbs.requestRetirement({ kmsKeyArn, by: ALICE, terms }, ports), ...REFUSALS);
}

async function declareAnywhere(play: Play): Promise<void> {
  const key = pick(keysOf(play.life), play.life.random);
  if (key) await declare(play, key);
}

async function declare({ life }: Play, { kmsKeyArn }: Pick<Retirement, 'kmsKeyArn'>): Promise<void> {
  const { verbs, ports, world, random } = life;
  const retainUntil = new Date(Date.parse(world.clock.now()) + (1 + 10 * random()) * DAY_MS).toISOString();
  const backupId = `backup-${Math.floor(random() * 4)}`;
  const declaration = { backupId, kmsKeyArn, description: 'a snapshot', retainUntil, by: somebody(random) };
  await passing(verbs.declareBackup(declaration, ports), ...REFUSALS);
}

async function release({ life: { verbs, ports, world, random } }: Play): Promise<void> {
  const backup = pick(world.control.all('declared-backup'), random);
  if (backup) await passing(verbs.releaseBackup({ ...backup, by: somebody(random) }, ports), ...REFUSALS);
}

/** What works is a use that KMS and CloudTrail know of; what does not is missed. */
async function use({ life, pending }: Play, { kmsKeyArn }: Retirement): Promise<void> {
  const { world, random, ports } = life;
  const at = world.clock.now();
  const key = keysOf(life).find((one) => one.kmsKeyArn === kmsKeyArn);
  if (!key) return;
  if (world.kms.stateOf(kmsKeyArn) === 'Enabled') {
    await world.kms.generateWrapped(key, {});
    if (random() < 0.8) await ports.lastUses.note(kmsKeyArn, at);
    return;
  }
  const eventId = `use-${pending.length}-${world.control.outbox.length}-${at}`;
  const missed = { kmsKeyArn, eventId, at, observed: 'Decrypt failed' };
  pending.push({ name: 'missed', run: ({ verbs, ports: theirs }) => verbs.noteBlockedUse(missed, theirs) });
}

/** Day after day, until every retirement waits for a person, is needed, or is over. In some lives two people decide. */
export async function toTheirEnd(play: Play): Promise<void> {
  const { life } = play;
  const { verbs, ports, world, random } = life;
  const isDone = random() < 0.5;
  for (let day = 0; day < DAYS_MAX; day += 1) {
    world.dataKeys.catchUp();
    for (const retirement of world.control.all('retirement')) await decide(retirement, play, isDone);
    await deliverAll(play);
    checkStep(life, play.memory);
    const open = world.control.all('retirement').filter((one) => !isAtRest(one, life));
    if (open.length === 0 && play.pending.length === 0 && play.counted.relayed === world.control.outbox.length) return;
    world.clock.advance(DAY_MS);
    await verbs.reconcileJobs(ports);
    await verbs.reconcileCompromises(ports);
    await verbs.reconcileRetirements(ports);
  }
  throw new Error(`retirements never came to rest: ${JSON.stringify(world.control.all('retirement'))}`);
}

/** What it takes two people for is tried by one, by one in two sessions, and for another certificate; then, perhaps, done. */
async function decide(retirement: Retirement, play: Play, isDone: boolean): Promise<void> {
  const { life, memory } = play;
  const { kmsKeyArn, certificate, stage, held, terms } = retirement;
  const step = stage === 'deletable' ? 'schedule-deletion' : 'disable';
  const isWaiting = stage === 'deletable' || (stage === 'disable-due' && terms.approveDisable);
  if (!isWaiting || held || !certificate || isApproved(retirement, step, life)) return;
  const { verbs, ports } = life;
  const say = async (did: Saying['did'], by: string, certificateHash = certificate.hash) => {
    const said = { kmsKeyArn, step, certificateHash, by } as const;
    memory.said.push({ ...said, did });
    const request = { ...said, by: proven(by), reason: 'it may go' };
    const saying = did === 'asked' ? verbs.requestStep(request, ports) : verbs.approveStep(request, ports);
    await passing(saying, ...REFUSALS);
  };
  await say('asked', BOB);
  await say('approved', BOB);
  await say('approved', BOB_AGAIN);
  await say('approved', ALICE, 'ab'.repeat(32));
  // As the event of a deletion that came to nothing does when it comes again.
  if (step === 'schedule-deletion') await passing(verbs.deleteKey({ kmsKeyArn }, ports));
  if (life.random() < 0.2) await letGoOn(play, retirement);
  if (isDone) await say('approved', ALICE);
}

function isAtRest(retirement: Retirement, life: Life): boolean {
  const { stage, held, settleKms, terms, kmsKeyArn } = retirement;
  if (settleKms) return false;
  if (stage === 'deleted' || held) return true;
  if (stage === 'disable-due') return terms.approveDisable && !isApproved(retirement, 'disable', life);
  if (stage === 'deletable') return !isApproved(retirement, 'schedule-deletion', life);
  const isNeeded = keptBackupsOf(kmsKeyArn, life).length > 0 || isUnder(kmsKeyArn, life);
  return stage === 'watching' && isNeeded;
}

function isApproved(retirement: Retirement, step: RetirementStep, { world: { control, clock } }: Life): boolean {
  const key = approvalKey(retirement.kmsKeyArn, step);
  const approval = control.all('approval').find((one) => approvalKey(one.kmsKeyArn, one.step) === key);
  const isBegun = control
    .all('kms-key')
    .some((one) => one.kmsKeyArn === retirement.kmsKeyArn && one.state === 'deletion-scheduled');
  return isBegun || approvalFault(approval, step, retirement, clock.now()) === undefined;
}

const isUnder = (kmsKeyArn: string, { world: { dataKeys } }: Life): boolean =>
  dataKeys.all().some((dataKey) => dataKey.kmsKeyArn === kmsKeyArn);
