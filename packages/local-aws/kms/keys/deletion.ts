/** ScheduleKeyDeletion and CancelKeyDeletion, and the deletion itself once the waiting period is over. */
import * as z from 'zod/mini';
import * as field from '../fields';
import { validationError } from '../input';
import type { Kms } from '../kms';
import { operation } from '../operation';
import { humanInstant } from '../trail-notes';
import { useKey } from '../use-key';
import { announce } from './announcements';
import { seconds } from './key-metadata';
import { isPrimary, type KmsKey, stateOf } from './kms-key';

const DAY_MS = 86_400_000;
/** Source: KMS developer guide, "Deleting keys"; the API's model would accept 1 to 365. */
const WINDOW_DAYS = { min: 7, max: 30, default: 30 };

export const scheduleKeyDeletion = operation({
  readOnly: false,
  quota: 'own',
  state: 'scheduleDeletion',
  logs: ['KeyId', 'PendingWindowInDays'],
  input: z.object({
    KeyId: field.keyId,
    PendingWindowInDays: z._default(z.int().check(z.minimum(1), z.maximum(365)), WINDOW_DAYS.default),
  }),
  run(kms, request) {
    const { KeyId, PendingWindowInDays: windowDays } = request.input;
    if (windowDays < WINDOW_DAYS.min || windowDays > WINDOW_DAYS.max) {
      throw validationError(`PendingWindowInDays must be from ${WINDOW_DAYS.min} to ${WINDOW_DAYS.max} days.`);
    }
    const key = useKey(kms, request, { keyId: KeyId });
    const waitsForReplicas = isPrimary(key) && kms.keys.related(key).length > 1;
    const atMs = waitsForReplicas ? undefined : kms.clock.now() + windowDays * DAY_MS;
    const scheduled = { ...key, deletion: { windowDays, atMs } };
    kms.keys.save(scheduled);

    const state = stateOf(scheduled);
    request.notes.response = {
      keyId: key.arn,
      keyState: state,
      ...(atMs === undefined ? {} : { deletionDate: humanInstant(atMs) }),
      pendingWindowInDays: windowDays,
    };
    return {
      KeyId: key.arn,
      DeletionDate: atMs === undefined ? undefined : seconds(atMs),
      KeyState: state,
      PendingWindowInDays: windowDays,
    };
  },
});

/** The key comes back disabled: whoever wants it in use must enable it. */
export const cancelKeyDeletion = operation({
  readOnly: false,
  quota: 'own',
  state: 'cancelDeletion',
  logs: ['KeyId'],
  input: z.object({ KeyId: field.keyId }),
  run(kms, request) {
    const key = useKey(kms, request, { keyId: request.input.KeyId });
    kms.keys.save({ ...key, deletion: undefined, enabled: false });
    request.notes.response = { keyId: key.arn };
    return { KeyId: key.arn };
  },
});

/** Removes a key with its key material, aliases and grants. What it encrypted can never be decrypted again. */
export function deleteKey(kms: Kms, key: KmsKey): void {
  for (const alias of kms.aliases.ofKey(key.arn)) kms.aliases.remove(alias.arn);
  for (const grant of kms.grants.ofKey(key.arn)) kms.grants.remove(grant.id);
  kms.usage.forget(key.arn);
  kms.keys.remove(key.arn);
  startWaitingOfPrimary(kms, key);
  announce(kms, key, { eventName: 'DeleteKey', detailType: 'KMS CMK Deletion', detail: { 'key-id': key.keyId } });
}

/** The waiting period of a multi-Region primary key begins when its last replica is gone. */
function startWaitingOfPrimary(kms: Kms, gone: KmsKey): void {
  const [primary, ...replicas] = gone.multiRegion ? kms.keys.related(gone) : [];
  if (!primary?.deletion || primary.deletion.atMs !== undefined || replicas.length > 0) return;
  const atMs = kms.clock.now() + primary.deletion.windowDays * DAY_MS;
  kms.keys.save({ ...primary, deletion: { ...primary.deletion, atMs } });
}
