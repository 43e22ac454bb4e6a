/** Instants for somebody who has just woken up: UTC, and the clock on their wall. */
import { utc } from '../../instants';

/** Making a clock costs a hundred times what reading it does. There are as many as time zones. */
const clocks = new Map<string, Intl.DateTimeFormat>();

/**
 * Writes instants for readers of a time zone: `2026-11-24 23:30:03 UTC (2026-11-25 00:30 Europe/Berlin)`. Never throws: of an instant or a
 * time zone that is none the text is written, since a page waits for it.
 *
 * @param timeZone A name of the IANA time zone database.
 */
export const localTime =
  (timeZone: string) =>
  (instant: string): string =>
    timeZone === 'UTC' ? utc(instant) : `${utc(instant)} (${wallClock(timeZone, instant)} ${timeZone})`;

function wallClock(timeZone: string, instant: string): string {
  try {
    return onTheWall(timeZone, instant);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return 'not known in';
  }
}

/** The day is said where it is another one. */
function onTheWall(timeZone: string, instant: string): string {
  const text = clockOf(timeZone).format(Date.parse(instant)).replace(', ', ' ');
  return text.startsWith(instant.slice(0, 10)) ? text.slice(11) : text;
}

function clockOf(timeZone: string): Intl.DateTimeFormat {
  const known = clocks.get(timeZone);
  if (known) return known;
  // Of Swedish dates the order is that of ISO 8601.
  const clock = new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    dateStyle: 'short',
    timeStyle: 'short',
  });
  clocks.set(timeZone, clock);
  return clock;
}
