/**
 * import-material: an operator gives a KMS key new material, which its rotation then makes the current one.
 *
 * Runs on the operator's side with the operator's credentials. The material goes to KMS, sealed for KMS alone, and nowhere
 * else: it is not stored, logged, or part of any error.
 */
import { hasCode, invalid, KeywrightError } from '../errors';
import { DAY_MS, elapsedMs } from '../instants';
import type { KeyRef } from '../keys/kms-key';
import type { KeyObserver } from '../keys/ports';
import type { Clock } from '../ports';
import { unfitFor } from './rotation-limits';

export interface MaterialImporter {
  /**
   * Seals the material under a public key of KMS's own and imports it as new material of the key.
   *
   * @throws KeywrightError any code that begins with `kms.`.
   */
  importNew(key: KeyRef, material: Uint8Array, expiresAt?: string): Promise<void>;
}

export interface ImportRequest {
  readonly kmsKeyArn: string;
  /** The 32 bytes of a 256-bit key. Whoever holds them can open what the KMS key protects: keep or destroy them as such. */
  readonly material: Uint8Array;
  /** When KMS deletes the material. Left out: never. */
  readonly expiresAt?: string;
  /** Tells what would happen, and touches nothing. */
  readonly dryRun?: boolean;
}

export interface ImportPorts {
  readonly observer: Pick<KeyObserver, 'describe' | 'waitingMaterial'>;
  readonly importer: MaterialImporter;
  readonly clock: Clock;
}

/** `already-waiting`: the key has material that its rotation has not made the current one yet, and takes no other. */
export type Imported = 'imported' | 'already-waiting' | 'would-import';

/** AES-256. Source: KMS developer guide, importing key material into a symmetric key. */
const MATERIAL_BYTES = 32;

/** Source: KMS API reference, ImportKeyMaterial, ValidTo. */
const EXPIRY_DAYS_MAX = 365;

/**
 * Imports new material.
 *
 * Safe to repeat: while material is waiting no other is taken.
 *
 * @throws KeywrightError `input.invalid`, `state.forbids`: nothing was touched. Any code that begins with `kms.`.
 */
export async function importMaterial(request: ImportRequest, ports: ImportPorts): Promise<Imported> {
  const { kmsKeyArn, material, expiresAt } = request;
  const key: KeyRef = { kmsKeyArn, access: { via: 'key-policy' } };
  refuseMaterial(material);
  if (expiresAt !== undefined) refuseExpiry(expiresAt, ports.clock.now());
  await refuseKey(key, ports.observer);

  if ((await waitingIn(key, ports.observer)) !== undefined) return 'already-waiting';
  if (request.dryRun) return 'would-import';
  await ports.importer.importNew(key, material, expiresAt);
  return 'imported';
}

function refuseMaterial({ length }: Uint8Array): void {
  if (length === MATERIAL_BYTES) return;
  throw invalid(
    'material',
    `has ${length} bytes, and a 256-bit key has ${MATERIAL_BYTES}. Give the raw bytes, not text.`,
  );
}

function refuseExpiry(expiresAt: string, now: string): void {
  const inMs = elapsedMs(now, expiresAt);
  if (inMs > 0 && inMs <= EXPIRY_DAYS_MAX * DAY_MS) return;
  throw invalid('expiresAt', `must be an instant within ${EXPIRY_DAYS_MAX} days from now. Leave it out for never.`);
}

async function refuseKey(key: KeyRef, observer: ImportPorts['observer']): Promise<void> {
  const description = await observer.describe(key);
  const unfit = unfitFor('imported-material', description);
  if (unfit !== undefined) throw invalid('kmsKeyArn', unfit);
  if (description.keyState !== 'PendingDeletion') return;
  const message = 'kmsKeyArn: the key awaits its deletion. Cancel the deletion first.';
  throw new KeywrightError('state.forbids', message, { field: 'kmsKeyArn' });
}

/** A key that never had material has none to list. */
async function waitingIn(key: KeyRef, observer: ImportPorts['observer']): Promise<string | undefined> {
  try {
    return await observer.waitingMaterial(key);
  } catch (error) {
    if (hasCode(error, 'kms.key-pending-import', 'kms.unsupported')) return undefined;
    throw error;
  }
}
