/** What must hold whenever keys are rotated, and what must hold once nothing is left to do. */
import { isOpen, type WorkWindow } from '../../../../shared/domain/rotation/work-window';
import type { RotationWorld } from '../../../support/rotation-world';
import { openIn } from './rotation-lives';

const ON_DEMAND_MAX = 25;
/** What a schedule leaves for people. */
const KEPT = 2;
const REMINDERS_MAX = 5;

export function checkStep(world: RotationWorld): void {
  atMostOneRotationAKey(world);
  noKeyHasSpentMoreThanItHas(world);
  nobodyIsAskedTwice(world);
}

export function checkRest(world: RotationWorld): void {
  everythingDueEnded(world);
  everySettingIsAsWanted(world);
}

function atMostOneRotationAKey(world: RotationWorld): void {
  const keys = openIn(world).map(({ kmsKeyArn }) => kmsKeyArn);
  if (new Set(keys).size < keys.length) broken('two rotations of one key are open', openIn(world));
}

function noKeyHasSpentMoreThanItHas({ kms }: RotationWorld): void {
  for (const arn of kms.arns()) if (kms.spent(arn) > ON_DEMAND_MAX) broken('a key has spent more than its 25', arn);
}

function nobodyIsAskedTwice({ control }: RotationWorld): void {
  const asking = control.outbox.filter(({ detailType }) =>
    ['customer-rotation-requested.v1', 'key-material-requested.v1'].includes(detailType),
  );
  const names = asking.map(({ detail }) => `${detail['rotationId']} ${detail['times']}`);
  if (new Set(names).size < names.length) broken('somebody was asked twice for the same', names);
  if (asking.some(({ detail }) => Number(detail['times']) > REMINDERS_MAX))
    broken('somebody was asked for ever', names);
}

/** KMS, seen by what is asked of it: by a schedule only inside the window, and never of what is kept for people. */
export function guarded(world: RotationWorld, window: WorkWindow | undefined): RotationWorld['kms'] {
  const { kms, control, clock } = world;
  const check = (what: string, kmsKeyArn: string) => {
    const key = control.all('kms-key').find((row) => row.kmsKeyArn === kmsKeyArn);
    const rotation = openIn(world).find((row) => row.kmsKeyArn === kmsKeyArn);
    if (rotation?.startedBy !== 'schedule' || key?.state !== 'active') return;
    if (!isOpen(window, clock.now())) broken(`KMS was asked to ${what} outside the window`, clock.now());
    if (what === 'rotate' && kms.spent(kmsKeyArn) >= ON_DEMAND_MAX - KEPT) broken('a schedule took what is kept', key);
  };
  return {
    ...kms,
    rotateOnDemand: async (key) => {
      check('rotate', key.kmsKeyArn);
      await kms.rotateOnDemand(key);
    },
    enableAutomaticRotation: async (key, periodDays) => {
      check('rotate by itself', key.kmsKeyArn);
      await kms.enableAutomaticRotation(key, periodDays);
    },
    createReplacement: async (key, token) => {
      check('make another key', key.kmsKeyArn);
      return kms.createReplacement(key, token);
    },
  };
}

/** Reasons that say who has to do what. */
const WAY_OUT = /Use |Set the rule|Talk to them|Import it|Make a new key/;

function everythingDueEnded(world: RotationWorld): void {
  const { control, clock } = world;
  for (const key of control.all('kms-key').filter(({ state }) => state === 'active')) {
    const policy = control.all('rotation-policy').find((row) => row.kmsKeyArn === key.kmsKeyArn);
    if (!policy || policy.dueAt <= clock.now()) broken('a key is due and nobody looks', { key, policy });
    const rotation = openIn(world).find((row) => row.kmsKeyArn === key.kmsKeyArn);
    if (rotation?.state === 'blocked' && !WAY_OUT.test(rotation.blockedBy ?? '')) {
      broken('a rotation is blocked without a way out', rotation);
    }
  }
}

function everySettingIsAsWanted(world: RotationWorld): void {
  for (const { kmsKeyArn, strategy, state } of openIn(world)) {
    const policy = world.control.all('rotation-policy').find((row) => row.kmsKeyArn === kmsKeyArn);
    if (strategy !== 'kms-automatic' || state === 'blocked' || policy?.strategy !== strategy) continue;
    const found = world.kms.automaticDaysOf(kmsKeyArn);
    if (found !== policy.periodDays) broken('KMS rotates in another period than the policy says', { found, policy });
  }
}

function broken(law: string, where: unknown): never {
  throw new Error(`${law}: ${JSON.stringify(where)}`);
}
