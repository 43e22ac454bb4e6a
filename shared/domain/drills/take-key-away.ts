/** What a drill does to its key, and how it is undone: the only acts of ours that take a key away for nothing but practice. */
import type { KeyRef } from '../keys/kms-key';
import type { KeyAdministrator, KeyObserver } from '../keys/ports';
import { type DrillCause, provocationOf } from './drill';
import { withDenial, withoutDenial } from './drill-policy';

export interface TakePorts {
  readonly administrator: Pick<
    KeyAdministrator,
    'disable' | 'enable' | 'scheduleDeletion' | 'cancelDeletion' | 'setPolicy'
  >;
  readonly observer: Pick<KeyObserver, 'policy'>;
  /** The roles that look at keys: a policy takes the key from them alone, and never from who gives it back. */
  readonly lookingRoleArns: readonly string[];
}

/** The least that KMS allows. Source: KMS API reference, ScheduleKeyDeletion. */
const WAITING_DAYS = 7;

/**
 * Takes the key away. Safe to repeat.
 *
 * @throws KeywrightError any code that begins with `kms.`.
 */
export async function takeKeyAway(key: KeyRef, cause: DrillCause, ports: TakePorts): Promise<void> {
  const { administrator, observer, lookingRoleArns } = ports;
  const { denied } = provocationOf(cause);
  if (denied) return administrator.setPolicy(key, withDenial(await observer.policy(key), lookingRoleArns, denied));
  if (cause === 'key-disabled') return administrator.disable(key);
  await administrator.scheduleDeletion(key, WAITING_DAYS);
}

/**
 * Gives it back. Safe to repeat: a key that is in order stays as it is.
 *
 * @throws KeywrightError any code that begins with `kms.`.
 */
export async function giveKeyBack(key: KeyRef, cause: DrillCause, ports: TakePorts): Promise<void> {
  const { administrator, observer } = ports;
  if (provocationOf(cause).denied) {
    const policy = await observer.policy(key);
    const without = withoutDenial(policy);
    if (without !== policy) await administrator.setPolicy(key, without);
    return;
  }
  // A key whose deletion is called off is disabled.
  if (cause === 'key-pending-deletion') await administrator.cancelDeletion(key);
  await administrator.enable(key);
}
