/** Tells the product that a KMS key failed an application: the first to notice is often who needs it. */
import { keySignalled } from '../../events/key-signalled';
import type { ErrorCode } from '../domain/errors';
import type { ControlStore, Ids } from '../domain/ports';

export interface ReportPorts {
  readonly control: Pick<ControlStore, 'commit'>;
  readonly ids: Ids;
  readonly nowMs: () => number;
}

/** A key that fails fails many calls: one signal is enough to have it looked at, another in case it got lost. */
const QUIET_MS = 10_000;

/**
 * Reports through the outbox. At most one signal a key and 10 seconds.
 *
 * Never throws and is not waited for: a signal is a hint, and whoever asked for data learns of their own failure in any
 * case. What could not be told is told at the next failure.
 */
export function keyFailureReport({ control, ids, nowMs }: ReportPorts): (kmsKeyArn: string, reason: ErrorCode) => void {
  const toldAtMs = new Map<string, number>();

  /** A clock that was set back ends the quiet, too. */
  const isLately = (atMs: number) => atMs <= nowMs() && nowMs() - atMs < QUIET_MS;

  function wasToldLately(kmsKeyArn: string): boolean {
    for (const [told, atMs] of toldAtMs) {
      if (isLately(atMs)) break;
      toldAtMs.delete(told);
    }
    const atMs = toldAtMs.get(kmsKeyArn);
    return atMs !== undefined && isLately(atMs);
  }

  async function tell(kmsKeyArn: string, reason: ErrorCode): Promise<void> {
    const at = new Date(nowMs()).toISOString();
    const fact = keySignalled.of({
      factId: ids.next(),
      at,
      kmsKeyArn,
      signal: 'own-failure',
      observed: `an application: ${reason}`,
      signalledAt: at,
    });
    await control.commit({ writes: [], facts: [fact] });
  }

  return (kmsKeyArn, reason) => {
    if (wasToldLately(kmsKeyArn)) return;
    // Behind all that were told before: the first is the one that was told longest ago.
    toldAtMs.delete(kmsKeyArn);
    toldAtMs.set(kmsKeyArn, nowMs());
    tell(kmsKeyArn, reason).catch(() => toldAtMs.delete(kmsKeyArn));
  };
}
