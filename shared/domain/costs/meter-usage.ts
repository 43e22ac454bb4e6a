/**
 * meter-usage: counts what each customer used, from their own audit log, and records what a month cost them once it is over.
 *
 * How far a log is counted is one row, which moves with what was counted in one transaction: each entry is counted once, however often
 * and by however many this runs. What is read is the signed log itself, so that the customer, who has it, comes to the same figures.
 */

import { costShareRecorded } from '../../../events/cost-share-recorded';
import type { Fact } from '../../../events/define-event';
import { hasCode } from '../errors';
import { DAY_MS, elapsedMs, FIRST, later, MINUTE_MS } from '../instants';
import type { Clock, ControlStore, Log, Write } from '../ports';
import { committed } from '../rows';
import { subscriptionsOf } from '../subscriptions/change-subscriptions';
import { entriesFrom, type LogFiles, publishedSize } from '../subscriptions/read-log';
import { workDue } from '../work-due-rows';
import { type Beside, monthAfter, shareOf } from './close-month';
import { countEntry, datedAt, readEntry } from './count-entry';
import { endOf, monthOf, startOf } from './month';
import { type CostShare, type KeyUsage, keyUsageKey, NO_USAGE, type UsageMeter } from './usage';

export interface MeterPorts {
  readonly control: ControlStore;
  readonly objects: LogFiles;
  /** The account that AWS charges for keys and requests. */
  readonly ownAccountId: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** No bundle of entries is read later: well before Lambda ends the function. */
const RUN_MS = 12_000;
/** So many bundles of 256 entries are one commit. */
const BUNDLES_A_COMMIT = 40;
/** What is appended is counted so much later: once for all that comes meanwhile. */
const SOON_MS = 10 * MINUTE_MS;
/** A log that does not grow is looked at so often: months end in silence too. */
const IDLE_MS = 6 * 60 * MINUTE_MS;
/** A month is closed so long after its end: what comes later counts in the month that is open then. */
const LATE_MS = 3 * DAY_MS;
/** A log that was there before is counted from its first entry on, but no further back than this. */
const BACK_MS = 800 * DAY_MS;
/** Kept for as long as a month can be open. */
const KEPT_MS = 120 * DAY_MS;
const DUE = { max: 200, concurrency: 8, forMs: 20_000 };

/**
 * A log has grown: it is counted in ten minutes. Safe to repeat, in any order.
 *
 * @throws KeywrightError `state.changed-meanwhile`, `store.unreachable` (both retry).
 */
export async function noteGrowth(customerId: string, { control, clock }: MeterPorts): Promise<void> {
  const soon = later(clock.now(), SOON_MS);
  const meter = await control.find('usage-meter', customerId);
  if (meter && meter.dueAt <= soon) return;
  const row = meter ? { ...meter, dueAt: soon } : { ...UNCOUNTED, customerId, dueAt: soon };
  await control.commit({ writes: [{ entityType: 'usage-meter', row }], facts: [] });
}

const UNCOUNTED: Omit<UsageMeter, 'customerId' | 'dueAt'> = {
  payerAccountId: '',
  month: '',
  ...{ fromIndex: 0, nextIndex: 0, usage: NO_USAGE, after: NO_USAGE, storedBytes: 0 },
  ...{ keys: {}, keysLeftOut: 0, deliveredBefore: {}, revision: 0 },
};

/**
 * Counts the logs that are due. Costs what came since they were counted last. One that cannot be read keeps no other back.
 *
 * @throws KeywrightError `store.unreachable` (retry).
 */
export async function meterUsage(ports: MeterPorts, part?: number): Promise<void> {
  const bounds = { ...DUE, ...(part !== undefined && { part }) };
  const { failed } = await workDue('usage-meter', bounds, (row: UsageMeter) => meterLog(row.customerId, ports), ports);
  for (const error of failed) ports.log.error('usage of a customer is not counted', { reason: String(error) });
}

/**
 * Counts one log, as far as it comes in a run. Safe to repeat, and to run twice at once: one of them has nothing to do.
 *
 * @throws KeywrightError `store.unreachable`, `audit.not-written` (both retry), `audit.contradicted`.
 */
async function meterLog(customerId: string, ports: MeterPorts): Promise<void> {
  const { control, objects, clock } = ports;
  const until = later(clock.now(), RUN_MS);
  let meter = await control.find('usage-meter', customerId);
  const size = await publishedSize(customerId, objects);
  try {
    while (meter && (size > 0 || meter.nextIndex > 0)) {
      const counted = await countSome(meter.month === '' ? await begun(meter, size, ports) : meter, size, ports);
      const isThrough = !counted.isClosing && counted.meter.nextIndex >= size;
      const isLast = isThrough || clock.now() >= until;
      meter = await commit(meter, { ...counted, isLast, isThrough }, ports);
      if (isLast) return;
    }
  } catch (error) {
    // Another run was faster: what it counted is counted.
    if (!hasCode(error, 'state.changed-meanwhile')) throw error;
  }
}

/** A meter that has counted nothing begins with the month of the first entry. */
async function begun(
  meter: UsageMeter,
  size: number,
  { objects, clock, ownAccountId }: MeterPorts,
): Promise<UsageMeter> {
  const [first] = await entriesFrom(meter.customerId, 0, size, objects);
  const now = clock.now();
  const earliest = monthOf(later(now, -BACK_MS));
  const month = monthOf(first ? datedAt(readEntry(first), now) : FIRST);
  return { ...meter, payerAccountId: ownAccountId, month: month < earliest ? earliest : month };
}

interface Counted {
  readonly meter: UsageMeter;
  /** Its month is over, and what might have come late has come. */
  readonly isClosing: boolean;
}

/** The next entries, up to one that is dated so late that the month is closed before it. */
async function countSome(from: UsageMeter, size: number, { objects, clock }: MeterPorts): Promise<Counted> {
  const now = clock.now();
  let meter = from;
  for (let bundle = 0; bundle < BUNDLES_A_COMMIT && meter.nextIndex < size; bundle += 1) {
    for (const bytes of await entriesFrom(meter.customerId, meter.nextIndex, size, objects)) {
      const entry = readEntry(bytes);
      if (isOver(meter.month, datedAt(entry, now))) return { meter, isClosing: true };
      meter = countEntry(meter, entry, bytes.length, now);
    }
  }
  return { meter, isClosing: meter.nextIndex >= size && isOver(meter.month, now) };
}

const isOver = (month: string, at: string): boolean => at >= later(endOf(month), LATE_MS);

/** What was counted, and the month that it ends, in one transaction. @returns the meter as it is then. */
async function commit(
  before: UsageMeter,
  { meter, isClosing, isLast, isThrough }: Counted & { readonly isLast: boolean; readonly isThrough: boolean },
  ports: MeterPorts,
): Promise<UsageMeter> {
  const { control, clock } = ports;
  const now = clock.now();
  const writes = await keyUsages(meter, before, ports);
  const facts: Fact[] = [];
  let row = { ...meter, dueAt: isLast ? later(now, isThrough ? IDLE_MS : 0) : meter.dueAt };
  if (isClosing) {
    const beside = await besideOf(meter, ports);
    const share = shareOf(meter, endOf(meter.month), beside);
    writes.push({ entityType: 'cost-share', row: { ...share, revision: 0 } });
    facts.push(factOf(share, now));
    row = monthAfter(row, beside);
  }
  await control.commit({ writes: [{ entityType: 'usage-meter', row }, ...writes], facts });
  return committed(row);
}

function factOf(share: Omit<CostShare, 'revision'>, at: string): Fact {
  const { customerId, month, keys, lines } = share;
  const lists = { keys: [...keys], lines: [...lines] };
  return costShareRecorded.of({ ...share, ...lists, factId: `cost-share/${customerId}/${month}`, at });
}

/** Rows of keys whose uses changed, so that others who share them see it. */
async function keyUsages(meter: UsageMeter, before: UsageMeter, { control }: MeterPorts): Promise<Write[]> {
  const { customerId, month } = meter;
  const expiresAt = Math.ceil(elapsedMs(FIRST, later(startOf(month), KEPT_MS)) / 1_000);
  const isNews = before.month !== month || before.keys !== meter.keys || before.usage.keyUses !== meter.usage.keyUses;
  const arns = isNews ? Object.keys(meter.keys) : [];
  const rows = arns.map((kmsKeyArn) => ({
    ...{ customerId, kmsKeyArn, month, expiresAt },
    uses: meter.usage.keyUses[kmsKeyArn] ?? 0,
  }));
  const known = await Promise.all(rows.map((row) => control.find('key-usage', keyUsageKey(row))));
  return rows.flatMap((row, at): readonly Write[] => {
    const revision = known[at]?.revision ?? 0;
    return known[at]?.uses === row.uses ? [] : [{ entityType: 'key-usage', row: { ...row, revision } }];
  });
}

/**
 * What a share needs besides the customer's own log: numbers alone, and of nobody by name.
 *
 * @throws KeywrightError `store.unreachable` (retry).
 */
export async function besideOf(meter: UsageMeter, { control }: Pick<MeterPorts, 'control'>): Promise<Beside> {
  const [delivered, totals] = await Promise.all([
    subscriptionsOf(meter.customerId, { control }),
    Promise.all(Object.keys(meter.keys).map((arn) => usesOfAll(arn, meter, control))),
  ]);
  return { delivered, usesOfAll: Object.fromEntries(totals.flat()) };
}

/** Costs what the key has of customers in the last months. */
async function usesOfAll(
  arn: string,
  { customerId, month, usage }: UsageMeter,
  control: ControlStore,
): Promise<readonly (readonly [string, number])[]> {
  const others: KeyUsage[] = [];
  for await (const row of control.ofKmsKey('key-usage', arn))
    if (row.month === month && row.customerId !== customerId) others.push(row);
  if (others.length === 0) return [];
  return [[arn, others.reduce((sum, { uses }) => sum + uses, usage.keyUses[arn] ?? 0)]];
}
