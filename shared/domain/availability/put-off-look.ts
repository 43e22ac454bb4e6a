/**
 * Live traffic proves health: a key that serves our applications need not be looked at for as long. What they need they try
 * themselves, and a failure of theirs is a signal at once; a full look is due within the hour all the same.
 */
import { hasCode } from '../errors';
import { elapsedMs } from '../instants';
import type { ObservedUse } from '../keys/observed-use';
import type { Clock, ControlStore } from '../ports';
import { isBriefEnough, nextLookAt } from './next-look';

export interface PutOffPorts {
  readonly control: Pick<ControlStore, 'find' | 'commit'>;
  readonly clock: Clock;
  /** Whether the key was put off a short while ago by this process. Keeps what is asked in bounds. */
  readonly wasPutOff: (kmsKeyArn: string, nowMs: number) => boolean;
}

/** Less is not worth a write. */
const WORTH_MS = 60_000;

/**
 * Puts the look off that is due next, by the use that was seen, where the key is believed well. Safe to repeat; an older use, and one
 * of a key that somebody assesses meanwhile, changes nothing.
 *
 * @throws KeywrightError `store.unreachable` (retry).
 */
export async function putOffLook({ kmsKeyArn, at }: ObservedUse, ports: PutOffPorts): Promise<void> {
  const { control, clock, wasPutOff } = ports;
  const now = clock.now();
  if (wasPutOff(kmsKeyArn, Date.parse(now))) return;
  const watch = await control.find('key-watch', kmsKeyArn);
  if (!watch || !isBriefEnough(watch, now)) return;
  const { wellAt } = watch;
  // A look that is due at another time than its pace says was brought forward: something hinted at a change.
  if (wellAt === undefined || watch.dueAt !== nextLookAt(watch, true, wellAt)) return;
  if (elapsedMs(wellAt, at) < WORTH_MS) return;
  const row = { ...watch, wellAt: at, dueAt: nextLookAt(watch, true, at) };
  try {
    await control.commit({ writes: [{ entityType: 'key-watch', row }], facts: [] });
  } catch (error) {
    if (!hasCode(error, 'state.changed-meanwhile')) throw error;
  }
}
