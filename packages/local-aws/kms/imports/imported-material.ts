/** The imported materials of a key: added, brought back, deleted, expired. */
import { AwsError } from '../../call';
import { announce } from '../keys/announcements';
import type { KeyMaterial, KmsKey } from '../keys/kms-key';
import type { Kms } from '../kms';

export type Imported = Pick<KeyMaterial, 'id' | 'secret' | 'expiresAtMs' | 'description'>;

/** The first material is current at once; the next one waits for RotateKeyOnDemand. That only one can wait is documented, its text is unconfirmed. */
export function withNew(key: KmsKey, imported: Imported): readonly KeyMaterial[] {
  if (key.materials.length === 0) return [{ ...imported, state: 'CURRENT' }];
  if (key.spec !== 'SYMMETRIC_DEFAULT' || key.materials.some(({ id }) => id === imported.id))
    throw incorrectMaterial(key);
  const pending = key.materials.find(({ state }) => state === 'PENDING_ROTATION');
  if (pending) {
    const text = `New key material (id: ${imported.id}) cannot be imported into KMS key ${key.arn}, because another key material (id: ${pending.id}) is pending rotation.`;
    throw new AwsError('KMSInvalidStateException', text);
  }
  return [...key.materials, { ...imported, state: 'PENDING_ROTATION' }];
}

export function withExisting(key: KmsKey, imported: Imported): readonly KeyMaterial[] {
  if (!key.materials.some(({ id }) => id === imported.id)) throw incorrectMaterial(key);
  return key.materials.map((material) =>
    material.id === imported.id
      ? { ...material, ...imported, description: imported.description ?? material.description }
      : material,
  );
}

/** Material that never was current is forgotten; any other keeps its id, so that it is known when it comes back. */
export function withoutSecret(key: KmsKey, id: string): readonly KeyMaterial[] {
  return key.materials
    .filter((material) => material.id !== id || material.state !== 'PENDING_ROTATION')
    .map((material) => (material.id === id ? { ...material, secret: undefined, expiresAtMs: undefined } : material));
}

export const incorrectMaterial = (key: KmsKey) =>
  new AwsError('IncorrectKeyMaterialException', `The imported key material is not the one expected by ${key.arn}.`);

/** The next instant at which imported material of the key expires. */
export function expiryDueAt(key: KmsKey): number | undefined {
  const instants = key.materials.flatMap(({ secret, expiresAtMs }) => (secret && expiresAtMs ? [expiresAtMs] : []));
  return instants.length > 0 ? Math.min(...instants) : undefined;
}

/** Deletes the expired material; the whole key waits for import from then on. */
export function expireMaterial(kms: Kms, key: KmsKey): void {
  const nowMs = kms.clock.now();
  const expired = key.materials.find(({ secret, expiresAtMs }) => secret && expiresAtMs && expiresAtMs <= nowMs);
  if (!expired) return;
  kms.keys.save({ ...key, materials: withoutSecret(key, expired.id) });
  announce(kms, key, {
    eventName: 'DeleteExpiredKeyMaterial',
    details: { keyId: key.keyId, keyMaterialId: expired.id },
    detailType: 'KMS Imported Key Material Expiration',
    detail: { 'key-id': key.keyId, 'key-material-id': expired.id },
  });
}
