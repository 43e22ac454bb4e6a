/** What on-call is told of a drill that failed. */
import type { EarlyWarning } from '../availability/warnings/early-warning';
import { type Drill, figuresOf } from './drill';

/** The id of the warning about a drill: there is one at the most. */
export const warningIdOf = (drillId: string): string => `drill-failed/${drillId}`;

/** The warning about a drill that is over and failed, due at once. */
export const warningOf = (drill: Drill, at: string): EarlyWarning => ({
  warningId: warningIdOf(drill.drillId),
  kind: 'drill-failed',
  kmsKeyArn: drill.kmsKeyArn,
  says: `Drill ${drill.drillId} (${drill.cause}) missed: ${(drill.missed ?? []).join(', ')}. ${figuresInWords(drill)}`,
  at,
  dueAt: at,
  revision: 0,
});

function figuresInWords(drill: Drill): string {
  const figures = Object.entries(figuresOf(drill)).map(([name, ms]) => `${name.replace(/Ms$/, '')} ${ms / 1000} s`);
  return figures.length === 0 ? 'Nothing was measured.' : `Measured: ${figures.join(', ')}.`;
}
