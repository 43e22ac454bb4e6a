/**
 * A KMS key as local AWS keeps it: one JSON row, key material included. Its key state is never stored: it follows from
 * what is, so that no row can say two things.
 */
import type { KeySpec, KeyUsage } from './key-specs';

/** Source: `KeyState` of @aws-sdk/client-kms. Local AWS never reaches `Unavailable` and `Updating`: no custom key stores. */
export type KeyState =
  | 'Enabled'
  | 'Disabled'
  | 'PendingDeletion'
  | 'PendingReplicaDeletion'
  | 'PendingImport'
  | 'Unavailable'
  | 'Creating'
  | 'Updating';

export type RotationType = 'AUTOMATIC' | 'ON_DEMAND';

export interface KeyMaterial {
  /** 64 lower-case hex characters. */
  readonly id: string;
  /** Base64: 32 bytes of a symmetric key, an HMAC key, or a private key in PKCS #8 DER. Gone once deleted or expired. */
  readonly secret?: string | undefined;
  readonly state: 'CURRENT' | 'NON_CURRENT' | 'PENDING_ROTATION';
  /** When it became current; the first material has none. */
  readonly rotatedAtMs?: number | undefined;
  readonly rotationType?: RotationType | undefined;
  /** Imported material only. */
  readonly expiresAtMs?: number | undefined;
  readonly description?: string | undefined;
}

export interface Tag {
  readonly TagKey: string;
  readonly TagValue: string;
}

export interface KmsKey {
  readonly arn: string;
  readonly keyId: string;
  readonly accountId: string;
  readonly region: string;
  readonly createdAtMs: number;
  readonly description: string;
  readonly spec: KeySpec;
  readonly usage: KeyUsage;
  readonly origin: 'AWS_KMS' | 'EXTERNAL';
  readonly enabled: boolean;
  /** The key policy, as the text that was put. */
  readonly policy: string;
  readonly tags: readonly Tag[];
  /** In the order in which they came; one at most is CURRENT. */
  readonly materials: readonly KeyMaterial[];
  /** A multi-Region primary key that waits for its replicas to go has no date yet. */
  readonly deletion?: { readonly windowDays: number; readonly atMs?: number | undefined } | undefined;
  readonly rotation?: { readonly periodDays: number; readonly nextAtMs: number } | undefined;
  readonly onDemandRotation?: { readonly startedAtMs: number; readonly finishesAtMs: number } | undefined;
  /** On-demand rotations of the key's whole life. */
  readonly onDemandRotations: number;
  readonly multiRegion?: { readonly primaryRegion: string } | undefined;
  /** A replica key is being created until then. */
  readonly creatingUntilMs?: number | undefined;
}

export function stateOf(key: KmsKey): KeyState {
  if (key.creatingUntilMs !== undefined) return 'Creating';
  if (key.deletion) return key.deletion.atMs === undefined ? 'PendingReplicaDeletion' : 'PendingDeletion';
  if (isMissingMaterial(key)) return 'PendingImport';
  return key.enabled ? 'Enabled' : 'Disabled';
}

/** Losing any one of its imported key materials stops the whole key. Source: KMS developer guide, key-state. */
function isMissingMaterial(key: KmsKey): boolean {
  return key.materials.length === 0 || key.materials.some((material) => material.secret === undefined);
}

export function currentMaterial(key: KmsKey): KeyMaterial | undefined {
  return key.materials.find((material) => material.state === 'CURRENT');
}

/** A multi-Region key is the primary unless its primary lives in another Region. */
export function isPrimary(key: KmsKey): boolean {
  return key.multiRegion === undefined || key.multiRegion.primaryRegion === key.region;
}

export function keyArn(region: string, accountId: string, keyId: string): string {
  return `arn:aws:kms:${region}:${accountId}:key/${keyId}`;
}
