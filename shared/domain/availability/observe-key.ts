/** A look at a key with our own credentials: what a signal hints at counts for nothing until this agrees. */

import { KeywrightError } from '../errors';
import { encryptionContextOf } from '../keys/data-key';
import { type KmsKey, toObserve } from '../keys/kms-key';
import type { DataKeyCrypto, KeyObserver } from '../keys/ports';
import type { Evidence } from './key-evidence';
import type { KeyWatch } from './key-watch';
import { lostActionsOf, type PolicyPorts } from './policy/lost-actions';
import { refusalIn } from './whose-refusal';

/**
 * The context of a key's canary: a data key that protects nothing. Under a customer's own key it is in the customer's
 * name, so that the one context their key policy allows is enough.
 */
export const canaryContextOf = (key: Pick<KmsKey, 'kmsKeyArn' | 'customerId'>) =>
  encryptionContextOf({ customerId: key.customerId ?? 'keywright', dataStoreId: 'canary', dataKeyId: key.kmsKeyArn });

export interface ObservePorts extends PolicyPorts {
  readonly crypto: DataKeyCrypto;
  readonly observer: KeyObserver;
}

/** One look. Never throws for what KMS answers: that is the evidence. */
export async function observeKey(key: KmsKey, watch: KeyWatch, ports: ObservePorts): Promise<Evidence> {
  const [unwrap, state] = await Promise.all([
    answerOf(ports.crypto.unwrap(key, watch.canary.wrapped, canaryContextOf(key))),
    answerOf(ports.observer.describe(toObserve(key))),
  ]);
  // Where the policy does not tell, what was done just now is lost no more.
  const done = [unwrap.error ?? 'kms:Decrypt', state.error ?? 'kms:DescribeKey'];
  const before = (watch.verdict.lost ?? []).filter(({ action }) => !done.includes(action));
  const lost = await lostActionsOf(key, before, ports);
  return {
    via: key.access.via,
    heldBy: key.option === 'customer-managed' ? 'customer' : 'provider',
    unwrap: unwrap.error?.code ?? 'ok',
    ...refusalIn(unwrap.error?.details ?? {}),
    keyState: state.error?.code ?? state.value?.keyState ?? 'unknown',
    ...(state.value?.deletionDate && { deletionDate: state.value.deletionDate }),
    lost,
  };
}

async function answerOf<Value>(asked: Promise<Value>): Promise<{ value?: Value; error?: KeywrightError }> {
  try {
    return { value: await asked };
  } catch (error) {
    if (error instanceof KeywrightError) return { error };
    throw error;
  }
}
