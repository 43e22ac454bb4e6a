/** What each strategy does next for a rotation that is open and for which KMS shows no new material yet. */
import type { RotationStrategy } from '../../../events/fields';
import { KeywrightError } from '../errors';
import { elapsedMs, MINUTE_MS } from '../instants';
import { type KmsKey, type Rotation, type RotationPolicy, toObserve } from '../kms-key';
import type { Clock, ControlStore, DataKeyCrypto, Ids, KeyAdministrator, KeyObserver, Log } from '../ports';
import type { Target } from './complete-rotation';
import { newMaterialOf } from './new-material';
import { replaceKey } from './replace-key';

export interface RotatePorts {
  readonly control: ControlStore;
  readonly observer: KeyObserver;
  readonly administrator: KeyAdministrator;
  /** The canary of a key that takes another's place. */
  readonly crypto: Pick<DataKeyCrypto, 'generateWrapped'>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** How long KMS has to be idle before it counts as never asked. Longer than it takes to show a change. `SETTLE_MS` when left out. */
  readonly settleMs?: number;
}

/** Rows as they were read; a strategy that commits gives its caller the newer ones back. */
export interface Open {
  readonly rotation: Rotation;
  readonly key: KmsKey;
  readonly policy: RotationPolicy | undefined;
}

export type Progress =
  /** New data keys are wrapped under `to` from now on. */
  | { readonly kind: 'rotated'; readonly to: Target; readonly open: Open }
  /** KMS or a job has to finish something; the rotation is looked at again. */
  | { readonly kind: 'waiting' }
  /** Somebody has to do something, which the reason names. */
  | { readonly kind: 'blocked'; readonly reason: string };

export type Strategy = (open: Open, ports: RotatePorts) => Promise<Progress>;

/** KMS shows a change everywhere within minutes. Source: KMS developer guide, eventual consistency. */
const SETTLE_MS = 5 * MINUTE_MS;

/** What EnableKeyRotation accepts. Source: KMS API reference, RotationPeriodInDays. */
const PERIOD_DAYS = { min: 90, max: 2560, default: 365 };

export const STRATEGIES: Readonly<Record<RotationStrategy, Strategy>> = {
  'kms-automatic': ensureAutomatic,
  'kms-on-demand': rotateOnDemand,
  replace: replaceKey,
  'imported-material': async () => ({
    kind: 'blocked',
    reason: 'Import new key material into the key, then rotate it on demand: new material is followed by itself.',
  }),
  customer: async () => ({
    kind: 'blocked',
    reason: 'The key is in the customer’s account: ask them to rotate it there. The rotation is followed by itself.',
  }),
};

/** Sees to it that KMS rotates by itself and as often as the policy says. The rotation itself is KMS's, in its own time. */
async function ensureAutomatic({ rotation, key, policy }: Open, ports: RotatePorts): Promise<Progress> {
  const periodDays = policy?.periodDays ?? PERIOD_DAYS.default;
  if (periodDays < PERIOD_DAYS.min || periodDays > PERIOD_DAYS.max) {
    const reason = `periodDays: KMS rotates every ${PERIOD_DAYS.min} to ${PERIOD_DAYS.max} days, not every ${periodDays}.`;
    return { kind: 'blocked', reason };
  }
  const status = await ports.observer.rotationStatus(toObserve(key));
  // Enabling it again restarts KMS's clock: only on drift.
  if (!status.automatic || (status.periodDays ?? periodDays) !== periodDays) {
    await ports.administrator.enableAutomaticRotation(key, periodDays);
    ports.log.info('automatic rotation set', { kmsKeyArn: key.kmsKeyArn, periodDays });
  }
  if (rotation.state !== 'rotating') await commitRotation({ ...rotation, state: 'rotating' }, ports);
  return { kind: 'waiting' };
}

/**
 * Asks KMS once. That we ask is committed before: of two copies of this one asks. One that comes back after a crash asks
 * again only when KMS has been idle for `settleMs`, seen twice: each time it spends another of the key's 25.
 */
async function rotateOnDemand(open: Open, ports: RotatePorts): Promise<Progress> {
  const { rotation, key } = open;
  const { inProgress } = await ports.observer.rotationStatus(toObserve(key));
  if (inProgress) return { kind: 'waiting' };
  // KMS may have finished between the look at its material and the look at its status.
  const newer = await newMaterialOf(key, ports.observer);
  if (newer) return { kind: 'rotated', to: { ...newer, kmsKeyArn: key.kmsKeyArn }, open };
  if (rotation.askedAt !== undefined && !(await hasBeenIdle(rotation, ports))) return { kind: 'waiting' };

  await ask(open, ports);
  return { kind: 'waiting' };
}

async function hasBeenIdle(rotation: Rotation, ports: RotatePorts): Promise<boolean> {
  const now = ports.clock.now();
  if (rotation.idleSince === undefined) {
    await commitRotation({ ...rotation, idleSince: now }, ports);
    return false;
  }
  return elapsedMs(rotation.idleSince, now) >= (ports.settleMs ?? SETTLE_MS);
}

async function ask({ rotation: { idleSince: _over, ...rotation }, key }: Open, ports: RotatePorts): Promise<void> {
  const asked: Rotation = { ...rotation, state: 'rotating', askedAt: ports.clock.now() };
  await commitRotation(asked, ports);
  try {
    await ports.administrator.rotateOnDemand(key);
  } catch (error) {
    if (refused(error)) await forgetAsking({ ...asked, revision: asked.revision + 1 }, ports);
    throw error;
  }
  ports.log.info('rotation asked for', { kmsKeyArn: key.kmsKeyArn, rotationId: rotation.rotationId });
}

/** An answer that says no has spent nothing. No answer may have. */
const refused = (error: unknown) => error instanceof KeywrightError && error.code !== 'kms.unreachable';

function forgetAsking({ askedAt: _refused, ...rotation }: Rotation, ports: RotatePorts): Promise<void> {
  return commitRotation(rotation, ports);
}

const commitRotation = (row: Rotation, { control }: RotatePorts) =>
  control.commit({ writes: [{ noun: 'rotation', row }], facts: [] });
