/**
 * A key that we disabled, or that waits for its deletion, is put back into use.
 *
 * KMS first, then our rows: dying in between leaves a key that works and whose retirement is looked at again, never one
 * that is believed to work and does not.
 */

import { MINUTE_MS, NEVER } from '../../instants';
import { KEY_MOVES, type KmsKey } from '../../keys/kms-key';
import type { KeyAdministrator } from '../../keys/ports';
import { transition } from '../../legal-moves';
import type { Clock, ControlStore, Ids, Write } from '../../ports';
import { type Move, moved } from '../move-retirement';
import type { Retirement } from '../retirement';

export interface BringBackPorts {
  readonly control: ControlStore;
  readonly administrator: Pick<KeyAdministrator, 'enable' | 'cancelDeletion'>;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** Safe to repeat. @throws KeywrightError any code that begins with `kms.`. */
export async function enableInKms(
  key: KmsKey,
  { administrator }: Pick<BringBackPorts, 'administrator'>,
): Promise<void> {
  if (key.state === 'deletion-scheduled') await administrator.cancelDeletion(key);
  if (key.state !== 'retiring') await administrator.enable(key);
}

/** The key as it is in use again. */
export function inUse(before: KmsKey): KmsKey {
  const { retiredAt: _over, quietSince: _quiet, ...key } = before;
  return transition(KEY_MOVES, before, { ...key, state: 'retiring' });
}

/** An attempt that was under way is over after so long: none takes longer than its function may. */
export const SETTLED_MS = 15 * MINUTE_MS;

/** The retirement as it begins again. What was done to the key in KMS meanwhile is looked for once more. */
export function backToWatching(
  { quietSince: _quiet, disabledAt: _disabled, deletionDate: _date, ...retirement }: Retirement,
  why: Pick<Move, 'reason' | 'by'>,
  ports: Pick<BringBackPorts, 'clock' | 'ids'>,
) {
  const { row, fact } = moved(retirement, { ...why, to: 'watching', againMs: SETTLED_MS }, ports);
  return { row: { ...row, settleKms: true } as const, fact };
}

/** The key is probed again: while nothing needed it, it was not. */
export async function watchAgain(kmsKeyArn: string, { control, clock }: BringBackPorts): Promise<Write[]> {
  const watch = await control.find('key-watch', kmsKeyArn);
  return watch?.dueAt === NEVER ? [{ entityType: 'key-watch', row: { ...watch, dueAt: clock.now() } }] : [];
}
