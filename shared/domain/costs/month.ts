/** Calendar months in UTC, as AWS bills them: `2026-11`. */
import { elapsedMs } from '../instants';

const HOUR_MS = 3_600_000;

/** The month of an instant. */
export const monthOf = (instant: string): string => instant.slice(0, 7);

/** Its first instant. */
export const startOf = (month: string): string => `${month}-01T00:00:00.000Z`;

/** The first instant that is no longer in it. */
export const endOf = (month: string): string => startOf(nextMonth(month));

/** The month after it. */
export function nextMonth(month: string): string {
  const [year = 0, number = 0] = month.split('-').map(Number);
  return number === 12 ? `${year + 1}-01` : `${month.slice(0, 4)}-${String(number + 1).padStart(2, '0')}`;
}

/** Hours that were begun between two instants; 0 where the second is not later. */
export const hoursBegun = (from: string, to: string): number => Math.max(0, Math.ceil(elapsedMs(from, to) / HOUR_MS));

/** Hours of a month: 672 to 744. */
export const hoursIn = (month: string): number => hoursBegun(startOf(month), endOf(month));
