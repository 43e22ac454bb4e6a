/**
 * reconcile-trail: compares the log files of each hour with the streams, and brings what EventBridge lost.
 *
 * One hour after the other, each log file by itself, as far as a run comes; where it stands is one row. An hour is over when a whole
 * pass over its files found nothing that the streams lack: what such a pass counts is what the streams have.
 */
import { hasCode } from '../../errors';
import { elapsedMs, later, MINUTE_MS } from '../../instants';
import type { ControlStore, Log, Write } from '../../ports';
import { type ComparePorts, compareRecords, type Found } from './compare-records';
import { countFile } from './count-hours';
import type { ListedFile } from './digest';
import { HOUR_MS, type Hour, type HourPorts, nextHour, WAIT_MS } from './next-hour';
import {
  GAPS_KEPT,
  type Gap,
  type Pass,
  type TrailCursor,
  type TrailWindow,
  trailDayKey,
  trailIdOf,
} from './trail-rows';
import { unlistedFiles } from './unlisted-files';

export interface ReconcilePorts extends Omit<ComparePorts, 'control'>, HourPorts {
  readonly control: Pick<ControlStore, 'find' | 'commit' | 'ofKmsKey'>;
  readonly log: Log;
}

/** No log file is begun later: half of what Lambda gives the function. */
const RUN_MS = 120_000;
/** What was sent is in its stream by then. */
const APPENDED_MS = 2 * MINUTE_MS;
/** What the streams have not taken after so many passes is a gap. */
const PASSES_MAX = 10;
/** A clock that jumps is ahead of the trail for a moment: nothing is said to be missing before somebody has looked twice. */
const LOOK_AGAIN_MS = 5 * MINUTE_MS;

type Step = 'done' | 'settling' | 'out-of-time' | 'overdue';

/**
 * Works the hours of the trail that are over. Safe to repeat, also at the same time, and to die on any line.
 *
 * @returns whether it goes on as it should: false while digests are overdue.
 * @throws KeywrightError `trail.unreadable`, `store.unreachable`, `queue.not-sent` (all retry).
 */
export async function reconcileTrail(ports: ReconcilePorts): Promise<boolean> {
  const endsAt = later(ports.clock.now(), RUN_MS);
  try {
    for (;;) {
      const step = await workNext(await cursorOf(ports), endsAt, ports);
      if (step !== 'done') return step !== 'overdue';
    }
  } catch (error) {
    // Another run is at it.
    if (hasCode(error, 'state.changed-meanwhile')) return true;
    throw error;
  }
}

async function cursorOf({ trail, control, clock }: ReconcilePorts): Promise<TrailCursor> {
  const trailId = trailIdOf(trail);
  return (await control.find('trail-cursor', trailId)) ?? { trailId, until: clock.now(), revision: 0 };
}

async function workNext(cursor: TrailCursor, endsAt: string, ports: ReconcilePorts): Promise<Step> {
  const hour = await nextHour(cursor, ports);
  if (hour === undefined) return waitForDigest(cursor, ports);
  if (hour === 'settling') {
    // The row says since when the trail is followed.
    if (cursor.revision === 0) await keep(cursor, ports);
    return 'settling';
  }
  const begun = cursor.pass?.key === hour.link.key ? cursor.pass : await firstPass(hour, cursor, ports);
  if (begun.notBefore !== undefined && ports.clock.now() < begun.notBefore) return 'settling';
  return workPass({ ...cursor, pass: begun }, hour, endsAt, ports);
}

async function firstPass(hour: Hour, cursor: TrailCursor, { files }: ReconcilePorts): Promise<Pass> {
  const gaps = [...hour.gaps, ...(await unlistedFiles(hour, cursor.digest, files))];
  const begin = { gaps: gaps.slice(0, GAPS_KEPT), gapCount: gaps.length };
  return passOf(hour, 1, begin);
}

/** @param begin What is wrong with the hour whatever its files hold. */
const passOf = ({ link }: Hour, number: number, begin: Pick<Pass, 'gaps' | 'gapCount'>): Pass => ({
  key: link.key,
  number,
  fileAt: 0,
  missing: 0,
  begin,
  ...begin,
});

async function workPass(
  begun: TrailCursor & { readonly pass: Pass },
  hour: Hour,
  endsAt: string,
  ports: ReconcilePorts,
): Promise<Step> {
  let [cursor, pass] = [begun as TrailCursor, begun.pass];
  for (const listed of hour.logFiles.slice(pass.fileAt)) {
    if (ports.clock.now() >= endsAt) return 'out-of-time';
    const { missing, gaps } = await workFile(listed, hour, cursor, pass, ports);
    pass = {
      ...pass,
      fileAt: pass.fileAt + 1,
      missing: pass.missing + missing,
      gaps: [...pass.gaps, ...gaps].slice(0, GAPS_KEPT),
      gapCount: pass.gapCount + gaps.length,
    };
    cursor = await keep({ ...cursor, pass }, ports);
  }
  if (pass.missing === 0) return finish(cursor, windowOf(hour, pass), hour, ports);
  if (pass.number >= PASSES_MAX) return finish(cursor, windowOf(hour, withGap(pass, 'not-appended')), hour, ports);
  const again = { ...passOf(hour, pass.number + 1, pass.begin), notBefore: later(ports.clock.now(), APPENDED_MS) };
  ports.log.info('records that EventBridge lost were sent to their streams', { count: pass.missing, until: hour.to });
  await keep({ ...cursor, pass: again }, ports);
  return 'settling';
}

const withGap = (pass: Pass, reason: Gap['reason']): Pass => ({
  ...pass,
  gaps: [...pass.gaps, { reason }].slice(-GAPS_KEPT),
  gapCount: pass.gapCount + 1,
});

/** One log file: verified, compared, counted. */
async function workFile(
  listed: ListedFile,
  hour: Hour,
  cursor: TrailCursor,
  pass: Pass,
  ports: ReconcilePorts,
): Promise<{ readonly missing: number; readonly gaps: readonly Gap[] }> {
  const gap = (reason: Gap['reason']) => ({ missing: 0, gaps: [{ reason, object: listed.key }] });
  const file = await ports.files.logFile(listed.bucket, listed.key);
  if (file === undefined) return gap('file-missing');
  if (file === 'too-large') return gap('file-too-large');
  if (file.sha256 !== listed.sha256) return gap('file-changed');
  const counts = new Map<string, Found>();
  let [missing, damaged] = [0, 0];
  const read = await file.read(async (records) => {
    const compared = await compareRecords(records, ports);
    missing += compared.missing;
    damaged += compared.damaged;
    for (const [customerId, found] of compared.counts) counts.set(customerId, sum(counts.get(customerId), found));
  });
  const counted = { day: dayOf(cursor, hour.to), from: hour.from, pass: pass.number, fileAt: pass.fileAt };
  // Then only another pass tells what is in the streams.
  if (await countFile(counts, counted, ports)) missing += 1;
  return { missing, gaps: read.damaged + damaged > 0 ? gap('file-damaged').gaps : [] };
}

const sum = (one: Found = { events: 0, late: 0 }, other: Found): Found => ({
  events: one.events + other.events,
  late: one.late + other.late,
});

/** A day that is over gets no more hours. */
const dayOf = ({ day = '' }: TrailCursor, to: string): string => (to.slice(0, 10) > day ? to.slice(0, 10) : day);

const windowOf = ({ from, to, chain, logFiles }: Hour, { gaps, gapCount }: Pass): TrailWindow => ({
  from,
  to,
  chain,
  files: logFiles.length,
  gaps,
  gapCount,
});

/** The hour is over: it stands among those of its day, and the cursor behind it, in one transaction. */
async function finish(
  { pass: _done, waitingSince, ...cursor }: TrailCursor,
  window: TrailWindow,
  hour: Hour | undefined,
  { control }: ReconcilePorts,
): Promise<Step> {
  const { trailId } = cursor;
  const day = dayOf(cursor, window.to);
  const today = (await control.find('trail-day', trailDayKey(trailId, day))) ?? newDay(trailId, day);
  const isNew = cursor.day !== undefined && cursor.day !== day;
  const before = isNew ? await control.find('trail-day', trailDayKey(trailId, cursor.day ?? '')) : undefined;
  const next: TrailCursor = {
    ...cursor,
    day,
    until: window.to > cursor.until ? window.to : cursor.until,
    ...(hour ? { digest: hour.link } : waitingSince !== undefined && { waitingSince }),
  };
  const writes: Write[] = [
    { entityType: 'trail-cursor', row: next },
    { entityType: 'trail-day', row: { ...today, windows: [...today.windows, window] } },
  ];
  if (before) writes.push({ entityType: 'trail-day', row: { ...before, nextDay: day } });
  await control.commit({ writes, facts: [] });
  return 'done';
}

const newDay = (trailId: string, day: string) => ({ trailId, day, windows: [], revision: 0 });

/** An hour without a digest is said to be missing once it was waited for. The chain may go on behind it. */
async function waitForDigest(cursor: TrailCursor, ports: ReconcilePorts): Promise<Step> {
  const now = ports.clock.now();
  if (elapsedMs(cursor.until, now) < HOUR_MS + WAIT_MS) {
    if (cursor.revision === 0) await keep(cursor, ports);
    return cursor.waitingSince === undefined ? 'settling' : 'overdue';
  }
  if (cursor.waitingSince === undefined) {
    await keep({ ...cursor, waitingSince: now }, ports);
    return 'overdue';
  }
  const isSure = cursor.digest !== undefined && elapsedMs(cursor.waitingSince, now) >= LOOK_AGAIN_MS;
  if (!isSure) return 'overdue';
  const to = later(cursor.until, HOUR_MS);
  const gaps = [{ reason: 'digest-missing' }] as const;
  return finish(cursor, { from: cursor.until, to, chain: 'missing', files: 0, gaps, gapCount: 1 }, undefined, ports);
}

/** @returns the row as it is committed. */
async function keep(row: TrailCursor, { control }: ReconcilePorts): Promise<TrailCursor> {
  await control.commit({ writes: [{ entityType: 'trail-cursor', row }], facts: [] });
  return { ...row, revision: row.revision + 1 };
}
