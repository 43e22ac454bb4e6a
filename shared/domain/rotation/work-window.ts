/**
 * When work may begin: on some days of the week, between two times of the clock on the wall of a time zone.
 *
 * The clock on the wall decides. In the night when it is put forward an hour of a window does not exist, and in the night
 * when it is put back an hour comes twice.
 */
import { invalid } from '../errors';
import { DAY_MS, later, MINUTE_MS } from '../instants';

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

export interface WorkWindow {
  /** The days on which it opens. */
  readonly days: readonly Weekday[];
  /** `HH:MM`: the first minute inside. */
  readonly from: string;
  /** `HH:MM`, up to `24:00`: the first minute outside. Before `from`, it is a time of the next day. */
  readonly to: string;
  /** A name of the IANA time zone database: `Europe/Berlin`. */
  readonly timeZone: string;
}

const DAY_MINUTES = 1440;

/** The longest that any window is closed: a week, and a second one when its only hour falls to a clock put forward. */
const CLOSED_MS_MAX = 15 * DAY_MS;

/** Whether work may begin. Without a window it always may. */
export function isOpen(window: WorkWindow | undefined, at: string): boolean {
  return window === undefined || isInside(window, wallClock(window.timeZone, Date.parse(at)));
}

/** The first instant, not before `at`, at which work may begin. */
export function nextOpening(window: WorkWindow | undefined, at: string): string {
  if (window === undefined || isOpen(window, at)) return at;
  const end = Date.parse(at) + CLOSED_MS_MAX;
  let atMs = Math.ceil(Date.parse(at) / MINUTE_MS) * MINUTE_MS;
  while (atMs < end && !isInside(window, wallClock(window.timeZone, atMs))) atMs = towardsOpening(window, atMs);
  return later(at, atMs - Date.parse(at));
}

/** The next time that the clock shows `from`. A clock that is changed before then is followed minute by minute. */
function towardsOpening({ from, timeZone }: WorkWindow, atMs: number): number {
  const opens = minuteOf(from);
  const minutes = opens - wallClock(timeZone, atMs).minute;
  const nextMs = atMs + (minutes > 0 ? minutes : minutes + DAY_MINUTES) * MINUTE_MS;
  return wallClock(timeZone, nextMs).minute === opens ? nextMs : atMs + MINUTE_MS;
}

interface WallClock {
  /** Monday is 0. */
  readonly day: number;
  /** Since midnight. */
  readonly minute: number;
}

function isInside({ days, from, to }: WorkWindow, { day, minute }: WallClock): boolean {
  const [opens, closes] = [minuteOf(from), minuteOf(to)];
  const opensOn = (weekday: number) => days.some((name) => name === WEEKDAYS[weekday % WEEKDAYS.length]);
  if (opens < closes) return opensOn(day) && minute >= opens && minute < closes;
  return (opensOn(day) && minute >= opens) || (opensOn(day + WEEKDAYS.length - 1) && minute < closes);
}

function wallClock(timeZone: string, atMs: number): WallClock {
  const shown = clockOf(timeZone).formatToParts(atMs);
  const part = (type: Intl.DateTimeFormatPartTypes) => shown.find((one) => one.type === type)?.value ?? '';
  const day = (WEEKDAYS as readonly string[]).indexOf(part('weekday').toLowerCase());
  return { day, minute: Number(part('hour')) * 60 + Number(part('minute')) };
}

/** Making a clock costs a hundred times what reading it does. There are as many as time zones. */
const clocks = new Map<string, Intl.DateTimeFormat>();

function clockOf(timeZone: string): Intl.DateTimeFormat {
  const known = clocks.get(timeZone);
  if (known) return known;
  const clock = new Intl.DateTimeFormat('en-US', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  clocks.set(timeZone, clock);
  return clock;
}

const minuteOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

/**
 * Refuses a window that never opens or that nobody can read.
 *
 * @param field Where it stands in what was asked: refusals begin with it.
 * @throws KeywrightError `input.invalid`
 */
export function refuseBadWindow({ days, from, to, timeZone }: WorkWindow, field: string): void {
  const unknown = days.find((day) => !WEEKDAYS.includes(day));
  if (days.length === 0 || unknown !== undefined) {
    throw invalid(`${field}.days`, `name at least one of ${WEEKDAYS.join(', ')}${unknown ? `, not ${unknown}` : ''}.`);
  }
  if (!/^([01]\d|2[0-3]):[0-5]\d$/.test(from)) throw invalid(`${field}.from`, 'must be a time from 00:00 to 23:59.');
  if (!/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/.test(to)) {
    throw invalid(`${field}.to`, 'must be a time from 00:00 to 24:00.');
  }
  if (minuteOf(from) === minuteOf(to)) {
    throw invalid(`${field}.to`, 'the window has no length. A whole day is from 00:00 to 24:00.');
  }
  if (!isTimeZone(timeZone)) {
    throw invalid(`${field}.timeZone`, unknownTimeZone(timeZone));
  }
}

/** What to say of a time zone that there is not, in words that follow its field’s name. */
export const unknownTimeZone = (timeZone: string): string =>
  `${timeZone} is no known time zone. Name one like Europe/Berlin, or UTC.`;

/** Whether it is a name of the IANA time zone database. */
export function isTimeZone(timeZone: string): boolean {
  try {
    clockOf(timeZone);
    return true;
  } catch {
    return false;
  }
}
