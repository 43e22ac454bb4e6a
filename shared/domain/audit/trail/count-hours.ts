/** Counts what one log file holds of each customer, once, however often that is begun. */
import { inParallel } from '../../parallel-work';
import type { Clock, ControlStore, Write } from '../../ports';
import { retryOnConflict } from '../../retry-on-conflict';
import { committed } from '../../rows';
import type { Found } from './compare-records';
import { type Completeness, customerDayKey, type HourCount } from './trail-rows';

export interface CountPorts {
  readonly control: Pick<ControlStore, 'find' | 'commit'>;
  readonly clock: Clock;
}

/** The log file that the counts are of. */
export interface CountedFile {
  readonly day: string;
  /** When its hour began. */
  readonly from: string;
  readonly pass: number;
  readonly fileAt: number;
}

/** Rows that are written at the same time. */
const CONCURRENCY = 8;

/**
 * Safe to repeat: a row says which files of the pass it has counted. A new pass begins from nothing.
 *
 * @returns whether it had been counted before, wholly or in part, by a run that died: what that one missed is not known.
 * @throws KeywrightError `state.changed-meanwhile`, `store.unreachable` (both retry).
 */
export async function countFile(
  counts: ReadonlyMap<string, Found>,
  file: CountedFile,
  ports: CountPorts,
): Promise<boolean> {
  const { failed, succeeded } = await inParallel(counts, CONCURRENCY, ([customerId, found]) =>
    retryOnConflict(() => countOf(customerId, found, file, ports)),
  );
  if (failed.length > 0) throw failed[0];
  return succeeded.includes(false);
}

/** @returns false where it was counted before. */
async function countOf(
  customerId: string,
  found: Found,
  { day, from, pass, fileAt }: CountedFile,
  { control, clock }: CountPorts,
): Promise<boolean> {
  const [row = { customerId, day, hours: {}, revision: 0 }, told] = await Promise.all([
    control.find('customer-day', customerDayKey(customerId, day)),
    control.find('completeness', customerId),
  ]);
  const before = row.hours[from];
  if (before?.pass === pass && before.files > fileAt) return false;
  const counted = before?.pass === pass ? before : { events: 0, late: 0 };
  const hour: HourCount = {
    events: counted.events + found.events,
    late: counted.late + found.late,
    pass,
    files: fileAt + 1,
  };
  const writes: Write[] = [{ entityType: 'customer-day', row: { ...row, hours: { ...row.hours, [from]: hour } } }];
  if (told === undefined) writes.push({ entityType: 'completeness', row: newCompleteness(customerId, clock.now()) });
  await control.commit({ writes, facts: [] });
  return true;
}

/**
 * From here on the customer is told of each day. Safe to repeat.
 *
 * @throws KeywrightError `state.changed-meanwhile`, `store.unreachable` (both retry).
 */
export async function beginCompleteness(customerId: string, { control, clock }: CountPorts): Promise<Completeness> {
  const known = await control.find('completeness', customerId);
  if (known) return known;
  const row = newCompleteness(customerId, clock.now());
  await control.commit({ writes: [{ entityType: 'completeness', row }], facts: [] });
  return committed(row);
}

const newCompleteness = (customerId: string, now: string): Completeness => ({
  customerId,
  told: 0,
  nextIndex: 0,
  dueAt: now,
  revision: 0,
});
