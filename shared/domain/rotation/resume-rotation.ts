/** resume-rotation: a KMS key serves again, and what its rotation waited for, or nobody saw meanwhile, goes on at once. */
import { isKeyFailure } from '../availability/key-failure';
import { hasCode, KeywrightError } from '../errors';
import { type Followed, followRotation } from './follow-rotation';
import { type RotateOutcome, rotateKey } from './rotate-key';
import type { RotatePorts } from './strategies/strategy';

/**
 * Takes the open rotation of the key a step further; of a key without one, follows a rotation that happened while we could
 * not look. Safe to repeat.
 *
 * @returns `away` when the key is gone again: its next return comes here, too.
 * @throws KeywrightError `kms.*`, `sts.*` and `store.*` that may pass (retry).
 */
export async function resumeRotation(
  kmsKeyArn: string,
  ports: RotatePorts,
): Promise<RotateOutcome | Followed | 'away' | 'ignored'> {
  const key = await ports.control.find('kms-key', kmsKeyArn);
  if (key?.openRotationId !== undefined) return rotateKey({ rotationId: key.openRotationId }, ports);
  if (key?.state !== 'active') return 'ignored';
  try {
    return await followRotation({ kmsKeyArn }, ports);
  } catch (error) {
    // A key of a custom key store has no material that rotates.
    if (hasCode(error, 'kms.unsupported')) return 'ignored';
    if (error instanceof KeywrightError && isKeyFailure(error.code)) return 'away';
    throw error;
  }
}
