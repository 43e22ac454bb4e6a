/** Tells re-encryption how much of the KMS request quota this application uses, so that it keeps to the rest. */
import type { SentRequest } from '../../shared/adapters/kms-clients';
import { quotaOf } from '../../shared/domain/reencryption/quota/kms-quota';
import type { LiveTraffic } from '../../shared/domain/reencryption/quota/ports';

/** How old what re-encryption knows may be: it takes a rate over twice as long. */
const EVERY_MS = 500;
/** A report that fails, for want of a permission say, is not tried at every turn. */
const QUIET_MS = 30_000;
/** A process that uses more quotas than these at the same time, all but one of them customers' own, leaves some unreported. */
const QUOTAS_MAX = 1_000;

export interface LiveReportPorts {
  readonly live: Pick<LiveTraffic, 'report'>;
  readonly nowMs: () => number;
  /** Runs it once, some time later. */
  readonly later?: (run: () => void, ms: number) => void;
}

/** Keeps no process alive that has nothing else to do. */
const byTimer = (run: () => void, ms: number): void => {
  setTimeout(run, ms).unref();
};

/**
 * Counts requests, and reports them half a second later: at most one write every half second, of the quota that most is
 * to be told about; none while nothing is sent.
 *
 * Never throws and is not waited for. What could not be told is forgotten: told later, it would look like a surge.
 */
export function liveReport({ live, nowMs, later = byTimer }: LiveReportPorts): (sent: SentRequest) => void {
  const unreported = new Map<string, { calls: number; throttled: number; latencyMs: number }>();
  let isDue = false;
  let quietUntilMs = 0;

  function note({ key, isThrottled, latencyMs }: SentRequest): void {
    if (nowMs() < quietUntilMs) return;
    const quotaId = quotaOf(key, key);
    const count = unreported.get(quotaId) ?? { calls: 0, throttled: 0, latencyMs: 0 };
    if (unreported.size >= QUOTAS_MAX && !unreported.has(quotaId)) return;
    count.calls += 1;
    count.throttled += isThrottled ? 1 : 0;
    count.latencyMs += latencyMs;
    unreported.set(quotaId, count);
    soon();
  }

  function soon(): void {
    if (isDue) return;
    isDue = true;
    later(() => void report(), EVERY_MS);
  }

  async function report(): Promise<void> {
    isDue = false;
    const [most] = [...unreported].sort(([, one], [, other]) => other.calls - one.calls);
    if (!most) return;
    const [quotaId, count] = most;
    unreported.delete(quotaId);
    if (unreported.size > 0) soon();
    try {
      await live.report(quotaId, count);
    } catch {
      quietUntilMs = nowMs() + QUIET_MS;
      unreported.clear();
    }
  }

  return note;
}
