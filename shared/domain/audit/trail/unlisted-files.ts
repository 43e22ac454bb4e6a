/** Log files that lie in the bucket and that no digest names: nobody vouches for them. */
import { later } from '../../instants';
import { linkTo, readDigest } from './digest';
import { HOUR_MS, type Hour } from './next-hour';
import type { TrailFiles } from './ports';
import type { DigestLink, Gap } from './trail-rows';

/** Of an hour: CloudTrail delivers a file every few minutes. */
const FILES_LISTED = 1_000;
/** A digest that covers more was written by a clock that jumped: its first hours are looked through. */
const HOURS_MAX = 48;

/**
 * Files of the hour before that neither its digest nor the one of this hour names: a file is dated when it is begun, and named once it
 * is delivered. None where the two are not linked.
 *
 * @throws KeywrightError `trail.unreadable` (retry).
 */
export async function unlistedFiles(
  hour: Hour,
  before: DigestLink | undefined,
  files: TrailFiles,
): Promise<readonly Gap[]> {
  const stored = hour.chain === 'linked' && before ? await files.digest(before.key) : undefined;
  if (stored === undefined || linkTo(stored).sha256 !== before?.sha256) return [];
  const { from, to, logFiles } = readDigest(stored);
  const listed = new Set([...logFiles, ...hour.logFiles].map(({ key }) => key));
  const unlisted: Gap[] = [];
  for (let [at, hours] = [from, 0]; at.slice(0, 13) <= to.slice(0, 13) && hours < HOURS_MAX; hours += 1) {
    for (const object of await files.logFilesOfHour(at.slice(0, 13), FILES_LISTED)) {
      const date = dateIn(object);
      if (!listed.has(object) && date >= from && date < to) unlisted.push({ reason: 'file-unlisted', object });
    }
    at = later(at, HOUR_MS);
  }
  return unlisted;
}

/** `…_20261124T0210Z_…` -> `2026-11-24T02:10:00.000Z`; empty for what is no name of a log file. */
function dateIn(key: string): string {
  const [, year, month, day, hours, minutes] = /_(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)Z_[^/]*$/.exec(key) ?? [];
  return year === undefined ? '' : `${year}-${month}-${day}T${hours}:${minutes}:00.000Z`;
}
