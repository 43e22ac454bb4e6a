/** The end of a rotation: the key, the rotation, its policy and the fact change together. */

import { keyRotated } from '../../../../events/key-rotated';
import type { KmsKey } from '../../keys/kms-key';
import { transition } from '../../legal-moves';
import { defined } from '../../optional-fields';
import { newFact } from '../../outbox/new-fact';
import type { Change, Clock, Ids } from '../../ports';
import { ROTATION_MOVES, type Rotation } from '../rotation';
import type { RotationPolicy } from '../rotation-policy';
import { nextDueAt } from '../rotation-rule';
import { type NewMaterial, withMaterial } from './new-material';

export interface CompletePorts {
  readonly clock: Clock;
  readonly ids: Ids;
}

/** What new data keys are wrapped under from now on: newer material of the key, or another key. */
export type Target = NewMaterial & { readonly kmsKeyArn: string };

/** The change that ends a rotation and gives the key free for the next one. */
export function completeRotation(
  rotation: Rotation,
  key: KmsKey,
  policy: RotationPolicy | undefined,
  to: Target,
  ports: CompletePorts,
): Change {
  const now = ports.clock.now();
  const reencrypt = policy?.reencrypt ?? true;
  const { blockedBy: _mended, ...open } = rotation;
  const rotated = transition(ROTATION_MOVES, rotation, {
    ...open,
    state: reencrypt ? 'rotated' : 'done',
    toKmsKeyArn: to.kmsKeyArn,
    toKeyMaterialId: to.keyMaterialId,
    rotatedAt: now,
    ...(reencrypt ? { jobId: rotation.rotationId } : { doneAt: now }),
  });
  return {
    writes: [
      { entityType: 'rotation', row: rotated },
      { entityType: 'kms-key', row: rotatedKey(key, to) },
      ...(policy ? [{ entityType: 'rotation-policy', row: nextPeriod(policy, now, to.expiresAt) } as const] : []),
    ],
    facts: [factOf(rotated, to, reencrypt, ports)],
  };
}

/** The policy after a rotation, until the next. */
export function nextPeriod(
  { triggered: _over, expiresAt: _before, ...terms }: RotationPolicy,
  now: string,
  expiresAt?: string,
): RotationPolicy {
  const policy = { ...terms, since: now, ...defined({ expiresAt }) };
  return { ...policy, dueAt: nextDueAt(policy, now) };
}

function rotatedKey({ openRotationId: _over, ...key }: KmsKey, to: Target): KmsKey {
  return to.kmsKeyArn === key.kmsKeyArn ? withMaterial(key, to) : key;
}

function factOf(rotation: Rotation, to: Target, reencrypt: boolean, ports: CompletePorts) {
  const { rotationId, kmsKeyArn, customerId, strategy, startedBy, fromKeyMaterialId } = rotation;
  return newFact(keyRotated, ports, {
    rotationId,
    kmsKeyArn,
    customerId,
    strategy,
    startedBy,
    fromKeyMaterialId,
    toKmsKeyArn: to.kmsKeyArn,
    toKeyMaterialId: to.keyMaterialId,
    reencrypt,
  });
}
