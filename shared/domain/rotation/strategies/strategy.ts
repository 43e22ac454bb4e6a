/** What a strategy is given, and what it comes to. */
import type { KmsKey } from '../../keys/kms-key';
import type { DataKeyCrypto, KeyAdministrator, KeyObserver } from '../../keys/ports';
import type { Clock, ControlStore, Ids, Log } from '../../ports';
import type { Rotation } from '../rotation';
import type { RotationPolicy } from '../rotation-policy';
import type { Target } from './complete-rotation';

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
export interface RotationContext {
  readonly rotation: Rotation;
  readonly key: KmsKey;
  readonly policy: RotationPolicy | undefined;
}

export type Progress =
  /** New data keys are wrapped under `to` from now on. */
  | { readonly kind: 'rotated'; readonly to: Target; readonly open: RotationContext }
  /** KMS or a job has to finish something; the rotation is looked at again. */
  | { readonly kind: 'waiting' }
  /** Somebody has to do something, which the reason names. */
  | { readonly kind: 'blocked'; readonly reason: string };

export type Strategy = (open: RotationContext, ports: RotatePorts) => Promise<Progress>;
