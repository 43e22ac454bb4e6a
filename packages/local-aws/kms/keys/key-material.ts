/** Making key material, and naming it. */
import { createHash } from 'node:crypto';
import type { KeyMaterial } from './kms-key';

/**
 * The same material of the same key always has the same id, so that material imported again is recognised; a
 * multi-Region key and its replicas share key id and material, and so the id. AWS does not say how it makes the id.
 */
export function keyMaterialId(keyId: string, secret: Buffer): string {
  return createHash('sha256').update(`key material of ${keyId}\n`).update(secret).digest('hex');
}

export function firstMaterial(keyId: string, secret: Buffer): KeyMaterial {
  return { id: keyMaterialId(keyId, secret), secret: secret.toString('base64'), state: 'CURRENT' };
}

/** The materials after `next` has become current at that instant. `next` may be one that was pending. */
export function withCurrent(
  materials: readonly KeyMaterial[],
  next: KeyMaterial,
  rotation: { readonly atMs: number; readonly type: 'AUTOMATIC' | 'ON_DEMAND' },
): readonly KeyMaterial[] {
  const others = materials
    .filter((material) => material.id !== next.id)
    .map((material) => ({ ...material, state: 'NON_CURRENT' as const }));
  return [...others, { ...next, state: 'CURRENT', rotatedAtMs: rotation.atMs, rotationType: rotation.type }];
}
