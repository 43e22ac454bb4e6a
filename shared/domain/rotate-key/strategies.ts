/** What each strategy does next for a rotation that is open and for which KMS shows no new material yet. */
import type { RotationStrategy } from '../../../events/fields';
import { KeywrightError } from '../errors';
import { elapsedMs, MINUTE_MS } from '../instants';
import { type KmsKey, type Rotation, type RotationPolicy, toObserve } from '../kms-key';
import type { Clock, ControlStore, Ids, KeyAdministrator, KeyObserver, Log, Wrapping } from '../ports';
import { replaceKey } from './replace-key';

export interface RotatePorts {
  readonly control: ControlStore;
  readonly observer: KeyObserver;
  readonly administrator: KeyAdministrator;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** How long after KMS was asked to rotate its silence means that it never heard of it. `SETTLE_MS` when left out. */
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
  | { readonly kind: 'rotated'; readonly to: Wrapping; readonly open: Open }
  /** KMS or a job has to finish something; the rotation is looked at again. */
  | { readonly kind: 'waiting' }
  /** Somebody has to do something, which the reason names. */
  | { readonly kind: 'blocked'; readonly reason: string };

export type Strategy = (open: Open, ports: RotatePorts) => Promise<Progress>;

/** KMS shows a change everywhere within minutes. Source: KMS developer guide, eventual consistency. */
const SETTLE_MS = 10 * MINUTE_MS;

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
 * Asks KMS once. That we ask is committed before: of two copies of this one asks, and one that comes back after a crash
 * looks for `settleMs` whether KMS has heard of it before it spends another of the key's 25.
 */
async function rotateOnDemand({ rotation, key }: Open, ports: RotatePorts): Promise<Progress> {
  const { inProgress } = await ports.observer.rotationStatus(toObserve(key));
  if (inProgress || askedLately(rotation, ports)) return { kind: 'waiting' };

  const asked: Rotation = { ...rotation, state: 'rotating', askedAt: ports.clock.now() };
  await commitRotation(asked, ports);
  try {
    await ports.administrator.rotateOnDemand(key);
  } catch (error) {
    if (refused(error)) await forgetAsking({ ...asked, revision: asked.revision + 1 }, ports);
    throw error;
  }
  ports.log.info('rotation asked for', { kmsKeyArn: key.kmsKeyArn, rotationId: rotation.rotationId });
  return { kind: 'waiting' };
}

/** An answer that says no has spent nothing. No answer may have. */
const refused = (error: unknown) => error instanceof KeywrightError && error.code !== 'kms.unreachable';

function forgetAsking({ askedAt: _refused, ...rotation }: Rotation, ports: RotatePorts): Promise<void> {
  return commitRotation(rotation, ports);
}

function askedLately({ askedAt }: Rotation, { clock, settleMs = SETTLE_MS }: RotatePorts): boolean {
  return askedAt !== undefined && elapsedMs(askedAt, clock.now()) < settleMs;
}

const commitRotation = (row: Rotation, { control }: RotatePorts) =>
  control.commit({ writes: [{ noun: 'rotation', row }], facts: [] });
