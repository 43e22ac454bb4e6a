/** A look at a key with our own credentials: what a signal hints at counts for nothing until this agrees. */

import { isHeldByCustomer } from '../customers/encryption-options';
import type { KeywrightError } from '../errors';
import { aliasOf } from '../keys/customer-alias';
import { encryptionContextOf } from '../keys/data-key';
import { type KmsKey, toObserve } from '../keys/kms-key';
import type { DataKeyCrypto, KeyDescription, KeyObserver, KeyProver } from '../keys/ports';
import { defined } from '../optional-fields';
import type { Clock } from '../ports';
import { answerOf } from './answer';
import type { Evidence } from './key-evidence';
import type { Canary, KeyWatch } from './key-watch';
import { expiresSoon, materialLossOf } from './material-loss';
import { isByRole } from './policy/loss-in-words';
import { lostActionsOf, type PolicyPorts } from './policy/lost-actions';
import { type Proof, proveActions, refusedActions } from './prove-actions';
import { type RolePorts, readingBefore, readRefusal } from './role/read-refusal';
import { withRoleFaults } from './role/role-faults';
import { lostWithRole } from './role-lost';
import type { LostAction } from './verdict';
import { refusalIn } from './whose-refusal';

/**
 * The context of a key's canary: a data key that protects nothing. Under a customer's own key it is in the customer's
 * name, so that the one context their key policy allows is enough.
 */
export const canaryContextOf = (key: Pick<KmsKey, 'kmsKeyArn' | 'customerId'>) =>
  encryptionContextOf({ customerId: key.customerId ?? 'keywright', dataStoreId: 'canary', dataKeyId: key.kmsKeyArn });

export interface ObservePorts extends PolicyPorts, RolePorts {
  readonly crypto: DataKeyCrypto;
  readonly observer: KeyObserver;
  readonly prover: KeyProver;
  readonly clock: Clock;
}

/**
 * A look that tells no more than whether every use of the key still works: three calls. It unwraps under the newest material
 * and has the oldest re-encrypted, dry. Whatever it does not find in order a full look is to tell.
 */
export async function servesAsNeeded(key: KmsKey, watch: KeyWatch, ports: ObservePorts): Promise<boolean> {
  const [unwrapped, proofs] = await Promise.all([
    unwrap(key, newestOf(watch), ports),
    proveActions(key, watch.canary.wrapped, canaryContextOf(key), ports.prover),
  ]);
  return !unwrapped.error && proofs.every(({ answer }) => answer === 'ok');
}

/**
 * A full look: everything that is needed is tried, and the key's state and policy are read: five to eight calls. Never throws for
 * what KMS answers: that is the evidence.
 */
export async function observeKey(key: KmsKey, watch: KeyWatch, ports: ObservePorts): Promise<Evidence> {
  const [oldest, newest, state, isAliasMoved] = await Promise.all([
    unwrap(key, watch.canary, ports),
    watch.newestCanary && unwrap(key, watch.newestCanary, ports),
    answerOf(ports.observer.describe(toObserve(key))),
    isAliasElsewhere(key, ports),
  ]);
  const failed = [oldest, newest].find((one) => one?.error);
  // Of a key that does not unwrap nothing else is asked.
  const roleLost = failed ? [] : await lostWithRole(key, watch, ports.prover);
  const isShutOut = failed?.error?.code === 'sts.role-refused' || roleLost.length > 0;
  const role = isShutOut ? ((await readRefusal(key, ports)) ?? readingBefore(watch.verdict.cause)) : undefined;
  const proofs = failed ? [] : await proveActions(key, watch.canary.wrapped, canaryContextOf(key), ports.prover);
  const done = [
    ...(failed ? [] : ['kms:Decrypt']),
    ...(state.error ? [] : ['kms:DescribeKey']),
    ...proofs.filter(({ answer }) => answer === 'ok').map(({ action }) => action),
  ];
  const keyState = state.error?.code ?? state.value?.keyState ?? 'unknown';
  const isPendingImport = keyState === 'PendingImport' || failed?.error?.code === 'kms.key-pending-import';
  return {
    via: key.access.via,
    heldBy: isHeldByCustomer(key.option) ? 'customer' : 'provider',
    unwrap: failed?.error?.code ?? 'ok',
    ...factsIn(failed?.error),
    keyState,
    ...stateIn(state.value, ports.clock.now()),
    ...(isAliasMoved && { isAliasMoved }),
    ...(isPendingImport && { materialLoss: await materialLossOf(key, watch, ports) }),
    proofs,
    roleLost: roleLost.map((one) => ({ ...one, ...defined({ statement: role?.statement }) })),
    ...defined({ role }),
    ...(await lossesOf(key, watch, { proofs, done, refused: deniedIn(failed?.error) }, ports)),
  };
}

/** The canary under the newest material: the first one while there is no newer. */
export const newestOf = ({ canary, newestCanary }: KeyWatch): Canary => newestCanary ?? canary;

const unwrap = (key: KmsKey, { wrapped }: Canary, { crypto }: ObservePorts) =>
  answerOf(crypto.unwrap(key, wrapped, canaryContextOf(key)));

/** Whether the customer's alias of the key points at another one, and no rotation is why. Where KMS does not tell, it does not. */
async function isAliasElsewhere(key: KmsKey, { observer }: ObservePorts): Promise<boolean> {
  const isSettled = key.state === 'active' && key.openRotationId === undefined;
  const alias = isSettled ? aliasOf(key) : undefined;
  if (!alias) return false;
  const { value } = await answerOf(observer.describe({ ...toObserve(key), kmsKeyArn: alias.aliasArn }));
  return value !== undefined && value.kmsKeyArn !== key.kmsKeyArn;
}

/** What an error tells beside its code. */
const factsIn = ({ details }: Pick<KeywrightError, 'details'> = { details: {} }) => ({
  ...refusalIn(details),
  ...(details['isNetwork'] === true && { isNetwork: true }),
  ...(details['isWrongPlace'] === true && { isWrongPlace: true }),
});

/** Of a data key that a policy did not let us unwrap. */
const deniedIn = (error: KeywrightError | undefined): readonly LostAction[] =>
  error?.code === 'kms.access-denied' ? [{ action: 'kms:Decrypt', ...refusalIn(error.details) }] : [];

const stateIn = ({ deletionDate, validTo, keyMaterialId }: Partial<KeyDescription> = {}, now: string) => ({
  ...defined({ deletionDate, validTo, keyMaterialId }),
  ...(expiresSoon(validTo, now) && { expiresSoon: true }),
});

/** What was tried of a key: how it was answered, what was done, and what was refused besides. */
interface Tried {
  readonly proofs: readonly Proof[];
  readonly done: readonly string[];
  readonly refused: readonly LostAction[];
}

/** What the policy takes, and what KMS refuses besides. Where the policy does not tell, what was done just now is lost no more. */
async function lossesOf(
  key: KmsKey,
  { verdict, seenWell }: KeyWatch,
  { proofs, done, refused: denied }: Tried,
  ports: ObservePorts,
) {
  const before = (verdict.lost ?? []).filter((one) => !isByRole(one) && !done.includes(one.action));
  const { lost, granted, guarded } = await lostActionsOf(
    key,
    { lost: before, granted: seenWell?.granted ?? [] },
    ports,
  );
  const byPolicy = new Set(lost.map(({ action }) => action));
  const refused = [...denied, ...refusedActions(proofs, before)].filter(({ action }) => !byPolicy.has(action));
  return { lost: [...lost, ...(await withRoleFaults(key, refused, ports))], granted, ...defined({ guarded }) };
}
