/** The rotation itself: new current key material for a key whose time has come. */
import { randomBytes } from 'node:crypto';
import type { Kms } from '../kms';
import { announce } from './announcements';
import { firstMaterial, withCurrent } from './key-material';
import { currentMaterial, type KmsKey, type RotationType, stateOf } from './kms-key';

const DAY_MS = 86_400_000;

/** The next rotation of a key by itself, on demand or automatic. Only enabled keys rotate; an overdue one at once. */
export function rotationDueAt(key: KmsKey): number | undefined {
  if (stateOf(key) !== 'Enabled') return undefined;
  const instants = [key.onDemandRotation?.finishesAtMs, key.rotation?.nextAtMs].filter((ms) => ms !== undefined);
  return instants.length > 0 ? Math.min(...instants) : undefined;
}

/** Does the rotation that is due. The next automatic one counts from now. */
export function rotate(kms: Kms, key: KmsKey): void {
  const nowMs = kms.clock.now();
  if (key.onDemandRotation && key.onDemandRotation.finishesAtMs <= nowMs) {
    renew(kms, { ...key, onDemandRotation: undefined }, 'ON_DEMAND', nowMs);
  } else if (key.rotation) {
    const nextAtMs = nowMs + key.rotation.periodDays * DAY_MS;
    renew(kms, { ...key, rotation: { ...key.rotation, nextAtMs } }, 'AUTOMATIC', nowMs);
  }
}

/** Gives a key, and its replicas, new current key material: the imported one that waits, or random bytes. */
function renew(kms: Kms, key: KmsKey, type: RotationType, atMs: number): void {
  const pending = key.materials.find((material) => material.state === 'PENDING_ROTATION');
  const next = pending ?? firstMaterial(key.keyId, randomBytes(32));
  const previous = currentMaterial(key);
  const materials = withCurrent(key.materials, next, { atMs, type });
  for (const replica of kms.keys.related(key)) {
    if (replica.arn !== key.arn) kms.keys.save({ ...replica, materials });
  }
  kms.keys.save({ ...key, materials });
  announce(kms, key, {
    eventName: 'RotateKey',
    details: {
      rotationType: type,
      keyOrigin: key.origin,
      previousKeyMaterialId: previous?.id,
      currentKeyMaterialId: next.id,
      keyId: key.keyId,
    },
    detailType: 'KMS CMK Rotation',
    detail: {
      'key-id': key.keyId,
      'key-origin': key.origin,
      'rotation-type': type,
      'previous-key-material-id': previous?.id,
      'current-key-material-id': next.id,
    },
  });
}
