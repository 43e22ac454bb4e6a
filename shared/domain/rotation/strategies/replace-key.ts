/**
 * The `replace` strategy: another KMS key takes the place of this one.
 *
 * Order matters. The new key exists and is known before anything points at it; the old key is `retiring`, so that
 * nothing new begins to depend on it, before what depends on it is moved; and the rotation ends only after that. Every
 * step may run twice.
 */

import { newWatch } from '../../availability/new-watch';
import { isHeldByCustomer } from '../../customers/encryption-options';
import { KeywrightError } from '../../errors';
import { firstCount } from '../../keys/count-data-stores';
import { KEY_MOVES, type KmsKey } from '../../keys/kms-key';
import { moveDataStores } from '../../keys/move-data-stores';
import type { KeyDescription } from '../../keys/ports';
import { transition } from '../../legal-moves';
import { defined } from '../../optional-fields';
import type { Write } from '../../ports';
import { ROTATION_MOVES } from '../rotation';
import type { RotationPolicy } from '../rotation-policy';
import { nextPeriod } from './complete-rotation';
import type { Progress, RotatePorts, RotationContext } from './strategy';

/**
 * `replace`: a new key takes the place of the old one, alias and data stores included. Safe to repeat: what was made
 * is found again.
 */
export async function replaceKey(open: RotationContext, ports: RotatePorts): Promise<Progress> {
  const { rotation, key } = open;
  if (isHeldByCustomer(key.option)) {
    return { kind: 'blocked', reason: 'The key is the customer’s: they replace it, and register the new key with us.' };
  }
  // What is still on its way to this key has to arrive before it is replaced under it.
  if (key.jobIds?.length || (await isTakingAPlace(key, ports))) return { kind: 'waiting' };

  const created = ready(await ports.administrator.createReplacement(key, rotation.rotationId));
  const committed = key.state === 'active' ? await commitReplacement(open, created, ports) : open;
  if (key.alias !== undefined) await ports.administrator.moveAlias(key.alias, successorOf(key, created));
  await moveDataStores({ kmsKeyArn: key.kmsKeyArn, toKmsKeyArn: created.kmsKeyArn }, ports);
  const { kmsKeyArn, keyMaterialId } = created;
  return { kind: 'rotated', to: { kmsKeyArn, keyMaterialId, skipped: [] }, open: committed };
}

/** Whether the alias and the data stores of the key before this one may still be on their way. Once over, for good. */
async function isTakingAPlace({ replaces }: KmsKey, { control }: RotatePorts): Promise<boolean> {
  const before = replaces === undefined ? undefined : await control.find('kms-key', replaces);
  return before?.openRotationId !== undefined;
}

type Ready = KeyDescription & { readonly keyMaterialId: string };

/** A key that was just made may not be usable everywhere yet: nothing is pointed at it before KMS says it is. */
function ready(description: KeyDescription): Ready {
  const { keyMaterialId, keyState, kmsKeyArn } = description;
  if (keyState === 'Enabled' && keyMaterialId !== undefined) return { ...description, keyMaterialId };
  throw new KeywrightError('kms.conflict', `The new key is ${keyState}, not yet Enabled.`, { kmsKeyArn, keyState });
}

async function commitReplacement(open: RotationContext, created: Ready, ports: RotatePorts): Promise<RotationContext> {
  const successor = successorOf(open.key, created);
  const { watch } = await newWatch(successor, ports);
  const key = transition(KEY_MOVES, open.key, { ...open.key, state: 'retiring', replacedBy: created.kmsKeyArn });
  const to = { toKmsKeyArn: created.kmsKeyArn, toKeyMaterialId: created.keyMaterialId };
  const rotation = transition(ROTATION_MOVES, open.rotation, { ...open.rotation, ...to, state: 'rotating' });
  const writes: Write[] = [
    { entityType: 'kms-key', row: key },
    { entityType: 'rotation', row: rotation },
    { entityType: 'kms-key', row: successor },
    firstCount(successor.kmsKeyArn, 0),
    { entityType: 'key-watch', row: watch },
    ...policyOfSuccessor(open.policy, created, ports.clock.now()),
  ];
  await ports.control.commit({ writes, facts: [] });
  return {
    ...open,
    rotation: { ...rotation, revision: rotation.revision + 1 },
    key: { ...key, revision: key.revision + 1 },
  };
}

function successorOf(key: KmsKey, { kmsKeyArn, keyMaterialId }: Ready): KmsKey {
  const { option, customerId, access, observer, alias, dataKeysFrom } = key;
  return transition(KEY_MOVES, undefined, {
    kmsKeyArn,
    keyMaterialId,
    option,
    access,
    ...defined({ customerId, observer, alias }),
    // Data keys that move along are no better for moving.
    ...defined({ dataKeysFrom }),
    replaces: key.kmsKeyArn,
    state: 'active',
    revision: 0,
  });
}

/**
 * The same terms. A rule for the old key alone is none for this one: its terms become the key's own; and so do those of a
 * key whose material was imported, since KMS makes the material of this one.
 */
function policyOfSuccessor(policy: RotationPolicy | undefined, { kmsKeyArn }: Ready, now: string): Write[] {
  if (!policy) return [];
  const { scope, ruleSetAt, ruledAt: _before, ...terms } = policy;
  const isImported = policy.strategy === 'imported-material';
  const isShared = scope !== undefined && ruleSetAt !== undefined && !scope.startsWith('key/');
  const inherited = isImported ? ({ strategy: 'kms-on-demand' } as const) : isShared && { scope, ruleSetAt };
  return [{ entityType: 'rotation-policy', row: nextPeriod({ ...terms, ...inherited, kmsKeyArn, revision: 0 }, now) }];
}
