/** What was done to a key in KMS is written down, or undone where somebody moved the key meanwhile. */
import { hasCode } from '../errors';
import type { KmsKey } from '../keys/kms-key';
import type { Change, ControlStore } from '../ports';

/**
 * Commits the change. Whoever moved the key's row first took the key back before KMS had been asked: what KMS has done
 * since is undone.
 *
 * @param undo Given the key as it is now. Safe to repeat.
 * @throws KeywrightError `state.changed-meanwhile` (retry) after undoing; `store.unreachable` (retry); what `undo` throws.
 */
export async function commitOrUndo(
  change: Change,
  kmsKeyArn: string,
  undo: (key: KmsKey) => Promise<void>,
  { control }: { readonly control: Pick<ControlStore, 'find' | 'commit'> },
): Promise<void> {
  try {
    await control.commit(change);
  } catch (error) {
    const key = hasCode(error, 'state.changed-meanwhile') ? await control.find('kms-key', kmsKeyArn) : undefined;
    if (key) await undo(key);
    throw error;
  }
}
