/** What only somebody else can do: they are asked, reminded at intervals, and at last the rotation says that it is stuck. */
import type { Fact } from '../../../../events/define-event';
import { DAY_MS, elapsedMs } from '../../instants';
import { transition } from '../../legal-moves';
import { ROTATION_MOVES } from '../rotation';
import type { Progress, RotatePorts, RotationContext } from './strategy';

/** Long enough for an approval, short enough for all reminders to fall within a quarter of a year. */
const REMIND_MS = 7 * DAY_MS;

export const TIMES_MAX = 5;

export interface Asking {
  /** The fact that asks. `times` counts it in. */
  readonly fact: (times: number) => Fact;
  /** What is said when nobody has answered. */
  readonly unanswered: string;
}

/** Asks when it is time to. Safe to repeat: between two reminders nothing is asked. */
export async function askAgain(
  { rotation: before }: RotationContext,
  asking: Asking,
  ports: RotatePorts,
): Promise<Progress> {
  const { blockedBy: _reason, ...rotation } = before;
  const now = ports.clock.now();
  const { times, at } = rotation.reminded ?? { times: 0, at: undefined };
  if (at !== undefined && elapsedMs(at, now) < REMIND_MS) return { kind: 'waiting' };
  if (times >= TIMES_MAX) return { kind: 'blocked', reason: asking.unanswered };

  const reminded = { times: times + 1, at: now };
  const row = transition(ROTATION_MOVES, before, { ...rotation, state: 'requested', reminded });
  await ports.control.commit({ writes: [{ entityType: 'rotation', row }], facts: [asking.fact(times + 1)] });
  ports.log.info('rotation asked for', { rotationId: rotation.rotationId, times: times + 1 });
  return { kind: 'waiting' };
}
