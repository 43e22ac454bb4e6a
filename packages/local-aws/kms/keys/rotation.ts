/** What is asked of rotation: automatic with a period, on demand, and how both stand. */
import * as z from 'zod/mini';
import { AwsError, type JsonObject } from '../../call';
import * as field from '../fields';
import { operation } from '../operation';
import { paged } from '../paging';
import { useKey } from '../use-key';
import { seconds } from './key-metadata';
import { isPrimary, type KeyMaterial, type KmsKey } from './kms-key';

const DAY_MS = 86_400_000;
/** Not adjustable. Source: KMS resource quotas, "On-demand rotation". */
const ON_DEMAND_MAX = 25;
/** Source: ConflictException of RotateKeyOnDemand in the SDK. */
const CONFLICT_MS = 20 * 60_000;

const facts = { quota: 'own', logs: ['KeyId'] } as const;
const keyOnly = z.object({ KeyId: field.keyId });

export const enableKeyRotation = operation({
  readOnly: false,
  quota: 'own',
  state: 'automaticRotation',
  logs: ['KeyId', 'RotationPeriodInDays'],
  input: z.object({
    KeyId: field.keyId,
    RotationPeriodInDays: z._default(z.int().check(z.minimum(90), z.maximum(2560)), 365),
  }),
  run(kms, request) {
    const { KeyId, RotationPeriodInDays: periodDays } = request.input;
    const key = useKey(kms, request, { keyId: KeyId });
    requireAutomatic(key);
    kms.keys.save({ ...key, rotation: { periodDays, nextAtMs: kms.clock.now() + periodDays * DAY_MS } });
    request.notes.response = { keyId: key.arn };
    return undefined;
  },
});

export const disableKeyRotation = operation({
  ...facts,
  readOnly: false,
  state: 'automaticRotation',
  input: keyOnly,
  run(kms, request) {
    const key = useKey(kms, request, { keyId: request.input.KeyId });
    requireAutomatic(key);
    kms.keys.save({ ...key, rotation: undefined });
    return undefined;
  },
});

export const rotateKeyOnDemand = operation({
  ...facts,
  readOnly: false,
  state: 'rotateOnDemand',
  input: keyOnly,
  run(kms, request) {
    const key = useKey(kms, request, { keyId: request.input.KeyId });
    const startedAtMs = kms.clock.now();
    requireOnDemand(key, startedAtMs);
    kms.keys.save({
      ...key,
      onDemandRotation: { startedAtMs, finishesAtMs: startedAtMs + kms.delays.onDemandRotationMs },
      onDemandRotations: key.onDemandRotations + 1,
    });
    request.notes.response = { keyId: key.keyId };
    return { KeyId: key.arn };
  },
});

export const getKeyRotationStatus = operation({
  ...facts,
  readOnly: true,
  state: 'rotationStatus',
  crossAccount: true,
  input: keyOnly,
  run(kms, request) {
    const key = useKey(kms, request, { keyId: request.input.KeyId });
    // A key that awaits deletion reports false; its setting comes back with a cancelled deletion.
    const rotation = key.deletion ? undefined : key.rotation;
    return {
      KeyId: key.arn,
      KeyRotationEnabled: rotation !== undefined,
      ...(rotation ? { RotationPeriodInDays: rotation.periodDays, NextRotationDate: seconds(rotation.nextAtMs) } : {}),
      ...(key.onDemandRotation ? { OnDemandRotationStartDate: seconds(key.onDemandRotation.startedAtMs) } : {}),
    };
  },
});

export const listKeyRotations = operation({
  readOnly: true,
  quota: 'own',
  state: 'listRotations',
  logs: ['KeyId', 'IncludeKeyMaterial', 'Limit', 'Marker'],
  input: z.object({
    KeyId: field.keyId,
    IncludeKeyMaterial: z._default(z.enum(['ALL_KEY_MATERIAL', 'ROTATIONS_ONLY']), 'ROTATIONS_ONLY'),
    ...field.page,
  }),
  run(kms, request) {
    const { KeyId, IncludeKeyMaterial, ...page } = request.input;
    const key = useKey(kms, request, { keyId: KeyId });
    requireSymmetric(key);
    const materials = key.materials.filter(
      (material) => IncludeKeyMaterial === 'ALL_KEY_MATERIAL' || material.rotatedAtMs !== undefined,
    );
    return paged(
      'Rotations',
      materials.map((material) => entryOf(key, material)),
      { ...page, Limit: page.Limit ?? 100 },
    );
  },
});

function requireAutomatic(key: KmsKey): void {
  requireSymmetric(key);
  if (key.origin === 'EXTERNAL') {
    const text = `${key.arn} origin is EXTERNAL which is not valid for this operation.`;
    throw new AwsError('UnsupportedOperationException', text);
  }
  requirePrimary(key);
}

function requireOnDemand(key: KmsKey, nowMs: number): void {
  requireSymmetric(key);
  requirePrimary(key);
  if (key.origin === 'EXTERNAL' && !key.materials.some((material) => material.state === 'PENDING_ROTATION')) {
    const text = `No available key material pending rotation for the key: ${key.arn}.`;
    throw new AwsError('KMSInvalidStateException', text);
  }
  if (key.onDemandRotations >= ON_DEMAND_MAX) {
    const text = `The on-demand rotations limit has been reached for the given keyId. No more on-demand rotations can be performed for this key: ${key.arn}`;
    throw new AwsError('LimitExceededException', text);
  }
  requireNoOtherRotation(key, nowMs);
}

/** That a second on-demand rotation conflicts with the first is unconfirmed; the automatic one is documented. */
function requireNoOtherRotation(key: KmsKey, nowMs: number): void {
  const isDueSoon = key.rotation !== undefined && key.rotation.nextAtMs - nowMs <= CONFLICT_MS;
  if (!isDueSoon && !key.onDemandRotation) return;
  const which = isDueSoon
    ? 'automatic rotation is in progress or due within 20 minutes'
    : 'on-demand rotation is in progress';
  throw new AwsError('ConflictException', `The key ${key.arn} cannot be rotated on demand: an ${which}.`);
}

/** That AWS gives no text for asymmetric and HMAC keys is unconfirmed. */
function requireSymmetric(key: KmsKey): void {
  if (key.spec !== 'SYMMETRIC_DEFAULT') throw new AwsError('UnsupportedOperationException', '');
}

function requirePrimary(key: KmsKey): void {
  if (isPrimary(key)) return;
  throw new AwsError('UnsupportedOperationException', `${key.arn} is a replica key; rotate its primary key.`);
}

function entryOf(key: KmsKey, material: KeyMaterial): JsonObject {
  return {
    KeyId: key.keyId,
    KeyMaterialId: material.id,
    KeyMaterialDescription: material.description,
    KeyMaterialState: material.state,
    ...(key.origin === 'EXTERNAL' ? importMembers(material) : {}),
    ...(material.rotatedAtMs === undefined
      ? {}
      : { RotationDate: seconds(material.rotatedAtMs), RotationType: material.rotationType }),
  };
}

function importMembers({ secret, expiresAtMs }: KeyMaterial): JsonObject {
  return {
    ImportState: secret === undefined ? 'PENDING_IMPORT' : 'IMPORTED',
    ...(expiresAtMs === undefined
      ? { ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE' }
      : { ExpirationModel: 'KEY_MATERIAL_EXPIRES', ValidTo: seconds(expiresAtMs) }),
  };
}
