/** The hour of a trail that comes next: its digest, verified by itself and against the one before it. */
import { ContractViolation } from '../../../../events/define-event';
import { later, MINUTE_MS } from '../../instants';
import type { Clock } from '../../ports';
import { type Digest, faultOfDigest, isLinked, type ListedFile, linkTo, readDigest } from './digest';
import type { DigestKeys, StoredDigest, TrailFiles } from './ports';
import type { ChainState, DigestLink, Gap, TrailCursor, TrailScope } from './trail-rows';

export interface HourPorts {
  readonly trail: TrailScope;
  readonly files: TrailFiles;
  readonly keys: DigestKeys;
  readonly clock: Clock;
}

export interface Hour {
  readonly link: DigestLink;
  readonly from: string;
  readonly to: string;
  readonly chain: ChainState;
  /** None of a digest that is not believed. */
  readonly logFiles: readonly ListedFile[];
  /** What is wrong with the digest. */
  readonly gaps: readonly Gap[];
}

export const HOUR_MS = 60 * MINUTE_MS;

/**
 * After so long the streams have what EventBridge brings: it does so within seconds, and our queues within minutes. Whatever is
 * later still is found in the stream, and not written again.
 */
const SETTLE_MS = 15 * MINUTE_MS;

/**
 * So long a digest is waited for that should be there, or that should stand between two others. AWS promises no time, and says that digests may come
 * out of order after an outage. Source: CloudTrail User Guide, "Validating CloudTrail log file integrity". The bound is ours.
 */
export const WAIT_MS = 3 * HOUR_MS;

/** A digest an hour: so many are days. */
const DIGESTS_LISTED = 100;

/**
 * Undefined where there is none yet; `settling` where there is one whose time has not come.
 *
 * @throws KeywrightError `trail.unreadable` (retry).
 */
export async function nextHour(cursor: TrailCursor, ports: HourPorts): Promise<Hour | 'settling' | undefined> {
  const { files, clock } = ports;
  const after = cursor.digest?.key ?? files.beforeDay(cursor.until.slice(0, 10));
  for (const key of await files.digestsAfter(after, DIGESTS_LISTED)) {
    if (!isFollowed(key, cursor)) continue;
    const stored = await files.digest(key);
    if (stored === undefined) continue;
    const hour = await hourOf(stored, cursor, ports);
    // Following begins with the first hour that lies wholly behind its beginning.
    if (cursor.digest === undefined && hour.from < cursor.until) continue;
    const isTime = clock.now() >= later(hour.to, hour.chain === 'broken' ? WAIT_MS : SETTLE_MS);
    return isTime ? hour : 'settling';
  }
  return undefined;
}

/** Two trails may write into one bucket: their digests are told apart by the name of the trail. */
function isFollowed(key: string, { digest, until }: TrailCursor): boolean {
  if (digest) return trailIn(key) === trailIn(digest.key);
  return endIn(key) > until;
}

const NAME = /([^/]*)_(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z(?:_backfill)?\.json\.gz$/;

const trailIn = (key: string): string | undefined => NAME.exec(key)?.[1];

/** The end of its hour, as the name of a digest says; empty for what is no name of one. */
function endIn(key: string): string {
  const [, , year, month, day, hours, minutes, seconds] = NAME.exec(key) ?? [];
  return year === undefined ? '' : `${year}-${month}-${day}T${hours}:${minutes}:${seconds}.000Z`;
}

async function hourOf(stored: StoredDigest, cursor: TrailCursor, ports: HourPorts): Promise<Hour> {
  const link = linkTo(stored);
  const believed = await believedDigest(stored, cursor, ports);
  if ('reason' in believed) {
    const unknown = { from: cursor.until, to: endIn(stored.key), chain: 'broken', logFiles: [] } as const;
    return { ...unknown, link, gaps: [{ reason: believed.reason, object: stored.key }] };
  }
  const { from, to, logFiles } = believed;
  if (cursor.digest === undefined) return { link, from, to, logFiles, chain: 'begun', gaps: [] };
  if (isLinked(believed, cursor.digest)) return { link, from, to, logFiles, chain: 'linked', gaps: [] };
  const gaps = [{ reason: 'chain-broken', object: stored.key }] as const;
  return { link, from: from < cursor.until ? from : cursor.until, to, logFiles, chain: 'broken', gaps };
}

async function believedDigest(
  stored: StoredDigest,
  cursor: TrailCursor,
  { trail, keys, clock }: HourPorts,
): Promise<Digest | Pick<Gap, 'reason'>> {
  try {
    const digest = readDigest(stored);
    // A late digest is signed when it is written: its key may be newer than its hour.
    const since = digest.from < cursor.until ? digest.from : cursor.until;
    const known = await keys.publicKeys(since, clock.now());
    const reason = faultOfDigest(stored, digest, { accountId: trail.accountId, keys: known });
    return reason ? { reason } : digest;
  } catch (error) {
    if (error instanceof ContractViolation) return { reason: 'digest-unreadable' };
    throw error;
  }
}
