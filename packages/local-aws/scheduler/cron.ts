/**
 * Cron expressions of AWS: minutes, hours, day of month, month, day of week, year.
 *
 * Exactly one of the two day fields is `?`. Days of the week count from 1, Sunday. `L`, `W` and `#` are understood.
 * Source: EventBridge Scheduler User Guide, "Cron-based schedules".
 */
import { instantOfLocalTime, type LocalTime, localTimeOf } from './time-zone';

export interface Cron {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly months: ReadonlySet<number>;
  readonly years: ReadonlySet<number>;
  isDay(day: Day): boolean;
}

interface Day {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

const MONTHS = 'JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC'.split(' ');
const WEEKDAYS = 'SUN MON TUE WED THU FRI SAT'.split(' ');
const YEAR_MIN = 1970;
const YEAR_MAX = 2199;

/** @returns undefined for an expression that AWS refuses. */
export function readCron(expression: string): Cron | undefined {
  const fields = expression.trim().split(/\s+/);
  const [minute = '', hour = '', dayOfMonth = '', month = '', dayOfWeek = '', year = ''] = fields;
  if (fields.length !== 6 || (dayOfMonth === '?') === (dayOfWeek === '?')) return undefined;
  const minutes = numbersOf(minute, 0, 59);
  const hours = numbersOf(hour, 0, 23);
  const months = numbersOf(month, 1, 12, MONTHS);
  const years = numbersOf(year, YEAR_MIN, YEAR_MAX);
  const isDay = dayOfWeek === '?' ? readDayOfMonth(dayOfMonth) : readDayOfWeek(dayOfWeek);
  if (!minutes || !hours || !months || !years || !isDay) return undefined;
  return { minutes, hours, months: new Set(months), years: new Set(years), isDay };
}

/** @returns undefined when the expression never comes true again. */
export function cronAfter(cron: Cron, timeZone: string, after: number): number | undefined {
  const start = localTimeOf(after, timeZone);
  for (
    let { year, month, day } = start;
    year <= YEAR_MAX;
    { year, month, day } = following(cron, { year, month, day })
  ) {
    if (!cron.years.has(year) || !cron.months.has(month) || !cron.isDay({ year, month, day })) continue;
    const found = firstOnDay(cron, { year, month, day }, timeZone, after);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The next day worth looking at: months and years that do not count are passed over as a whole. */
function following(cron: Cron, { year, month, day }: Day): Day {
  if (!cron.years.has(year)) return { year: year + 1, month: 1, day: 1 };
  const next = new Date(Date.UTC(year, month - 1, cron.months.has(month) ? day + 1 : 32));
  const nextMonth = next.getUTCMonth() + 1;
  const isNewMonth = nextMonth !== month;
  return { year: next.getUTCFullYear(), month: nextMonth, day: isNewMonth ? 1 : next.getUTCDate() };
}

function firstOnDay(cron: Cron, day: Day, timeZone: string, after: number): number | undefined {
  for (const hour of cron.hours) {
    for (const minute of cron.minutes) {
      const time: LocalTime = { ...day, hour, minute };
      // Without time zone data first: most minutes of the first day lie well behind.
      if (Date.UTC(day.year, day.month - 1, day.day, hour, minute) < after - 2 * 86_400_000) continue;
      const ms = instantOfLocalTime(time, timeZone);
      if (ms !== undefined && ms > after) return ms;
    }
  }
  return undefined;
}

/** `1,5`, `1-5`, `*`, each with `/step`; names where the field has them. In order, without repetitions. */
function numbersOf(field: string, min: number, max: number, names: readonly string[] = []): number[] | undefined {
  const lists = field.split(',').map((part) => rangeOf(part, { min, max, names }));
  if (lists.includes(undefined)) return undefined;
  return [...new Set(lists.flatMap((list) => list ?? []))].sort((one, other) => one - other);
}

interface Limits {
  readonly min: number;
  readonly max: number;
  readonly names: readonly string[];
}

function rangeOf(part: string, { min, max, names }: Limits): number[] | undefined {
  const [, range = '', step] = /^([^/]+)(?:\/(\d+))?$/.exec(part) ?? [];
  const numberOf = (text: string) => {
    const named = names.indexOf(text.toUpperCase());
    if (named >= 0) return named + min;
    return /^\d+$/.test(text) ? Number(text) : Number.NaN;
  };
  const [firstText = '', lastText] = range.split('-');
  const isAll = range === '*';
  const first = isAll ? min : numberOf(firstText);
  const last = isAll || (step !== undefined && lastText === undefined) ? max : numberOf(lastText ?? firstText);
  const stepBy = Number(step ?? 1);
  if (!(first >= min && last <= max && first <= last && stepBy >= 1)) return undefined;
  return Array.from({ length: Math.floor((last - first) / stepBy) + 1 }, (_, index) => first + index * stepBy);
}

type IsDay = Cron['isDay'];

function readDayOfMonth(field: string): IsDay | undefined {
  if (field === 'L') return ({ year, month, day }) => day === daysIn(year, month);
  if (field === 'LW') return (day) => day.day === nearestWeekday(day, daysIn(day.year, day.month));
  const [, nearest] = /^(\d{1,2})W$/.exec(field) ?? [];
  if (nearest !== undefined) return (day) => day.day === nearestWeekday(day, Number(nearest));
  const days = numbersOf(field, 1, 31);
  return days && (({ day }) => days.includes(day));
}

function readDayOfWeek(field: string): IsDay | undefined {
  if (field === 'L') return (day) => weekdayOf(day) === 7;
  const [, last] = /^(.+)L$/.exec(field) ?? [];
  const [, nth, count] = /^(.+)#([1-5])$/.exec(field) ?? [];
  const weekdays = numbersOf(last ?? nth ?? field, 1, 7, WEEKDAYS);
  if (weekdays === undefined) return undefined;
  return (day) => {
    if (!weekdays.includes(weekdayOf(day))) return false;
    if (last !== undefined) return day.day + 7 > daysIn(day.year, day.month);
    return count === undefined || Math.ceil(day.day / 7) === Number(count);
  };
}

/** Sunday is 1. */
function weekdayOf({ year, month, day }: Day): number {
  return new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 1;
}

function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** The weekday nearest to a day without leaving its month. */
function nearestWeekday({ year, month }: Day, wanted: number): number {
  const last = daysIn(year, month);
  const day = Math.min(wanted, last);
  const weekday = weekdayOf({ year, month, day });
  if (weekday === 7) return day > 1 ? day - 1 : day + 2;
  if (weekday === 1) return day < last ? day + 1 : day - 2;
  return day;
}
