/** Where data keys go. What KMS would refuse for every single one is refused once, before anything begins. */
import { KeywrightError } from '../errors';
import { isFor, type KmsKey, toObserve } from '../keys/kms-key';
import { readableIn } from '../keys/multi-region-key';
import type { KeyObserver } from '../keys/ports';
import type { ControlStore } from '../ports';
import { mustFind } from '../require-row';
import type { Part } from './select-data-keys';
import { successorOf } from './start-reencryption';

export interface TargetPorts {
  readonly control: ControlStore;
  readonly observer: Pick<KeyObserver, 'describe'>;
}

/**
 * @param toKmsKeyArn Absent: the key itself, or the one that took its place.
 * @throws KeywrightError `state.not-found`, `state.forbids`, `input.invalid`, each naming the field; `kms.*`, `sts.*`.
 */
export async function chooseTarget(part: Part, toKmsKeyArn: string | undefined, ports: TargetPorts): Promise<KmsKey> {
  const { from } = part;
  const to =
    toKmsKeyArn === undefined
      ? await ownTarget(from, ports)
      : await mustFind('kms-key', toKmsKeyArn, ports, 'toKmsKeyArn');
  const field = toKmsKeyArn === undefined ? 'kmsKeyArn' : 'toKmsKeyArn';
  refuseOnItsWayOut(to, field);
  if (toKmsKeyArn !== undefined) {
    refuseOthersKey(part, to);
    await refuseOutOfReach(from, to, ports);
  }
  await refuseUnfit(to, field, ports);
  return to;
}

const ownTarget = async (from: KmsKey, ports: TargetPorts): Promise<KmsKey> =>
  from.replacedBy === undefined ? from : successorOf(from.replacedBy, ports);

function refuseOnItsWayOut({ kmsKeyArn, state, compromise }: KmsKey, field: string): void {
  if (state === 'active' && !compromise) return;
  const why = compromise ? 'compromised' : state;
  const message = `${field}: ${kmsKeyArn} is ${why}: nothing new may depend on it. Choose a target that is active, or rotate the key by replacing it.`;
  throw new KeywrightError('state.forbids', message, { kmsKeyArn, state });
}

/** A key of one customer is for that customer's data alone. */
function refuseOthersKey({ from, only }: Part, to: KmsKey): void {
  const whose = from.customerId ?? only.within?.customerId;
  if (isFor(to, whose)) return;
  const wayOut =
    whose === undefined ? 'Name the customer whose data is to move.' : 'Choose a key of theirs, or one that is shared.';
  const message = `toKmsKeyArn: ${to.kmsKeyArn} is the key of one customer, and not all of this data is theirs. ${wayOut}`;
  throw new KeywrightError('input.invalid', message, { field: 'toKmsKeyArn' });
}

/** Across regions only the replica of a multi-Region key opens what the key has wrapped. Source: KMS developer guide. */
async function refuseOutOfReach(from: KmsKey, to: KmsKey, { observer }: TargetPorts): Promise<void> {
  const source = readableIn(to, from);
  if (source?.kmsKeyArn === from.kmsKeyArn) return;
  if (source !== undefined && (await isUsable(source, observer))) return;
  const message = `toKmsKeyArn: ${to.kmsKeyArn} is in another region than ${from.kmsKeyArn}. KMS re-encrypts within one region, or from a multi-Region key that has an enabled replica there.`;
  throw new KeywrightError('input.invalid', message, { field: 'toKmsKeyArn' });
}

async function isUsable(key: KmsKey, observer: TargetPorts['observer']): Promise<boolean> {
  try {
    return (await observer.describe(toObserve(key))).keyState === 'Enabled';
  } catch (error) {
    if (error instanceof KeywrightError && !error.retry) return false;
    throw error;
  }
}

async function refuseUnfit(to: KmsKey, field: string, { observer }: TargetPorts): Promise<void> {
  const { kmsKeyArn } = to;
  const { keyState, keySpec, keyUsage } = await observer.describe(toObserve(to));
  const details = { kmsKeyArn, keyState, keySpec, keyUsage };
  if (keySpec !== 'SYMMETRIC_DEFAULT' || keyUsage !== 'ENCRYPT_DECRYPT') {
    const message = `${field}: ${kmsKeyArn} is a ${keySpec} key for ${keyUsage}. Data keys need a symmetric key for ENCRYPT_DECRYPT.`;
    throw new KeywrightError('input.invalid', message, details);
  }
  if (keyState !== 'Enabled') {
    const message = `${field}: ${kmsKeyArn} is ${keyState} in KMS. Enable it, then ask again.`;
    throw new KeywrightError('state.forbids', message, details);
  }
}
