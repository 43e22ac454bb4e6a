/** What a run of the scenario found, all of it measured: the file of `--report`, and the checks that decide the exit code. */

import { closeSync, constants, fstatSync, ftruncateSync, openSync, writeFileSync } from 'node:fs';
import { onFile } from 'local-aws/file-errors';
import type { Party } from '../../events/fields';
import type { Trouble } from '../../shared/domain/availability/incidents/trouble';
import type { Cause } from '../../shared/domain/availability/verdict';
import type { DestinationKind, EntryFormat } from '../../shared/domain/subscriptions/subscription';

export interface Report {
  bootMs: number;
  scenarioMs: number;
  rotations: { customerId: string; strategy: string; ms: number }[];
  reencryption: { total: number; reencrypted: number; quarantined: number; perSecond: number };
  audit: { customerId: string; entries: number; verified: boolean }[];
  /** Verified: what arrived is byte for byte what the signed log has, and all of it. */
  deliveries: {
    customerId: string;
    destination: DestinationKind;
    format: EntryFormat;
    entries: number;
    verified: boolean;
  }[];
  revocation: {
    cause: string;
    detectedMs: number;
    pagedMs: number;
    affectedDataStores: number;
    recoveredMs: number;
  };
  /** One a loss: from the act to the verdict, the page and the customer's notice, and from the way back until it was noticed. */
  incidents: {
    cause: Cause | Trouble;
    party: Party;
    detectedMs: number;
    pagedMs: number;
    recoveredMs: number;
    /** Null where no customer is concerned. */
    customerToldMs: number | null;
  }[];
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
      deliveries: [],
      revocation: { cause: '', detectedMs: 0, pagedMs: 0, affectedDataStores: 0, recoveredMs: 0 },
      incidents: [],
    },
  };
}

/** To the end of a file, made where there is none; a pipe that nobody reads is refused at once. */
const WITHOUT_WAITING = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;

/**
 * Opens the file of `--report` before the run that it is for: a place that takes none is not to cost a whole scenario. What
 * an earlier run wrote there stays until this one has its own. A pipe is written to as it is.
 *
 * @returns what writes the report and closes the file. @throws the system's error, with the path.
 */
export function openReport(path: string): (report: Report) => void {
  const file = onFile(path, () => openSync(path, WITHOUT_WAITING));
  return (report) =>
    onFile(path, () => {
      if (fstatSync(file).isFile()) ftruncateSync(file);
      writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
      closeSync(file);
    });
}
