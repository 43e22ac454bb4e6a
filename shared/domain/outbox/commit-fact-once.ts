/** Facts that carry the name of what they were read from: whoever reads it again commits the same fact. */
import type { Fact } from '../../../events/define-event';
import { hasCode } from '../errors';
import type { ControlStore } from '../ports';

/**
 * Puts a fact into the outbox, once. Safe to repeat.
 *
 * @returns whether it was put there now.
 * @throws KeywrightError `store.unreachable` (retry).
 */
export async function commitOnce(fact: Fact, control: Pick<ControlStore, 'commit'>): Promise<boolean> {
  try {
    await control.commit({ writes: [], facts: [fact] });
    return true;
  } catch (error) {
    // Only a repeat writes a fact of that name: it is there, or being written.
    if (!hasCode(error, 'state.changed-meanwhile')) throw error;
    return false;
  }
}
