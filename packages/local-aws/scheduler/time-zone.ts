/** Wall-clock time in an IANA time zone, by the machine's own time zone data. */

/** `month` and `day` count from 1. */
export interface LocalTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

export function isTimeZone(name: string): boolean {
  try {
    formatOf(name);
    return true;
  } catch {
    return false;
  }
}

export function localTimeOf(ms: number, timeZone: string): LocalTime {
  const parts = new Map(
    formatOf(timeZone)
      .formatToParts(ms)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
  return { year: part('year'), month: part('month'), day: part('day'), hour: part('hour'), minute: part('minute') };
}

/**
 * The instant at which the clocks of a time zone show a time. Of two (clocks set back) the first.
 *
 * @returns undefined for a time that the clocks skip, or that no calendar has.
 */
export function instantOfLocalTime(time: LocalTime, timeZone: string): number | undefined {
  const asUtc = utcOf(time);
  const dayBefore = offsetMs(asUtc - 86_400_000, timeZone);
  const dayAfter = offsetMs(asUtc + 86_400_000, timeZone);
  const candidates = [asUtc - dayBefore, asUtc - dayAfter].sort((one, other) => one - other);
  return candidates.find((ms) => isSame(localTimeOf(ms, timeZone), time));
}

function offsetMs(ms: number, timeZone: string): number {
  const wholeMinute = Math.floor(ms / 60_000) * 60_000;
  return utcOf(localTimeOf(ms, timeZone)) - wholeMinute;
}

function utcOf({ year, month, day, hour, minute }: LocalTime): number {
  return Date.UTC(year, month - 1, day, hour, minute);
}

function isSame(one: LocalTime, other: LocalTime): boolean {
  return (
    one.year === other.year &&
    one.month === other.month &&
    one.day === other.day &&
    one.hour === other.hour &&
    one.minute === other.minute
  );
}

/** @throws RangeError for a name that is no time zone. */
function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  formats.set(timeZone, made);
  return made;
}
