/** Arithmetic on instants: UTC with milliseconds, as text. */
export const DAY_MS = 86_400_000;
export const MINUTE_MS = 60_000;

/** The instant so many milliseconds later, or earlier with a minus. */
export const later = (instant: string, ms: number): string => new Date(Date.parse(instant) + ms).toISOString();

/** Milliseconds from one instant to another. */
export const elapsedMs = (from: string, to: string): number => Date.parse(to) - Date.parse(from);

/** `2026-11-24T02:14:03.000Z` -> `2026-11-24 02:14:03 UTC`: for people. */
export const utc = (instant: string): string => `${instant.slice(0, 10)} ${instant.slice(11, 19)} UTC`;

/** An event's time, as far as it can be: what is dated into the future, or on a day that no month has, happened by now. */
export const atMost = (instant: string, now: string): string => (instant < now && isDay(instant) ? instant : now);

/** Not so `2026-02-30`, which Date counts on to the 2nd of March. */
function isDay(instant: string): boolean {
  const ms = Date.parse(instant);
  return !Number.isNaN(ms) && new Date(ms).toISOString() === instant;
}

/** Earlier than every other instant. */
export const FIRST = '1970-01-01T00:00:00.000Z';

/** Later than every other instant. */
export const NEVER = '9999-12-31T23:59:59.999Z';
