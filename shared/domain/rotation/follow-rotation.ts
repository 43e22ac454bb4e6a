/**
 * follow-rotation: a rotation that we did not finish ourselves (KMS did, or a person, or the customer) has the same
 * consequences as one that we did.
 *
 * The event is a hint. What counts is what KMS says when we ask it.
 */

import type { KmsRecord } from '../../../events/cloudtrail-kms-record';
import { ContractViolation } from '../../../events/define-event';
import type { RotationStrategy } from '../../../events/fields';
import { keyUseOf } from '../../../events/kms-key-use';
import { isKeyFailure } from '../availability/key-failure';
import { isHeldByCustomer } from '../customers/encryption-options';
import { KeywrightError } from '../errors';
import { isOfOwnAccount } from '../keys/believed-account';
import type { KmsKey } from '../keys/kms-key';
import type { KeyObserver } from '../keys/ports';
import { transition } from '../legal-moves';
import { defined } from '../optional-fields';
import type { Clock, ControlStore, Ids, Log } from '../ports';
import { retryOnConflict } from '../retry-on-conflict';
import { ROTATION_MOVES, type Rotation } from './rotation';
import { completeRotation } from './strategies/complete-rotation';
import { type NewMaterial, newMaterialOf, withMaterial } from './strategies/new-material';

/** What a RotateKey service event or a native rotation event says. Source: CloudTrail serviceEventDetails of KMS. */
export interface SeenRotation {
  readonly kmsKeyArn: string;
  readonly previousKeyMaterialId?: string | undefined;
  readonly rotationType?: string | undefined;
}

/**
 * Reads what the event says.
 *
 * @throws ContractViolation when it names no key.
 */
export function seenRotationOf(record: KmsRecord): SeenRotation {
  const [key] = keyUseOf(record).keys;
  if (!key?.kmsKeyArn) throw new ContractViolation('record.resources', 'names no KMS key');
  const { previousKeyMaterialId, rotationType } = record.serviceEventDetails ?? {};
  return {
    kmsKeyArn: key.kmsKeyArn,
    previousKeyMaterialId: previousKeyMaterialId ?? undefined,
    rotationType: rotationType ?? undefined,
  };
}

export interface FollowPorts {
  readonly control: ControlStore;
  readonly observer: KeyObserver;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

/** `known`: we hold its material already. `unknown-key`: the key is none of ours. */
export type Followed = 'followed' | 'known' | 'unknown-key';

/**
 * Follows a rotation that an account tells of, if the key is of that account: whoever could send others' events would have
 * us ask KMS for them. Of a key that we cannot look at it is followed when that is back: `away`. Safe to repeat. Throws as
 * `seenRotationOf` and `followRotation` do.
 */
export async function noticeRotation(
  record: KmsRecord,
  account: string,
  ports: FollowPorts,
): Promise<Followed | 'ignored' | 'away'> {
  const seen = seenRotationOf(record);
  if (!isOfOwnAccount(account, record, seen.kmsKeyArn)) return 'ignored';
  try {
    return await followRotation(seen, ports);
  } catch (error) {
    if (!(error instanceof KeywrightError && isKeyFailure(error.code))) throw error;
    ports.log.warn('a rotation cannot be looked at: the key is away', { kmsKeyArn: seen.kmsKeyArn, code: error.code });
    return 'away';
  }
}

/**
 * Records a rotation that was seen, and publishes what follows from it.
 *
 * Safe to repeat: material that we know already changes nothing.
 *
 * @throws KeywrightError `kms.conflict` (retry) while KMS does not show yet what the event says; `kms.*`, `sts.*`.
 */
export async function followRotation(seen: SeenRotation, ports: FollowPorts): Promise<Followed> {
  return retryOnConflict(async () => {
    const key = await ports.control.find('kms-key', seen.kmsKeyArn);
    if (!key) return 'unknown-key';
    const newer = await newMaterialOf(key, ports.observer);
    if (!newer) {
      refuseLag(seen, key);
      return 'known';
    }
    await record(key, newer, seen, ports);
    ports.log.info('rotation followed', { kmsKeyArn: key.kmsKeyArn, rotationType: seen.rotationType });
    return 'followed';
  });
}

/** The event says that the material we hold was replaced, and KMS does not show it yet. */
function refuseLag({ previousKeyMaterialId }: SeenRotation, key: KmsKey): void {
  if (previousKeyMaterialId !== key.keyMaterialId) return;
  throw new KeywrightError('kms.conflict', 'KMS does not show the new key material yet.', { kmsKeyArn: key.kmsKeyArn });
}

async function record(key: KmsKey, newer: NewMaterial, seen: SeenRotation, ports: FollowPorts): Promise<void> {
  const { control } = ports;
  const open = key.openRotationId ? await control.find('rotation', key.openRotationId) : undefined;
  if (open?.strategy === 'replace') {
    // The key is on its way out: its data keys move to the other key, whatever material they are under.
    return control.commit({ writes: [{ entityType: 'kms-key', row: withMaterial(key, newer) }], facts: [] });
  }
  const policy = await control.find('rotation-policy', key.kmsKeyArn);
  const rotation = open ?? observed(key, seen, ports);
  await control.commit(completeRotation(rotation, key, policy, { ...newer, kmsKeyArn: key.kmsKeyArn }, ports));
}

function observed(key: KmsKey, seen: SeenRotation, { clock, ids }: FollowPorts): Rotation {
  return transition(ROTATION_MOVES, undefined, {
    rotationId: ids.next(),
    kmsKeyArn: key.kmsKeyArn,
    ...defined({ customerId: key.customerId }),
    strategy: strategyOf(key, seen),
    state: 'rotated',
    startedBy: 'observed',
    fromKeyMaterialId: key.keyMaterialId,
    requestedAt: clock.now(),
    revision: 0,
  });
}

function strategyOf({ option }: KmsKey, { rotationType }: SeenRotation): RotationStrategy {
  if (isHeldByCustomer(option)) return 'customer';
  return rotationType === 'ON_DEMAND' ? 'kms-on-demand' : 'kms-automatic';
}
