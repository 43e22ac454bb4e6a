/**
 * `keywright rotate KEY --import FILE`: new material goes from the operator's machine to KMS, sealed for KMS alone and sent
 * with the operator's own credentials. The API hears of it as everybody does: that material is waiting.
 */

import type { ShownKey } from '../../shared/domain/api/list-keys';
import type { WouldRotate } from '../../shared/domain/api/request-rotation';
import { KeywrightError } from '../../shared/domain/errors';
import { defined } from '../../shared/domain/optional-fields';
import { type Imported, type ImportPorts, importMaterial } from '../../shared/domain/rotation/import-material';
import type { Rotation } from '../../shared/domain/rotation/rotation';
import type { Api } from '../operate/api';
import { ApiRefusal } from '../operate/api-refusal';
import { withMaterial } from './material';

export interface ImportRequest {
  readonly key: string;
  readonly file: string;
  /** When KMS deletes the material. Left out: never. */
  readonly expiresAt?: string | undefined;
  readonly dryRun: boolean;
}

export interface ImportedRotation {
  readonly kmsKeyArn: string;
  /** `already-waiting`: other material waits to be rotated to; that of the file was not imported. */
  readonly material: Imported;
  readonly rotation: Rotation | WouldRotate;
}

const STRATEGY = 'imported-material';

/**
 * Imports the material and begins the rotation to it. Safe to repeat: while material is waiting no other is taken.
 *
 * @throws ApiRefusal Before KMS has the material, nothing was touched; after that the message says that it has.
 */
export async function importAndRotate(
  { key, file, expiresAt, dryRun }: ImportRequest,
  api: Api,
  ports: ImportPorts,
): Promise<ImportedRotation> {
  const kmsKeyArn = await oneKey(key, api);
  const would = await api.call<WouldRotate>('request-rotation', { key: kmsKeyArn, strategy: STRATEGY, dryRun: true });
  refuseOther(would);
  const material = await withMaterial(file, (bytes) => imported(bytes, { kmsKeyArn, expiresAt, dryRun }, ports));
  const rotation = dryRun ? would : await rotateTo(kmsKeyArn, api);
  return { kmsKeyArn, material, rotation };
}

async function oneKey(key: string, api: Api): Promise<string> {
  const { keys } = await api.call<{ keys: readonly ShownKey[] }>('list-keys', { key });
  const [only] = keys;
  if (only) return only.kmsKeyArn;
  throw new ApiRefusal('state.not-found', `key: there is no ${key}.`, 'key');
}

function refuseOther(would: WouldRotate): void {
  if (would.strategy === STRATEGY) return;
  const message = `key: a rotation by ${would.strategy} is open. Let it end, then import: keywright rotations ${would.kmsKeyArn}`;
  throw new ApiRefusal('state.forbids', message, 'key');
}

async function imported(
  material: Uint8Array,
  { kmsKeyArn, expiresAt, dryRun }: { readonly kmsKeyArn: string } & Pick<ImportRequest, 'expiresAt' | 'dryRun'>,
  ports: ImportPorts,
): Promise<Imported> {
  try {
    const request = { kmsKeyArn, material, dryRun, ...defined({ expiresAt }) };
    return await importMaterial(request, ports);
  } catch (error) {
    if (!(error instanceof KeywrightError)) throw error;
    const field = error.details['field'];
    throw new ApiRefusal(error.code, error.message, typeof field === 'string' ? field : undefined);
  }
}

async function rotateTo(kmsKeyArn: string, api: Api): Promise<Rotation> {
  try {
    return await api.call<Rotation>('request-rotation', { key: kmsKeyArn, strategy: STRATEGY });
  } catch (error) {
    if (!(error instanceof ApiRefusal)) throw error;
    const message = `${error.message} KMS has the material and keeps it waiting. Repeat the command: it imports none twice.`;
    throw new ApiRefusal(error.code, message, error.field);
  }
}
