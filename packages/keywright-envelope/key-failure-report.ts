/** Tells the product that a KMS key failed an application: the first to notice is often who needs it. */
import type { KeyFailure, KeyFailures } from '../../shared/domain/availability/key-failure';

export interface ReportPorts {
  readonly failures: KeyFailures;
  readonly nowMs: () => number;
}

/** A key that fails fails many calls: one report is enough to have it looked at, another in case it got lost. */
const QUIET_MS = 10_000;

/**
 * At most one report a key and 10 seconds.
 *
 * Never throws and is not waited for: a report is a hint, and whoever asked for data learns of their own failure in any
 * case. What could not be told is told at the next failure.
 */
export function keyFailureReport({ failures, nowMs }: ReportPorts): (kmsKeyArn: string, failure: KeyFailure) => void {
  const reportedAtMs = new Map<string, number>();

  /** A clock that was set back ends the quiet, too. */
  const isLately = (atMs: number) => atMs <= nowMs() && nowMs() - atMs < QUIET_MS;

  function wasReportedLately(kmsKeyArn: string): boolean {
    for (const [reported, atMs] of reportedAtMs) {
      if (isLately(atMs)) break;
      reportedAtMs.delete(reported);
    }
    const atMs = reportedAtMs.get(kmsKeyArn);
    return atMs !== undefined && isLately(atMs);
  }

  return (kmsKeyArn, failure) => {
    if (wasReportedLately(kmsKeyArn)) return;
    // Behind all that were told before: the first is the one that was told longest ago.
    reportedAtMs.delete(kmsKeyArn);
    reportedAtMs.set(kmsKeyArn, nowMs());
    failures.report(kmsKeyArn, failure).catch(() => reportedAtMs.delete(kmsKeyArn));
  };
}
