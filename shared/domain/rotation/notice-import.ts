/** notice-import: somebody imported key material. What is waiting for it goes on at once, not with the next day's look. */
import type { KmsRecord } from '../../../events/cloudtrail-kms-record';
import { keyUseOf } from '../../../events/kms-key-use';
import { isOfOwnAccount } from '../keys/believed-account';
import { type RotateOutcome, rotateKey } from './rotate-key';
import type { RotatePorts } from './strategies/strategy';
import { triggerByImport } from './trigger-rotation';

/**
 * Takes the key's open rotation a step further, or makes one due. The event is a hint: what counts is what KMS lists.
 *
 * Safe to repeat.
 *
 * @param account The account that sent the event: it is believed about its own keys only.
 * @throws what `rotateKey` throws.
 */
export async function noticeImport(
  record: KmsRecord,
  account: string,
  ports: RotatePorts,
): Promise<RotateOutcome | 'due' | 'ignored'> {
  const { outcome, keys } = keyUseOf(record);
  const kmsKeyArn = keys[0]?.kmsKeyArn;
  if (outcome !== 'ok' || !kmsKeyArn || !isOfOwnAccount(account, record, kmsKeyArn)) return 'ignored';
  const key = await ports.control.find('kms-key', kmsKeyArn);
  if (key?.openRotationId !== undefined) return rotateKey({ rotationId: key.openRotationId }, ports);
  if (!key || (await ports.observer.waitingMaterial(key)) === undefined) return 'ignored';
  return triggerByImport(kmsKeyArn, ports);
}
