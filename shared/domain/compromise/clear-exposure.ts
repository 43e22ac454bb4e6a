/**
 * What only the application knows: how far it is with protecting its records anew, and that none is left.
 *
 * A scan that began while some process could still protect new data with a compromised data key may have missed what
 * that process wrote. So only a scan that began after the last window has passed clears a data store.
 */

import { dataStoreCleared } from '../../../events/data-store-cleared';
import { KeywrightError } from '../errors';
import { transition } from '../legal-moves';
import { newFact } from '../outbox/new-fact';
import type { Change } from '../ports';
import { mustFind } from '../require-row';
import { retryOnConflict } from '../retry-on-conflict';
import { exposureKey } from '../rows';
import { type Compromise, compromiseTransition, EXPOSURE_MOVES, type Exposure, type RecordScan } from './compromise';
import { endedFact } from './facts';
import type { CompromisePorts } from './ports';

type ClearPorts = Omit<CompromisePorts, 'dataKeys'>;

export interface ScanReport {
  readonly compromiseId: string;
  readonly customerId: string;
  readonly dataStoreId: string;
  readonly scan: RecordScan;
}

/**
 * Notes how far a scan is. Safe to repeat; a report that is behind the one before changes nothing.
 *
 * @throws KeywrightError `state.not-found`, `state.forbids`, `input.invalid`; `state.changed-meanwhile` (retry).
 */
export async function noteReprotection(report: ScanReport, ports: ClearPorts): Promise<Exposure> {
  return retryOnConflict(async () => {
    const { exposure } = await exposedBy(report, ports);
    if (exposure.state === 'cleared' || !isAhead(report.scan, exposure.scan)) return exposure;
    const row = { ...exposure, scan: report.scan };
    await ports.control.commit({ writes: [{ entityType: 'exposure', row }], facts: [] });
    return { ...row, revision: row.revision + 1 };
  });
}

/**
 * The application's word that nothing in the data store depends on a compromised data key, by a whole scan of its own.
 * With the last data store the compromise has ended. Safe to repeat.
 *
 * @throws KeywrightError as `noteReprotection`, and `state.forbids` for a scan that left something or began too early.
 */
export async function confirmNoneLeft(
  report: ScanReport & { readonly by: string },
  ports: ClearPorts,
): Promise<Exposure> {
  return retryOnConflict(async () => {
    const { compromise, exposure } = await exposedBy(report, ports);
    if (exposure.state === 'cleared') return exposure;
    refuseIncomplete(report.scan, compromise);
    const { clock, control, log } = ports;
    const row = transition(EXPOSURE_MOVES, exposure, {
      ...exposure,
      state: 'cleared',
      scan: report.scan,
      clearedBy: report.by,
      clearedAt: clock.now(),
    });
    await control.commit(cleared(row, compromise, ports));
    log.info('data store cleared', { compromiseId: row.compromiseId, dataStoreId: row.dataStoreId });
    return { ...row, revision: row.revision + 1 };
  });
}

async function exposedBy(report: ScanReport, ports: ClearPorts) {
  const { compromiseId, dataStoreId, scan } = report;
  const compromise = await mustFind('compromise', compromiseId, ports);
  const exposure = await ports.control.find('exposure', exposureKey(compromiseId, report));
  if (!exposure || exposure.dataKeys === 0) {
    const message = `dataStoreId: no data key of ${dataStoreId} was found compromised by ${compromiseId}. Name the customer and data store that its status lists.`;
    throw new KeywrightError('state.not-found', message, { field: 'dataStoreId', compromiseId });
  }
  if (!compromise.replaceDataKeys) {
    const message = `compromiseId: the data keys of ${compromiseId} stay in use. To replace them, declare it again with replaceDataKeys.`;
    throw new KeywrightError('state.forbids', message, { field: 'compromiseId', compromiseId });
  }
  if (Number.isNaN(Date.parse(scan.startedAt)) || scan.startedAt > ports.clock.now()) {
    const message = `scan.startedAt: ${scan.startedAt} is no moment of the past. Say when the scan began, as a UTC instant with milliseconds.`;
    throw new KeywrightError('input.invalid', message, { field: 'scan.startedAt', compromiseId });
  }
  return { compromise, exposure };
}

/** A later scan, or more of the same one. */
function isAhead(now: RecordScan, before: RecordScan | undefined): boolean {
  if (before === undefined || now.startedAt > before.startedAt) return true;
  return now.startedAt === before.startedAt && now.looked > before.looked;
}

function refuseIncomplete(scan: RecordScan, { compromiseId, state, cleanFrom }: Compromise): void {
  const forbids = (field: string, problem: string) =>
    new KeywrightError('state.forbids', `${field}: ${problem}`, { field, compromiseId });
  if (state === 'open') {
    throw forbids(
      'compromiseId',
      'is not contained yet: more data keys may be found. Scan once its status says contained.',
    );
  }
  if (scan.left > 0) {
    throw forbids('scan.left', `${scan.left} records are as they were. Scan again until none is left.`);
  }
  if (cleanFrom !== undefined && scan.startedAt < cleanFrom) {
    throw forbids(
      'scan.startedAt',
      `the scan began at ${scan.startedAt}; until ${cleanFrom} a process may have used a compromised data key. Scan again.`,
    );
  }
}

function cleared(exposure: Exposure, before: Compromise, ports: ClearPorts): Change {
  const now = ports.clock.now();
  const counted = { ...before, cleared: before.cleared + 1 };
  const isLast = counted.cleared === counted.affected && counted.state === 'contained';
  const compromise = isLast ? compromiseTransition(before, { ...counted, state: 'ended', endedAt: now }) : counted;
  const { compromiseId, customerId, dataStoreId, clearedBy = '', scan } = exposure;
  const fact = newFact(dataStoreCleared, ports, {
    at: now,
    compromiseId,
    customerId,
    dataStoreId,
    reprotected: scan?.reprotected ?? 0,
    confirmedBy: clearedBy,
  });
  return {
    writes: [
      { entityType: 'compromise', row: compromise },
      { entityType: 'exposure', row: exposure },
    ],
    facts: isLast ? [fact, endedFact(compromise, ports)] : [fact],
  };
}
