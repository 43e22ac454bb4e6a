/** Tells the product that a KMS key failed an application, and that it serves it again: the first to notice is often who needs it. */
import {
  type KeyFailure,
  type KeyFailures,
  type KeyReport,
  WORKS_AGAIN,
} from '../../shared/domain/availability/key-failure';
import type { KmsKey } from '../../shared/domain/keys/kms-key';

export interface ReportPorts {
  readonly failures: KeyFailures;
  readonly nowMs: () => number;
}

/** What KMS was asked to do: one may be lost without the other. */
export type KeyUse = 'generate' | 'unwrap';

export interface KeyReports {
  failed(use: KeyUse, kmsKeyArn: string, failure: KeyFailure): void;
  /** A call of KMS worked: news of a key that failed so here before, or that is believed to be lost. */
  worked(use: KeyUse, key: Pick<KmsKey, 'kmsKeyArn' | 'loss'>): void;
}

/** A key that fails fails many calls: one report is enough to have it looked at, another in case it got lost. */
const QUIET_MS = 10_000;

/** Uses of keys whose failures are remembered; then all are forgotten, and a return is told of those that are believed lost alone. */
const FAILED_MAX = 10_000;

/**
 * At most one report of each kind a key and 10 seconds; that it works again once for its failures, or for as long as it is
 * believed to be lost.
 *
 * Never throws and is not waited for: a report is a hint, and whoever asked for data learns of their own failure in any
 * case. What could not be told is told at the next occasion.
 */
export function keyReports(ports: ReportPorts): KeyReports {
  const [tellFailed, tellWorks] = [seldom(ports), seldom(ports)];
  const failed = new Set<string>();
  return {
    failed(use, kmsKeyArn, failure) {
      if (failed.size >= FAILED_MAX) failed.clear();
      failed.add(`${use} ${kmsKeyArn}`);
      tellFailed(kmsKeyArn, failure, () => undefined);
    },
    worked(use, { kmsKeyArn, loss }) {
      const name = `${use} ${kmsKeyArn}`;
      if (loss || failed.has(name)) tellWorks(kmsKeyArn, WORKS_AGAIN, () => failed.delete(name));
    },
  };
}

function seldom({ failures, nowMs }: ReportPorts) {
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

  return (kmsKeyArn: string, report: KeyReport, onTold: () => void): void => {
    if (wasReportedLately(kmsKeyArn)) return;
    // Behind all that were told before: the first is the one that was told longest ago.
    reportedAtMs.delete(kmsKeyArn);
    reportedAtMs.set(kmsKeyArn, nowMs());
    failures.report(kmsKeyArn, report).then(onTold, () => reportedAtMs.delete(kmsKeyArn));
  };
}
