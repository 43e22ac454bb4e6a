/** Instants among the options of a command. */
import { InvalidArgumentError } from 'commander';

/** `2026-11-01`, which is its beginning in UTC, or an instant. */
export function instantOf(text: string): string {
  const instant = new Date(/^\d{4}-\d\d-\d\d(T.+Z)?$/.test(text) ? text : Number.NaN);
  if (!Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(text.slice(0, 10)))
    return instant.toISOString();
  throw new InvalidArgumentError('It must be a day, 2026-11-01, or an instant, 2026-11-01T12:00:00Z.');
}
