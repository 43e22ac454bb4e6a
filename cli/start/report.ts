/** What a run of the scenario found, all of it measured: the file of `--report`, and the checks that decide the exit code. */

export interface Report {
  bootMs: number;
  scenarioMs: number;
  rotations: { customerId: string; strategy: string; ms: number }[];
  reencryption: { total: number; reencrypted: number; quarantined: number; perSecond: number };
  audit: { customerId: string; entries: number; verified: boolean }[];
  revocation: {
    cause: string;
    detectedMs: number;
    pagedMs: number;
    affectedDataStores: number;
    recoveredMs: number;
  };
}

export interface Check {
  readonly holds: boolean;
  /** A statement that is true when it holds. */
  readonly says: string;
}

export interface Findings {
  readonly report: Report;
  readonly checks: Check[];
  check(says: string, holds: boolean): void;
}

export function newFindings(): Findings {
  const checks: Check[] = [];
  return {
    checks,
    check: (says, holds) => void checks.push({ says, holds }),
    report: {
      bootMs: 0,
      scenarioMs: 0,
      rotations: [],
      reencryption: { total: 0, reencrypted: 0, quarantined: 0, perSecond: 0 },
      audit: [],
      revocation: { cause: '', detectedMs: 0, pagedMs: 0, affectedDataStores: 0, recoveredMs: 0 },
    },
  };
}
