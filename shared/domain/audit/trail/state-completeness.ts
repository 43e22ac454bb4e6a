/** state-completeness: tells each customer of gaps as they are found, and of each day what is complete. */
import { auditGapFound } from '../../../../events/audit-gap-found';
import { completenessStated } from '../../../../events/completeness-stated';
import type { Fact } from '../../../../events/define-event';
import { later, MINUTE_MS } from '../../instants';
import type { Clock, ControlStore, Log } from '../../ports';
import { workDue } from '../../work-due-rows';
import type { AuditSequence } from '../log/ports';
import {
  type Completeness,
  customerDayKey,
  type HourCount,
  type TrailDay,
  type TrailScope,
  type TrailWindow,
  trailDayKey,
  trailIdOf,
} from './trail-rows';

export interface StatePorts {
  readonly trail: TrailScope;
  readonly control: ControlStore;
  readonly sequence: Pick<AuditSequence, 'head'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Customers of a run, and how long it may begin with one. */
const BOUNDS = { max: 500, concurrency: 8, forMs: 60_000 };
/** A new hour is looked for so often. */
const AGAIN_MS = 10 * MINUTE_MS;

/**
 * Each gap and each day is told once: the facts and how far the customer is told are one transaction. Costs what is due.
 *
 * @throws KeywrightError `store.unreachable` (retry) when what is due cannot be read.
 */
export async function stateCompleteness(ports: StatePorts): Promise<void> {
  const { failed } = await workDue('completeness', BOUNDS, (row) => tell(row, ports), ports);
  for (const error of failed) ports.log.error('a customer is not told what is complete', { reason: String(error) });
}

async function tell(row: Completeness, ports: StatePorts): Promise<void> {
  const { control, clock, trail } = ports;
  const day = row.day ?? (await control.find('trail-cursor', trailIdOf(trail)))?.day;
  const found = day === undefined ? undefined : await control.find('trail-day', trailDayKey(trailIdOf(trail), day));
  const waiting = { ...row, dueAt: later(clock.now(), AGAIN_MS) };
  if (day === undefined || found === undefined) return keep(waiting, [], ports);
  const gaps = found.windows.slice(row.told).flatMap((window) => gapFact(row.customerId, window, trail) ?? []);
  if (found.nextDay === undefined) return keep({ ...waiting, day, told: found.windows.length }, gaps, ports);
  const { size } = await ports.sequence.head(row.customerId);
  const theirs = await control.find('customer-day', customerDayKey(row.customerId, day));
  const statement = statementFact({ ...row, endIndex: size }, found, theirs?.hours ?? {}, trail);
  // The next day may be over as well.
  const next = { ...row, day: found.nextDay, told: 0, nextIndex: size, dueAt: clock.now() };
  return keep(next, [...gaps, statement], ports);
}

const keep = (row: Completeness, facts: readonly Fact[], { control }: StatePorts): Promise<void> =>
  control.commit({ writes: [{ entityType: 'completeness', row }], facts });

function gapFact(customerId: string, { from, to, gaps, gapCount }: TrailWindow, trail: TrailScope): Fact | undefined {
  if (gapCount === 0) return undefined;
  return auditGapFound.of({
    factId: `audit-gap:${trailIdOf(trail)}:${from}:${to}:${customerId}`,
    at: to,
    customerId,
    ...trail,
    from,
    to,
    gaps: gaps.map(({ reason, object }) => ({ reason, ...(object !== undefined && { object: nameIn(object) }) })),
    gapCount,
  });
}

/** What lies above is how our bucket is laid out. */
const nameIn = (key: string): string => key.slice(Math.max(0, key.lastIndexOf('AWSLogs/')));

const NONE: Pick<HourCount, 'events' | 'late'> = { events: 0, late: 0 };

function statementFact(
  { customerId, nextIndex, endIndex }: Completeness & { readonly endIndex: number },
  { day, windows }: TrailDay,
  counted: Readonly<Record<string, HourCount>>,
  trail: TrailScope,
): Fact {
  const hours = windows.map(({ from, to, chain, gaps, gapCount }) => {
    const { events, late } = counted[from] ?? NONE;
    const reasons = [...new Set(gaps.map(({ reason }) => reason))];
    return { from, to, chain, fromEvents: events, late, gapCount, reasons };
  });
  const total = (name: 'fromEvents' | 'late' | 'gapCount') => hours.reduce((sum, hour) => sum + hour[name], 0);
  return completenessStated.of({
    factId: `completeness:${trailIdOf(trail)}:${day}:${customerId}`,
    at: windows.at(-1)?.to ?? `${day}T00:00:00.000Z`,
    customerId,
    ...trail,
    day,
    hours,
    fromEvents: total('fromEvents'),
    late: total('late'),
    gapCount: total('gapCount'),
    isComplete: total('gapCount') === 0,
    firstIndex: nextIndex,
    endIndex,
  });
}
